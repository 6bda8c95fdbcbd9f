"""The reader of initramfs images: archives after archives, plain and packed."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import subprocess
from pathlib import Path

import pytest
from newc_sample import cpio

from rdna_installer.detect.initramfs import amdgpu_inside, read_image
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot

CONF = "/etc/modprobe.d/rdna-installer.conf"


def image(folder: Path, content: bytes) -> Sysroot:
    (folder / "boot").mkdir(exist_ok=True)
    (folder / "boot/initrd").write_bytes(content)
    return Sysroot(folder)


EARLY = cpio({"early_cpio": b"1", "kernel/x86/microcode/AuthenticAMD.bin": b"x" * 70000}, padding=512)
MAIN = cpio({"etc/modprobe.d/rdna-installer.conf": b"options amdgpu noretry=1\n", "usr/bin/sh": b"y" * 100001})


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (MAIN, b"options amdgpu noretry=1\n"),
        (EARLY + MAIN, b"options amdgpu noretry=1\n"),
        (EARLY, None),
        (cpio({"./" + CONF[1:]: b"abc"}), b"abc"),
        (cpio({CONF[1:]: b""}), b""),
        (cpio({CONF[1:]: b"old"}, 128) + cpio({CONF[1:]: b"new"}), b"new"),
        (cpio({CONF[1:] + ".bak": b"x"}), None),
    ],
)
def test_plain(tmp_path: Path, content: bytes, found: bytes | None) -> None:
    assert read_image(image(tmp_path, content), "/boot/initrd", [CONF]).files.get(CONF) == found


def zstd(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout


PACKERS = {
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    "bzip2": bz2.compress,
    "zstd": zstd,
}


@pytest.mark.processes
@pytest.mark.parametrize("packer", PACKERS)
def test_packed(tmp_path: Path, packer: str) -> None:
    if shutil.which("xz" if packer == "lzma" else packer) is None:
        pytest.skip(f"{packer} is not installed here")
    packed = EARLY + PACKERS[packer](MAIN + b"\0" * 512 + cpio({"lib/modules/6.1/kernel/amdgpu.ko.xz": b"z" * 300}))
    found = read_image(image(tmp_path, packed), "/boot/initrd", [CONF])
    assert (found.files, found.amdgpu) == ({CONF: b"options amdgpu noretry=1\n"}, True)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 64, b"no image at all, just text", MAIN[:-130], EARLY + b"garbage", MAIN[:110] + b"\xff" * 200],
    ids=["empty", "zeros", "text", "cut off", "garbage", "broken"],
)
def test_no_image(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RdnaError) as err:
        read_image(image(tmp_path, content), "/boot/initrd", [CONF])
    assert err.value.reference == "image-unreadable"
    assert amdgpu_inside(Sysroot(tmp_path), "/boot/initrd") is None


@pytest.mark.processes
def test_a_packed_image_cut_off(tmp_path: Path) -> None:
    with pytest.raises(RdnaError, match="it ends in the middle"):
        read_image(image(tmp_path, gzip.compress(MAIN)[:-60]), "/boot/initrd", [CONF])


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("usr/lib/modules/6.1/updates/dkms/amdgpu.ko.zst", True),
        ("lib/modules/6.1/kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko", True),
        ("lib/firmware/amdgpu/navi10_mec.bin", False),
        ("etc/modprobe.d/amdgpu.conf", False),
        ("squashfs-root.img", None),
    ],
)
def test_amdgpu_inside(tmp_path: Path, name: str, inside: bool | None) -> None:
    assert amdgpu_inside(image(tmp_path, cpio({name: b"x"})), "/boot/initrd") is inside


def test_nobody_can_tell_without_an_image(tmp_path: Path) -> None:
    assert amdgpu_inside(Sysroot(tmp_path), None) is None
    assert amdgpu_inside(Sysroot(tmp_path), "/boot/gone") is None
