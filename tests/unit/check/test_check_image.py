"""Whether a boot image carries our files as they are."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

import pytest
from check_samples import CONF, facts, generation, managed, put

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "detect"))

from newc_sample import cpio

from rdna_installer.check.kernel import check_images
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Initramfs, InitramfsTool, Status

OURS, OLD = b"options amdgpu noretry=1\n", b"options amdgpu noretry=0\n"
IMAGE = PurePosixPath("/boot/initrd.img-6.1")
INSIDE = "etc/modprobe.d/rdna-installer.conf"
AMDGPU = "usr/lib/modules/6.1/kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko"


def look(root: Path, files: dict[str, bytes] | None, *, gone: bool = False) -> list[Check]:
    if files is not None:
        put(root, IMAGE, cpio(files))
    held = managed(CONF, None if gone else OURS)
    images = Initramfs(InitramfsTool.INITRAMFS_TOOLS, {"6.1": IMAGE}, True)
    return list(check_images(facts(initramfs=images), generation(managed=(held,)), Sysroot(root)))


@pytest.mark.parametrize(
    ("files", "gone", "status", "running"),
    [
        ({INSIDE: OURS, AMDGPU: b"x"}, False, Status.OK, "the same bytes inside"),
        ({INSIDE: OLD, AMDGPU: b"x"}, False, Status.FAILED, "stale initramfs"),
        ({AMDGPU: b"x"}, False, Status.FAILED, "stale initramfs"),
        ({INSIDE: OLD, AMDGPU: b"x"}, True, Status.FAILED, "stale initramfs"),
        ({INSIDE: OLD, "bin/sh": b"x"}, False, Status.OK, "amdgpu is not inside: its own are not read"),
        (None, False, Status.UNKNOWN, None),
    ],
)
def test_images(
    tmp_path: Path, files: dict[str, bytes] | None, gone: bool, status: Status, running: str | None
) -> None:
    (found,) = look(tmp_path, files, gone=gone)
    assert (found.id, found.status, found.running) == ("initramfs:6.1", status, running)


def test_an_image_that_is_none_is_unknown(tmp_path: Path) -> None:
    put(tmp_path, IMAGE, b"garbage" * 100)
    (found,) = look(tmp_path, None)
    assert found.status is Status.UNKNOWN


def test_nothing_of_ours_nothing_to_look_at(tmp_path: Path) -> None:
    images = Initramfs(InitramfsTool.INITRAMFS_TOOLS, {"6.1": IMAGE}, True)
    assert list(check_images(facts(initramfs=images), generation(), Sysroot(tmp_path))) == []
