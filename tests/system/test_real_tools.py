"""What the programs that read or write such files make of them: both composes, direnv, flatpak, docker's daemon.

Of the compose projects the short run tries every third (tests/effort.py).
"""

from __future__ import annotations

import http.client
import io
import itertools
import json
import os
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import debian_root
import pytest
from effort import spread

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit/detect"))

from place_samples import KEY, SPELLINGS
from place_samples_fourth import FOURTH
from place_samples_fresh import FIRST, SECOND, THIRD

from rdna_installer.detect.dotfiles import scan
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User
from rdna_installer.plan.render import snippet

pytestmark = pytest.mark.system

PACKAGES = ("flatpak", "docker-compose", "podman-compose", "docker.io", "iptables", "conmon", "direnv")
TOOLS = debian_root.Recipe((*PACKAGES, *debian_root.PYTHON), "trixie")
DOCKERD = "mount -t tmpfs run /run; exec dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs"
SAM = User(os.geteuid(), os.getegid(), "sam", PurePosixPath("/home/sam"), "/bin/bash", frozenset())
SAMPLES = {name: files for rows in (SPELLINGS, FIRST, SECOND, THIRD, FOURTH) for name, (files, _) in rows.items()}
PROJECTS = [
    name
    for name, files in SAMPLES.items()
    if any("compose" in path.rpartition("/")[2] and "services" in text for path, text in files.items())
    and not {"compose-named-file", "no-compose-profile-example"} & {name}  # named with -f, or by nobody
]


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    if why := debian_root.missing():
        pytest.skip(why)
    if not (debian_root.is_built(TOOLS) or os.environ.get("RDNA_TEST_LONG")):
        pytest.skip("building this root takes minutes: RDNA_TEST_LONG=1 tries it")
    with debian_root.scratch_root(TOOLS) as made:
        yield made


def put(root: Path, home: str, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = root / path.replace("~", home).lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("K", KEY))


def ours(root: Path, home: str) -> list[tuple[str, str | None]]:
    user = User(SAM.uid, SAM.gid, "sam", PurePosixPath(home), SAM.shell, SAM.groups)
    return [(f.where, f.assignment.value) for f in scan(Sysroot(root), user, (), (KEY,)).found]


def folder_of(name: str) -> str:
    return next(path for path in SAMPLES[name] if "compose" in path.rpartition("/")[2]).rpartition("/")[0]


@pytest.mark.parametrize("name", spread(PROJECTS, 3))
def test_docker_compose_gives_what_we_say(root: Path, name: str) -> None:
    home = f"/home/{name}"
    put(root, home, SAMPLES[name])
    folder = folder_of(name)
    where = folder.replace("~", home)
    command = f"cd {where} && docker-compose config --no-consistency --format json 2>&1 || true"
    said = debian_root.in_root(root, "sh", "-c", command)
    if "{" not in said:
        pytest.skip(f"docker-compose refuses it: {said.strip()}")
    told = json.loads(said[said.index("{") :])
    services = told["services"] or {}
    given = {env[KEY] for service in services.values() if (env := service.get("environment") or {}).get(KEY)}
    below = ("~/", f"{folder}/")
    assert {value for place, value in ours(root, home) if value and place.startswith(below)} == given


def test_docker_compose_reads_our_text(root: Path) -> None:
    """What ``env --for compose`` prints, with the service's name and image filled in: compose 2 of Debian 13."""
    text = snippet("compose", [(KEY, "10.3.0"), ("HSA_XNACK", "0")], (44, 105))
    (root / "home/ours").mkdir()
    (root / "home/ours/compose.yaml").write_text(text.replace("  SERVICE:\n", "  one:\n    image: x\n"))
    service = json.loads(debian_root.in_root(root, "sh", "-c", "cd /home/ours && docker-compose config --format json"))
    one = service["services"]["one"]
    assert one["environment"] == {KEY: "10.3.0", "HSA_XNACK": "0"} and one["group_add"] == ["44", "105"]
    assert {"/dev/kfd", "/dev/dri"} == {each["source"] for each in one["devices"]}


# In the place of podman: it notes what it was to make containers with.
PODMAN = f"""#!/bin/sh
case $* in *version*) echo podman version 5.4.2 ;; esac
[ "$1" = create ] && printf '%s\\001' "$@" "{KEY}=${KEY}" >>/tmp/podman.args && echo >>/tmp/podman.args
exit 0
"""


# Where it is not docker's: it leaves what follows a dash alone as it is, looks up in .env no name that is passed on,
# and of two main files it reads both. Of the two composes docker's wrote the specification.
ITS_OWN = {"compose-default", "compose-pass-through", "compose-mapping-null", "no-compose-other-file"}


@pytest.mark.parametrize("name", spread(PROJECTS, 3, 1))
def test_podman_compose_gives_what_we_say(root: Path, name: str) -> None:
    """1.3.0 of Debian 13, with a podman that only notes its words."""
    home, program = f"/home/podman-{name}", root / "usr/bin/podman"
    program.write_text(PODMAN)
    program.chmod(0o755)
    put(root, home, SAMPLES[name])
    where = folder_of(name).replace("~", home)
    said = debian_root.in_root(
        root, "sh", "-c", f"rm -f /tmp/podman.args; cd {where} && podman-compose up --no-start 2>&1 || true"
    )
    args = root / "tmp/podman.args"
    if "Traceback" in said or not args.exists():
        pytest.skip(f"podman-compose refuses it: {said.strip()[-200:]}")
    given = set()
    for *words, own in (line.split("\1")[:-1] for line in args.read_text().splitlines()):
        sets = [word for flag, word in itertools.pairwise(words) if flag == "-e" and word.partition("=")[0] == KEY]
        last = (sets[-1] if sets else "").partition("=")
        given |= {(last[2] if last[1] else own.partition("=")[2])} if sets else set()
    below = ("~/", f"{folder_of(name)}/")
    mine = {value for place, value in ours(root, home) if value and place.startswith(below)}
    assert (mine == given - {""}) == (name not in ITS_OWN), (mine, given)


@pytest.mark.parametrize("name", ["direnv", "direnv-dotenv"])
def test_direnv_gives_what_we_say(root: Path, name: str) -> None:
    home = f"/home/{name}"
    put(root, home, {**SAMPLES[name], "~/ComfyUI/venv/bin/activate": "\n"})
    lines = f"export HOME={home}; cd {home}/ComfyUI && sed -i /layout/d .envrc && direnv allow && direnv export json"
    assert json.loads(debian_root.in_root(root, "sh", "-c", lines))[KEY] == "10.3.0"
    assert [value for place, value in ours(root, home) if place.startswith("~/")] == ["10.3.0"]


def test_flatpak_writes_what_we_read(root: Path) -> None:
    home = "/home/flat"
    (root / "home/flat").mkdir()
    for words in (
        f"--user --env={KEY}=10.3.0 --device=all com.jeffser.Alpaca",
        f"--user --env={KEY}=9.0.0 org.blender.Blender",
        f"--user --unset-env={KEY} org.blender.Blender",
        f"--system --env={KEY}=11.0.0",
    ):
        debian_root.in_root(root, "sh", "-c", f"HOME={home} flatpak override {words}")
    shown = debian_root.in_root(root, "sh", "-c", f"HOME={home} flatpak override --user --show com.jeffser.Alpaca")
    assert f"{KEY}=10.3.0" in shown
    written = (root / "home/flat/.local/share/flatpak/overrides/org.blender.Blender").read_text()
    assert f"unset-environment={KEY}" in written
    found = {place.rpartition(":")[0]: value for place, value in ours(root, home) if "flatpak" in place}
    assert {place: value for place, value in found.items() if value is not None} == {
        "/var/lib/flatpak/overrides/global": "11.0.0",
        "~/.local/share/flatpak/overrides/com.jeffser.Alpaca": "10.3.0",
    }


class Docker(http.client.HTTPConnection):
    """Its daemon's interface, by the socket below a root."""

    def __init__(self, path: Path) -> None:
        super().__init__("docker")
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))

    def post(self, url: str, body: bytes, kind: str) -> None:
        self.request("POST", url, body, {"Content-Type": kind})
        answer = self.getresponse()
        said = answer.read()
        assert answer.status < 300, said


@pytest.mark.processes
def test_a_real_docker_daemon_keeps_what_we_read(root: Path) -> None:
    """An image with ENV, and containers that were made from it: as docker.io 26 (vfs) writes them."""
    program = io.BytesIO()
    with tarfile.open(fileobj=program, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("bin"))
    daemon = subprocess.Popen(
        ["chroot", str(root), "sh", "-c", DOCKERD], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        docker, end = Docker(root / "run/docker.sock"), time.monotonic() + 60
        while not docker.path.exists():
            assert time.monotonic() < end and daemon.poll() is None, "dockerd does not start here"
            time.sleep(0.1)
        change = f"ENV%20{KEY}%3D10.3.0"
        docker.post(f"/images/create?fromSrc=-&repo=t&tag=1&changes={change}", program.getvalue(), "application/x-tar")
        made = {"Image": "t:1", "Cmd": ["x"], "Env": [f"{KEY}=11.0.0"], "HostConfig": {"NetworkMode": "none"}}
        docker.post("/containers/create?name=comfy", json.dumps(made).encode(), "application/json")
        docker.close()
    finally:
        daemon.terminate()
        daemon.wait(timeout=60)
        subprocess.run(["umount", "--lazy", str(root / "run")], check=True)
    kept = {place.split("/")[4]: value for place, value in ours(root, "/home/nobody") if "/lib/docker/" in place}
    assert kept == {"containers": "11.0.0", "image": "10.3.0"}
