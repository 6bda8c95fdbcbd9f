"""``env --for podman`` and ``quadlet``, carried out: what a container has then, of a user's podman and of root's.

In a booted Debian 13, with an image made of a tar. /dev/kfd is a node of /dev/null's numbers with the real mode and
group: whether it opens is real, what a GPU would answer is not. Two to four minutes: ``RDNA_TEST_LONG=1`` tries it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import booted
import debian_root
import pytest
import reach_roots
from booted import Booted
from debian_machine import CHECKOUT, Machine
from effort import LONG

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not LONG, reason="what containers get of the snippets was not tried: RDNA_TEST_LONG=1 tries it"),
]

PREPARE = "/srv/rdna-installer/tests/system/gpu_programs.sh"
PROGRAM = f"PYTHONPATH={CHECKOUT}/installer python3 -m rdna_installer"
WANTED = {"HSA_XNACK=0"}
SHOWS = "bash -c 'declare -x; : </dev/kfd && echo open'"
BOX = "--network none --cgroups=disabled"
USERS = {"sam": ("su", "-", "sam", "-c"), "root": ("bash", "-c")}
HOME = {"sam": "/home/sam/.config/containers/systemd", "root": "/etc/containers/systemd"}


@pytest.fixture(scope="module")
def up() -> Iterator[Booted]:
    if why := debian_root.missing() or booted.missing():
        pytest.skip(why)
    with debian_root.scratch_root(reach_roots.RELEASES["trixie"]) as root:
        machine = Machine(root)
        with booted.boot(machine, target="multi-user.target") as running:
            running.must("bash", PREPARE, "people")
            running.must("bash", PREPARE, "ready")
            for who in USERS:
                call(running, who, "podman import -q /tmp/image.tar localhost/t:1")
            yield running


def call(up: Booted, who: str, command: str) -> str:
    return up.must(*USERS[who], f"cd; export XDG_RUNTIME_DIR=/run/user/$(id -u); {command}")


def snippet(up: Booted, who: str, whom: str) -> str:
    return call(up, who, f"{PROGRAM} env --for {whom} --gfx gfx1031 --set HSA_XNACK=0 2>/dev/null")


def pairs(said: str) -> set[str]:
    return {line.removeprefix("declare -x ").replace('"', "") for line in said.splitlines()}


@pytest.mark.parametrize("who", USERS)
def test_podmans_line(up: Booted, who: str) -> None:
    text = snippet(up, who, "podman")
    line = text.replace("--name NAME IMAGE", f"--rm {BOX} localhost/t:1 {SHOWS}")
    if who == "root":
        line = line.replace("--group-add keep-groups ", "")
    Path(up.machine.path("/srv/line.sh")).write_text(line)
    has = pairs(call(up, who, "bash -e /srv/line.sh"))
    assert has >= WANTED and "open" in has
    if who == "sam":  # without the word the line is about, it does not open
        Path(up.machine.path("/srv/line.sh")).write_text(line.replace("--group-add keep-groups ", ""))
        assert "open" not in pairs(call(up, who, "bash /srv/line.sh || true"))


@pytest.mark.parametrize("who", USERS)
def test_a_quadlet_of_the_text(up: Booted, who: str) -> None:
    text = snippet(up, who, "quadlet")
    if who == "root":
        text = text.replace("GroupAdd=keep-groups\n", "")
    more = "Image=localhost/t:1\nContainerName=shown\nNetwork=none\nPodmanArgs=--cgroups=disabled\n"
    unit = text.replace("[Container]\n", f"[Container]\n{more}Exec=bash -c 'exec 9</dev/kfd; exec sleep 9999'\n")
    file = up.machine.path(f"{HOME[who]}/shown.container")
    call(up, who, f"mkdir -p {HOME[who]}")
    file.write_text(unit)
    manager = "systemctl" if who == "root" else "systemctl --user"
    call(up, who, f"{manager} daemon-reload && {manager} start shown")
    try:
        look = "tr '\\0' '\\n' </proc/$(podman inspect shown --format '{{.State.Pid}}')/environ"
        assert {*call(up, who, look).splitlines()} >= WANTED
        assert call(up, who, "podman exec shown bash -c ': </dev/kfd && echo open'").strip() == "open"
    finally:
        call(up, who, f"{manager} stop shown")
        file.unlink()
        call(up, who, f"{manager} daemon-reload")


@pytest.mark.parametrize("who", USERS)
def test_a_quadlets_drop_in_reaches_the_container(up: Booted, who: str) -> None:
    """Ours, by apply: the process that runs in the container has what verify says, and loses it with the rollback."""
    file = up.machine.path(f"{HOME[who]}/web.container")
    call(up, who, f"mkdir -p {HOME[who]}")
    file.write_text(
        "[Container]\nImage=localhost/t:1\nContainerName=web\nNetwork=none\nPodmanArgs=--cgroups=disabled\n"
        "Exec=sleep 9999\n[Service]\nRestart=no\n"
    )
    manager = "systemctl" if who == "root" else "systemctl --user"
    look = "tr '\\0' '\\n' </proc/$(podman inspect web --format '{{.State.Pid}}')/environ"
    call(up, who, f"{manager} daemon-reload && {manager} start web")
    wish = "--gfx gfx1031 --layer services --service web --set HSA_XNACK=0"
    said = call(up, who, f"{PROGRAM} apply --yes {wish} 2>&1")
    assert "restart pending, web.service" in said and not WANTED & {*call(up, who, look).splitlines()}
    assert "at restart" in call(up, who, f"{PROGRAM} verify --gfx gfx1031 || true")
    call(up, who, f"{manager} restart web")
    assert {*call(up, who, look).splitlines()} >= WANTED
    shown = call(up, who, f"{PROGRAM} verify --json --gfx gfx1031 || true")
    assert '"service:web.service"' in shown and "pending-restart" not in shown
    assert "restart pending" not in call(up, who, f"{PROGRAM} rollback --yes --restart web 2>&1")
    assert not WANTED & {*call(up, who, look).splitlines()}
    call(up, who, f"{manager} stop web")
    file.unlink()
    call(up, who, f"{manager} daemon-reload")
