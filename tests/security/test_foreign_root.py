"""Another root (``--root``): reading runs nothing of it, and a rebuild runs only what is root's alone there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import commands
import pytest
import standin_tool

from rdna_installer.change import activation
from rdna_installer.cli.app import main
from rdna_installer.detect.initramfs import DECOMPRESSORS, amdgpu_inside
from rdna_installer.machine import process
from rdna_installer.machine.process import find
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.machine.whose import not_roots

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: nobody can be made to run anything as root"),
]
EVE = 61234
INITRD = f"boot/initrd.img-{commands.RELEASE}"
TOOLS = ("modprobe", "modinfo", "zstd", "xz", "gzip", "lsinitrd", "mkinitramfs", "update-initramfs", "depmod", "dkms")
PLAN = ("--profile", "layered", "--layer", "kernel", "--trial", "off")
Run = Callable[..., int]


def with_shell(root: Path) -> None:
    """What a chroot needs to run a script: dash and its libraries."""
    listed = subprocess.run(["ldd", "/bin/dash"], capture_output=True, text=True, check=True).stdout
    libraries = [word for word in listed.split() if word.startswith("/")]
    for file in ("/bin/dash", *libraries):
        (root / file[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.realpath(file), root / file[1:])
    (root / "bin/sh").symlink_to("dash")


@pytest.fixture
def image() -> Iterator[Path]:
    """A machine at rest whose every program leaves a mark when it is run."""
    folder = Path(tempfile.mkdtemp(prefix="rdna-image-"))
    root = folder / "root"
    commands.prepare()
    commands.seed(root)
    with_shell(root)
    (root / commands.IMAGE).unlink()
    (root / INITRD).write_bytes(standin_tool.build(root))
    (root / "usr/sbin").mkdir(parents=True, exist_ok=True)
    for tool in TOOLS:
        (root / "usr/sbin" / tool).write_text(f"#!/bin/sh\necho {tool} >>/mark\n")
        (root / "usr/sbin" / tool).chmod(0o755)
    (root / "etc/modprobe.d/theirs.conf").write_text("options amdgpu dc=1\n")
    try:
        yield root
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def run(image: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HSA_OVERRIDE_GFX_VERSION"):
        monkeypatch.delenv(name, raising=False)
    return lambda *argv: main([*argv, "--root", str(image)])


def give_away(top: Path) -> None:
    for path in (top, *top.rglob("*")):
        os.chown(path, EVE, EVE, follow_symlinks=False)


def ran(root: Path) -> list[str]:
    mark = root / "mark"
    return mark.read_text().split() if mark.exists() else []


@pytest.mark.parametrize(
    "argv",
    [
        ("detect",), ("plan", *PLAN), ("apply", "-n", *PLAN), ("verify",), ("status",), ("history",), ("advise",),
        ("uninstall", "-n"), ("explain", "noretry"), ("env",), ("cache", "clear", "-n"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("owner", ["eve", "root"])
def test_reading_runs_nothing_of_the_root(image: Path, run: Run, argv: tuple[str, ...], owner: str) -> None:
    # A module that our modinfo cannot read must not make us ask theirs.
    for module in image.glob("lib/modules/*/kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko"):
        module.write_bytes(b"no module")
    if owner == "eve":
        give_away(image)
    assert run(*argv) in (0, 3, 4)
    assert ran(image) == []


def test_the_mark_is_left_by_whoever_runs_it(image: Path) -> None:
    subprocess.run(["chroot", image, "modprobe", "-c"], check=True)
    assert ran(image) == ["modprobe"]


def without_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of ours that has no filter at all."""
    monkeypatch.setattr(process, "find", lambda tool, root=None: find(tool, root) if root else None)


@pytest.mark.parametrize("magic", DECOMPRESSORS)
def test_no_filter_of_the_root_reads_its_image(image: Path, magic: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    without_filters(monkeypatch)
    tool = DECOMPRESSORS[magic][0]
    (image / "usr/sbin" / tool).write_text(f"#!/bin/sh\necho {tool} >>/mark\n")
    (image / "usr/sbin" / tool).chmod(0o755)
    (image / "boot/packed").write_bytes(magic + b"x" * 200)
    assert amdgpu_inside(Sysroot(image), "/boot/packed") is None
    assert ran(image) == []


def test_detect_says_that_an_image_could_not_be_read(image: Path, run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    (image / INITRD).write_bytes(b"\x89LZO" + b"x" * 200)
    assert run("detect") == 0
    assert "whether amdgpu is in it could not be read" in capfd.readouterr().out


def test_the_crosscheck_says_that_nobody_was_asked(image: Path, run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    (image / "etc/modprobe.d/theirs.conf").write_text("options amdgpu noretry=0\n")
    run("plan", *PLAN, "--json")
    assert any("nothing of another root is run" in text for text in json.loads(capfd.readouterr().out)["warnings"])


WRITING = [("apply", "--yes", *PLAN), ("plan", *PLAN), ("apply", "-n", *PLAN)]
SPOILT = ["usr/sbin/update-initramfs", "usr/sbin", "usr", "bin/dash", "bin", "usr/share/initramfs-tools/hooks/x", "."]


def whole_tool(image: Path) -> None:
    hook = image / "usr/share/initramfs-tools/hooks/x"
    hook.parent.mkdir(parents=True)
    hook.write_text("#!/bin/sh\n")


@pytest.mark.parametrize("argv", WRITING)
@pytest.mark.parametrize("spoilt", SPOILT)
@pytest.mark.parametrize("way", ["owner", "group", "others"])
def test_a_rebuild_wants_programs_that_are_roots_alone(
    image: Path, run: Run, capfd: pytest.CaptureFixture[str], argv: tuple[str, ...], spoilt: str, way: str
) -> None:
    whole_tool(image)
    before = sorted(image.rglob("*"))
    if way == "owner":
        os.chown(image / spoilt, EVE, 0)
    else:
        (image / spoilt).chmod((image / spoilt).stat().st_mode | (0o020 if way == "group" else 0o002))
    assert run(*argv) == 3
    said = " ".join(capfd.readouterr().err.split())
    assert "[root-not-trusted]" in said and "use --no-initramfs" in said, said
    assert ran(image) == [] and sorted(image.rglob("*")) == before


def test_without_the_rebuild_it_may_be_anybodys(image: Path, run: Run) -> None:
    give_away(image / "usr")
    assert run("apply", "--yes", "--no-initramfs", *PLAN) == 0
    assert ran(image) == [] and (image / "etc/modprobe.d/rdna-installer.conf").exists()


def test_the_plan_names_what_will_run_as_root(image: Path, run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("plan", *PLAN, "--json") == 0
    (step,) = json.loads(capfd.readouterr().out)["steps"]
    assert step["programs"] == ["/usr/sbin/update-initramfs", "/bin/sh", "/usr/sbin/mkinitramfs"]
    assert run("plan", *PLAN) == 0
    said = " ".join(capfd.readouterr().out.split())
    assert f"runs as root, from {image}: /usr/sbin/update-initramfs, /bin/sh, /usr/sbin/mkinitramfs" in said


@pytest.mark.parametrize("argv", [("rollback", "--yes"), ("uninstall", "--yes"), ("uninstall", "-n")])
def test_going_back_wants_the_same(
    image: Path, run: Run, capfd: pytest.CaptureFixture[str], argv: tuple[str, ...]
) -> None:
    assert run("apply", "--yes", "--no-initramfs", *PLAN) == 0
    give_away(image / "usr")
    assert run(*argv) == 3
    assert "[root-not-trusted]" in capfd.readouterr().err and ran(image) == []
    assert (image / "etc/modprobe.d/rdna-installer.conf").exists()
    assert run(*argv, "--no-initramfs") == 0 and ran(image) == []


@pytest.mark.parametrize("argv", [("recover",), ("apply", "--yes", *PLAN), ("rollback", "--yes")])
def test_what_an_interrupted_run_left_to_rebuild(
    image: Path, run: Run, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    monkeypatch.setattr(activation, "_require_devices", lambda root: None)
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(activation, "run", lambda *args, **more: os._exit(77))
        run("apply", "--yes", *PLAN)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 77
    give_away(image / "usr")
    left = sorted(image.rglob("*"))
    capfd.readouterr()
    assert run(*argv) == 3
    said = " ".join(capfd.readouterr().err.split())
    assert "[root-not-trusted]" in said and "use --no-initramfs" in said, said
    assert ran(image) == [] and sorted(image.rglob("*")) == left
    assert run(*argv, "--no-initramfs") == 0 and ran(image) == []
    assert "not done (--no-initramfs), so do it yourself: rebuild 1 initramfs image" in capfd.readouterr().err
    assert run("recover") == 0 and "nothing to recover" in capfd.readouterr().out


def test_a_sticky_folder_is_no_way_in_and_any_other_is(tmp_path: Path) -> None:
    place = tmp_path / "shared" / "tree"
    place.mkdir(parents=True)
    (place / "tool").write_text("")
    (place.parent).chmod(0o1777)
    assert not_roots(Sysroot(place), "/tool") is None
    (place.parent).chmod(0o777)
    assert "can be written by others" in (not_roots(Sysroot(place), "/tool") or "")
    (place.parent).chmod(0o1777)
    os.chown(place, EVE, EVE)
    assert f"belongs to uid {EVE}" in (not_roots(Sysroot(place), "/tool") or "")


def test_a_link_through_somebodys_folder_is_seen(tmp_path: Path) -> None:
    for folder in ("root/bin", "root/eve", "root/real"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "root/real/tool").write_text("")
    (tmp_path / "root/eve/hop").symlink_to("/real")
    (tmp_path / "root/bin/tool").symlink_to("/eve/hop/tool")
    os.chown(tmp_path / "root/eve", EVE, EVE)
    assert not_roots(Sysroot(tmp_path / "root"), "/real/tool") is None
    assert "root/eve belongs to" in (not_roots(Sysroot(tmp_path / "root"), "/bin/tool") or "")
