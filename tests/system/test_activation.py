"""The kernel side on real systems: a Debian 12 root with kmod and initramfs-tools, and one with dracut."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from debian_root import DRACUT, INITRAMFS_TOOLS, in_root, missing, scratch_root

from rdna_installer.change.activation import activate
from rdna_installer.detect.initramfs import amdgpu_inside, find_initramfs, read_image
from rdna_installer.detect.kernels import find_kernels
from rdna_installer.detect.modprobe import parse_conf, scan_modprobe
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import InitramfsTool, Layer, ModprobeOption, Setting, Step, StepKind
from rdna_installer.plan.prove import prove

pytestmark = [pytest.mark.system, pytest.mark.host, pytest.mark.skipif(missing() is not None, reason=str(missing()))]

CONF = PurePosixPath("/etc/modprobe.d/rdna-installer.conf")
BYTES = b"# by the test\noptions amdgpu noretry=1 vm_fragment_size=9 vm_update_mode=0\n"


@pytest.fixture(scope="module")
def debian() -> Iterator[Path]:
    with scratch_root(INITRAMFS_TOOLS) as root:
        yield root


@pytest.fixture(scope="module")
def dracut_root() -> Iterator[Path]:
    with scratch_root(DRACUT) as root:
        yield root


def step_for(root: Sysroot) -> tuple[Step, PurePosixPath]:
    owner = find_initramfs(root, find_kernels(root))
    ((release, image),) = owner.images.items()
    return Step(StepKind.INITRAMFS, owner.tool, (release,), ""), image


def put(root: Path, content: bytes | None) -> None:
    path = root / str(CONF)[1:]
    if content is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(content)


def unpacked(root: Path, image: PurePosixPath) -> Path:
    """The image as initramfs-tools' own unmkinitramfs unpacks it."""
    folder = root / "tmp/unpacked"
    shutil.rmtree(folder, ignore_errors=True)
    in_root(root, "unmkinitramfs", str(image), "/tmp/unpacked")
    return folder / "main" if (folder / "main").is_dir() else folder


def test_our_bytes_get_into_the_image_and_out_again(debian: Path) -> None:
    root = Sysroot(debian)
    step, image = step_for(root)
    assert step.tool is InitramfsTool.INITRAMFS_TOOLS
    lines: list[str] = []
    put(debian, BYTES)
    activate(step, root, {CONF: BYTES}, lines.append)
    assert any("Generating" in line for line in lines)
    tree = unpacked(debian, image)
    assert (tree / str(CONF)[1:]).read_bytes() == BYTES
    assert str(CONF)[1:] in in_root(debian, "lsinitramfs", str(image)).splitlines()
    put(debian, None)
    activate(step, root, {CONF: None}, lines.append)
    assert str(CONF)[1:] not in in_root(debian, "lsinitramfs", str(image)).splitlines()


def test_our_reader_agrees_with_unmkinitramfs(debian: Path) -> None:
    root = Sysroot(debian)
    _, image = step_for(root)
    tree = unpacked(debian, image)
    files = {f"/{p.relative_to(tree)}": p for p in tree.rglob("*") if p.is_file() and not p.is_symlink()}
    # Of hard links (busybox's names) cpio gives the data to one only; nothing we look for is one.
    single = {name: path for name, path in files.items() if path.stat().st_nlink == 1}
    small = {name: path.read_bytes() for name, path in single.items() if path.stat().st_size < 1 << 20}
    assert len(small) > 300
    assert read_image(root, image, set(small)).files == small
    assert amdgpu_inside(root, image) is any(p.name.startswith("amdgpu.ko") for p in tree.rglob("*"))


def test_amdgpu_forced_into_the_image_is_seen(debian: Path) -> None:
    root = Sysroot(debian)
    step, image = step_for(root)
    assert amdgpu_inside(root, image) is False
    modules = debian / "etc/initramfs-tools/modules"
    before = modules.read_text()
    modules.write_text(before + "amdgpu\n")
    try:
        activate(step, root, {CONF: None}, lambda _: None)
        assert amdgpu_inside(root, image) is True
    finally:
        modules.write_text(before)


def test_a_disabled_update_initramfs_is_caught(debian: Path) -> None:
    """Says it is done, ends with 0, and has done nothing: only the proof notices."""
    root = Sysroot(debian)
    step, _ = step_for(root)
    switch = debian / "etc/initramfs-tools/update-initramfs.conf"
    before = switch.read_text()
    switch.write_text("update_initramfs=no\n")
    put(debian, BYTES)
    try:
        with pytest.raises(RdnaError) as err:
            activate(step, root, {CONF: BYTES}, lambda _: None)
        assert err.value.reference == "initramfs-unproved"
    finally:
        switch.write_text(before)
        put(debian, None)


def test_a_failing_hook_is_quoted(debian: Path) -> None:
    root = Sysroot(debian)
    step, _ = step_for(root)
    hook = debian / "etc/initramfs-tools/hooks/zz-broken"
    hook.write_text("#!/bin/sh\n[ \"$1\" = prereqs ] && exit 0\necho 'the hook is broken' >&2\nexit 3\n")
    hook.chmod(0o755)
    try:
        with pytest.raises(RdnaError) as err:
            activate(step, root, {CONF: None}, lambda _: None)
        assert err.value.reference == "initramfs-failed"
        assert "the hook is broken" in (err.value.hint or "")
    finally:
        hook.unlink()


def test_real_types_prove_and_refuse(debian: Path) -> None:
    (kernel,) = find_kernels(Sysroot(debian), with_modinfo=True)
    assert kernel.parameters is not None
    assert len(kernel.parameters["amdgpu"]) == 83 and kernel.parameters["ttm"]["pages_limit"] == "ulong"
    pairs = {"noretry": "1", "vm_fragment_size": "9", "gtt_size": "8192", "mtype_local": "1", "dc": "banana"}
    settings = [Setting(Layer.KERNEL, None, key, value, "r") for key, value in pairs.items()]
    assert [r.key for r in prove(settings, [kernel], None, {}).refused] == ["gtt_size", "mtype_local", "dc"]


def test_modprobe_in_the_root_merges_what_we_read(debian: Path) -> None:
    """Lines of other modules are left out: ``modprobe -c`` also merges this machine's own command line."""
    theirs = debian / "usr/lib/modprobe.d/zz-theirs.conf"
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.write_text('options amdgpu \\\n  noretry=0 dc="1"\n')
    put(debian, BYTES)
    try:
        shown = in_root(debian, "modprobe", "-c").splitlines()
        real = [o for line in shown if line.startswith("options amdgpu ") for o in parse_conf(line, "real")]
        ours = [o for o in scan_modprobe(Sysroot(debian))[0] if o.module == "amdgpu"]
        assert [(o.key, o.value) for o in real if isinstance(o, ModprobeOption)] == [(o.key, o.value) for o in ours]
        assert [o.source for o in ours if o.key == "noretry"] == [f"{CONF}:2", "/usr/lib/modprobe.d/zz-theirs.conf:2"]
    finally:
        theirs.unlink()
        put(debian, None)


def test_dracut(dracut_root: Path) -> None:
    """Debian's dracut is not host-only and leaves /etc/modprobe.d out; told to, it copies, and that is proved."""
    root = Sysroot(dracut_root)
    (kernel,) = find_kernels(root)
    before = find_initramfs(root, [kernel])
    assert (before.tool, before.copies) == (InitramfsTool.DRACUT, False)
    (dracut_root / "etc/dracut.conf.d/rdna.conf").write_text(f'install_items+=" {CONF} "\n')
    assert find_initramfs(root, [kernel]).copies is True
    step, image = step_for(root)
    put(dracut_root, BYTES)
    activate(step, root, {CONF: BYTES}, lambda _: None)
    assert in_root(dracut_root, "lsinitrd", "-f", str(CONF), str(image)).encode() == BYTES
    assert amdgpu_inside(root, image) is ("amdgpu.ko" in in_root(dracut_root, "lsinitrd", str(image)))
