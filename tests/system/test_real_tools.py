"""What the programs that read such files make of them, beside what we say: docker-compose, direnv, flatpak."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import debian_root
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit/detect"))

from place_samples import KEY, SPELLINGS
from place_samples_fresh import FIRST, SECOND

from rdna_installer.detect.dotfiles import scan
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User

pytestmark = pytest.mark.system

TOOLS = debian_root.Recipe(("flatpak", "docker-compose", "direnv", *debian_root.PYTHON), "trixie")
SAM = User(os.geteuid(), os.getegid(), "sam", PurePosixPath("/home/sam"), "/bin/bash", frozenset())
SAMPLES = {name: files for rows in (SPELLINGS, FIRST, SECOND) for name, (files, _) in rows.items()}
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


@pytest.mark.parametrize("name", PROJECTS)
def test_docker_compose_gives_what_we_say(root: Path, name: str) -> None:
    home = f"/home/{name}"
    put(root, home, SAMPLES[name])
    folder = next(path for path in SAMPLES[name] if "compose" in path.rpartition("/")[2]).rpartition("/")[0]
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
