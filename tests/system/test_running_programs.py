"""``verify --running`` in Debians booted for it: what real processes have, who set it, and no false alarm.

About a minute for both releases. Containers (podman, Debian 13) are among it; docker's daemon and flatpak are not here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import booted
import debian_root
import pytest
import reach_roots
from booted import Booted
from debian_machine import CHECKOUT, Machine

pytestmark = pytest.mark.system

KEY = "HSA_OVERRIDE_GFX_VERSION"
PROGRAM = ("env", f"PYTHONPATH={CHECKOUT}/installer", "python3", "-m", "rdna_installer")
GIVEN = ("--gfx", "gfx1031", "--python", "/home/sam/venv")
SCRIPT = Path(__file__).with_name("gpu_programs.sh")

# The last word of the command -> the verdict on KEY (None: nothing is said of it) and what its origin names.
SCENARIOS = {
    "stale-tmux": ("stale", "tmux: server"),
    "before-hook": ("stale", "our hook"),
    "hooked": ("ok", "our hook"),
    "activated": ("ok", "our hook"),
    "mapped": ("ok", "our hook"),
    "empty-inherited": ("ok", "our hook"),
    "healthy-unit": ("ok", "our hook"),
    "user-service": ("ok", "our hook"),
    "hook-off": ("missing", "RDNA_HOOK=0"),
    "no-site": ("missing", "python -S"),
    "overwritten": ("not readable", ""),
    "by-program": ("WRONG", "set by the program or its launcher, python (pid "),
    "by-script": ("WRONG", "/home/sam/start.sh:2"),
    "gpu-userns": ("WRONG", "another namespace"),
    "gpu-of-zoe": ("WRONG", "~zoe/.profile:"),
    "gpu-wrong-unit": ("WRONG", "/etc/systemd/system/wrong.service:2"),
    "gpu-stale-unit": ("stale", "/etc/systemd/system/stale.service:2"),
    "gpu-unread-unit": ("stale", "/etc/systemd/system/unread.service:2"),
    "gpu-stale-file": ("stale", "/etc/default/envfile:1"),
    "gpu-dropped-in": ("stale", "/etc/systemd/system/dropped.service.d/60-new.conf:2"),
    "gpu-launched": ("WRONG", "/usr/local/bin/launch:2"),
    "gpu-transient": ("WRONG", "/run/systemd/transient/transient.service:"),
    "gpu-user-wrong": ("WRONG", ".config/systemd/user/mine.service:2"),
    "gpu-imported": ("WRONG", "the manager of sam's services"),
    "gpu-graphics": (None, ""),
    "ollama.service": ("missing", "nothing that reaches it sets it"),
}
# The same in containers, of sam (rootless) and of root; then what is said of the device.
CONTAINERS = {
    "gpu-{}-image": ("WRONG", "ENV of the image localhost/t:1"),
    "gpu-{}-command": ("WRONG", "the command that created the container"),
    "gpu-{}-empty": ("empty", "the command that created the container"),
}
HEALTHY = ("hooked", "activated", "empty-inherited", "healthy-unit", "gpu-graphics")


@dataclass(frozen=True)
class Seen:
    """A machine with all of it running, and what was said."""

    release: str
    machine: Booted
    code: int
    report: dict[str, Any]
    text: str

    def row(self, name: str) -> dict[str, Any]:
        (row,) = [r for r in self.report["running"] if name in (*r["command"].split(), r["unit"], r["container"])]
        return row

    def about(self, name: str, what: str) -> dict[str, Any] | None:
        return next((check for check in self.row(name)["checks"] if check["id"] == what), None)


def verify(machine: Booted, *words: str) -> tuple[int, str]:
    done = machine.run(*PROGRAM, "verify", "--running", *GIVEN, *words)
    assert "Traceback" not in done.stderr and done.returncode in (0, 4), done.stdout + done.stderr
    return done.returncode, done.stdout


@pytest.fixture(scope="module", params=reach_roots.TRIED)
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    if why := debian_root.missing() or booted.missing():
        pytest.skip(why)
    with debian_root.scratch_root(reach_roots.RELEASES[request.param]) as root:
        machine = Machine(root)
        script = machine.path("/srv/programs")
        script.write_bytes(SCRIPT.read_bytes())
        with booted.boot(machine, target="multi-user.target") as running:
            running.must("bash", "/srv/programs", "people")
            running.must("bash", "/srv/programs", "before")
            running.must(*PROGRAM, "apply", "--yes", *GIVEN, "--set", "HSA_USE_SVM=0")
            running.must("bash", "/srv/programs", "after")
            if request.param == "trixie":
                running.must("bash", "/srv/programs", "containers")
            running.must("bash", "/srv/programs", "last")
            code, text = verify(running, "--json")
            yield Seen(request.param, running, code, json.loads(text), verify(running)[1])


@pytest.mark.parametrize("name", SCENARIOS)
def test_verdict_and_origin(seen: Seen, name: str) -> None:
    verdict, origin = SCENARIOS[name]
    found = seen.about(name, KEY)
    if verdict is None:
        assert found is None
        return
    assert found is not None
    assert (found["verdict"], origin in (found["source"] or "")) == (verdict, True), found


@pytest.mark.parametrize("name", HEALTHY)
def test_no_false_alarm(seen: Seen, name: str) -> None:
    assert {check["status"] for check in seen.row(name)["checks"]} <= {"ok"}


@pytest.mark.parametrize("who", ["sam", "root"])
@pytest.mark.parametrize("name", CONTAINERS)
def test_in_a_container(seen: Seen, name: str, who: str) -> None:
    if "podman" not in reach_roots.RELEASES[seen.release].packages:
        pytest.skip("Debian 12 has podman 4.3, whose quadlets have no drop-ins: not tried there")
    verdict, origin = CONTAINERS[name]
    found = seen.about(name.format(who), KEY)
    assert found is not None
    assert (found["verdict"], origin in found["source"]) == (verdict, True), found


def test_a_quadlet_and_the_device_in_containers(seen: Seen) -> None:
    if seen.release != "trixie":
        pytest.skip("no podman in this root")
    found = seen.about("gpu-quadlet", KEY)
    assert found is not None
    assert (found["verdict"], found["source"]) == ("WRONG", "/etc/containers/systemd/quad.container:7")
    for name, way in (
        ("sam-closed", "keep-groups"),
        ("sam-without", "--device /dev/kfd"),
        ("root-without", "--device"),
    ):
        access = seen.about(name, "/dev/kfd")
        assert access is not None, name
        assert way in access["hint"], access
    assert seen.about("root-closed", "/dev/kfd") is None


def test_who_cannot_open_the_device_and_what_helps(seen: Seen) -> None:
    access = seen.about("closed.service", "/dev/kfd")
    assert access is not None
    assert (access["status"], access["hint"]) == (
        "failed",
        "below [Service] write SupplementaryGroups=render: sudo systemctl edit closed.service",
    )
    managers = {check["id"]: check for check in seen.report["checks"] if check["id"].startswith("running:manager")}
    assert set(managers) == {"running:manager:zoe"}  # sam was in the group when his began


def test_what_does_not_run_is_tried_with_the_rights_it_would_have(seen: Seen) -> None:
    tried = {c["id"]: c for c in seen.report["checks"] if c["id"].startswith("idle:")}
    edit = "below [Service] write {1}: sudo systemctl edit idle-{0}.service"
    wanted = {
        "idle:idle-sam.service": None,
        "idle:idle-dan.service": edit.format("dan", "SupplementaryGroups=render"),
        "idle:idle-dynamic.service": edit.format("dynamic", "SupplementaryGroups=render"),
        "idle:idle-private.service": edit.format("private", "PrivateDevices=no"),
        "idle:sam's own programs and Jupyter kernels": None,
    }
    if seen.release == "trixie":
        wanted |= {"idle:later-open.service": None, "idle:later-closed.service": "--group-add keep-groups"}
        source = "/home/sam/.config/containers/systemd/later-closed.container"
        assert tried["idle:later-closed.service"]["source"] == source
    assert tried.keys() == wanted.keys()
    for name, hint in wanted.items():
        assert (tried[name]["status"], (hint or "") in (tried[name]["hint"] or "")) == (
            "failed" if hint else "ok",
            True,
        )
    assert "not checked  idle-" not in seen.text and "idle-dan.service, which does not run now" in seen.text


def test_two_users(seen: Seen) -> None:
    assert (seen.row("gpu-of-zoe")["user"], seen.row("hooked")["user"]) == ("zoe", "sam")
    assert [check for check in seen.row("hooked")["checks"] if "zoe" in (check["source"] or "")] == []


def test_a_reload_that_is_needed_is_named(seen: Seen) -> None:
    note = seen.about("gpu-unread-unit", "note")
    assert note is not None
    assert "NeedDaemonReload" in note["hint"]
    assert seen.about("gpu-stale-unit", "note") is None


def test_people_read_the_same(seen: Seen) -> None:
    assert seen.code == 4
    for words in ("WRONG        HSA_OVERRIDE_GFX_VERSION", "stale        HSA_OVERRIDE", "not readable HSA_OVERRIDE"):
        assert words in seen.text, words


def test_without_root_what_cannot_be_seen_is_unknown(seen: Seen) -> None:
    command = f"PYTHONPATH={CHECKOUT}/installer python3 -m rdna_installer verify --running --json {' '.join(GIVEN)}"
    report = json.loads(seen.machine.run("su", "-", "sam", "-c", command).stdout)
    rows = {row["command"].split()[-1]: row for row in report["running"]}
    assert rows["hooked"]["checks"][0]["verdict"] == "ok"
    assert "gpu-of-zoe" not in {row["command"].split()[0] for row in report["running"]}
    others = next(check for check in report["checks"] if check["id"] == "running:others")
    assert (others["status"], others["hint"]) == ("unknown", "run it with sudo: only root can see this")
    closed = next(row for row in report["running"] if row["unit"] == "closed.service")
    assert {check["status"] for check in closed["checks"]} == {"unknown"}


def test_nothing_of_others_is_left_for_everybody(seen: Seen) -> None:
    """Root's last result is open to all: what is in others' environments is not in it."""
    left = json.loads(seen.machine.must("cat", "/run/rdna-installer/verify.json"))
    assert "running" not in left["report"]
