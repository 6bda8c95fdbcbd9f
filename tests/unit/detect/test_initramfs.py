"""The owner of the images, where they are, and whether modprobe.d gets into them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.detect.initramfs import copies_modprobe, find_initramfs, image_of
from rdna_installer.detect.kernels import find_kernels
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import InitramfsTool

DEBIAN = {"/lib/modules/6.1.0/modules.dep": "", "/boot/initrd.img-6.1.0": "image", "/usr/sbin/mkinitramfs": "x"}
EARLY_DRACUT = "070701" + "0" * 104 + ".\0\0" + "070701" + "0" * 104 + "early_cpio\0"
OWNED_BY_DRACUT = (
    "Package: dracut\nStatus: install ok installed\n\nPackage: initramfs-tools\nStatus: deinstall ok config-files\n"
)


def put(root: Path, files: dict[str, str]) -> Sysroot:
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if "bin/" in name:
            path.chmod(0o755)
    return Sysroot(root)


@pytest.mark.parametrize(
    ("files", "tool"),
    [
        (DEBIAN, InitramfsTool.INITRAMFS_TOOLS),
        ({"/usr/sbin/mkinitramfs": "x", "/lib/modules/6.1.0/modules.dep": ""}, InitramfsTool.NONE),
        ({**DEBIAN, "/usr/sbin/mkinitramfs": "", "/usr/bin/dracut": "x"}, InitramfsTool.UNKNOWN),
        # Ubuntu 25.10: dracut, Debian's name, and update-initramfs as a front end to it.
        (
            {"/lib/modules/6.17/kernel/x": "", "/boot/initrd.img-6.17": "i", "/usr/bin/dracut": "x",
             "/usr/sbin/update-initramfs": "x"},
            InitramfsTool.DRACUT,
        ),
        ({**DEBIAN, "/usr/bin/dracut": "x", "/var/lib/dpkg/status": OWNED_BY_DRACUT}, InitramfsTool.DRACUT),
        (
            {**DEBIAN, "/usr/bin/dracut": "x",
             "/var/lib/dpkg/status": "Package: initramfs-tools\nStatus: install ok installed\n"},
            InitramfsTool.INITRAMFS_TOOLS,
        ),
        ({**DEBIAN, "/usr/bin/dracut": "x", "/boot/initrd.img-6.1.0": EARLY_DRACUT}, InitramfsTool.DRACUT),
        ({"/lib/modules/6.1/kernel/x": "", "/boot/initramfs-6.1.img": "i"}, InitramfsTool.UNKNOWN),
    ],
)  # fmt: skip
def test_owner(tmp_path: Path, files: dict[str, str], tool: InitramfsTool) -> None:
    root = put(tmp_path, files)
    if files.get("/usr/sbin/mkinitramfs") == "":
        (tmp_path / "usr/bin/mkinitcpio").write_text("x")
        (tmp_path / "usr/bin/mkinitcpio").chmod(0o755)
    assert find_initramfs(root, find_kernels(root)).tool is tool


@pytest.mark.parametrize(
    ("files", "image"),
    [
        ({"/boot/initrd.img-6.1": ""}, "/boot/initrd.img-6.1"),
        ({"/boot/initramfs-6.1.img": ""}, "/boot/initramfs-6.1.img"),
        ({"/boot/initrd-6.1": ""}, "/boot/initrd-6.1"),
        ({"/usr/lib/modules/6.1/pkgbase": "linux-lts\n", "/boot/initramfs-linux-lts.img": ""},
         "/boot/initramfs-linux-lts.img"),
        ({"/usr/lib/modules/6.1/pkgbase": "linux61\n", "/boot/initramfs-6.1-x86_64.img": "",
          "/etc/mkinitcpio.d/linux61.preset": "# default_image=no\ndefault_image=\"/boot/initramfs-6.1-x86_64.img\"\n"},
         "/boot/initramfs-6.1-x86_64.img"),
        ({"/etc/machine-id": "abc\n", "/efi/abc/6.1/initrd": ""}, "/efi/abc/6.1/initrd"),
        ({"/boot/initrd.img-6.10": ""}, None),
    ],
)  # fmt: skip
def test_image_names(tmp_path: Path, files: dict[str, str], image: str | None) -> None:
    assert image_of(put(tmp_path, files), "6.1") == (None if image is None else PurePosixPath(image))


OURS = "/etc/modprobe.d/rdna-installer.conf"


@pytest.mark.parametrize(
    ("tool", "files", "copies", "why"),
    [
        (InitramfsTool.INITRAMFS_TOOLS, {}, True, "initramfs-tools always copies modprobe.d"),
        (InitramfsTool.DRACUT, {}, False, "not in host-only mode (dracut's default)"),
        (InitramfsTool.DRACUT, {"/usr/lib/dracut/dracut.conf.d/01-dist.conf": 'hostonly="yes"\n'}, True,
         "hostonly=yes in /usr/lib/dracut/dracut.conf.d/01-dist.conf"),
        (InitramfsTool.DRACUT,
         {"/usr/lib/dracut/dracut.conf.d/01.conf": 'hostonly="yes"\n', "/etc/dracut.conf.d/02.conf": "hostonly=no\n"},
         False, "not in host-only mode (/etc/dracut.conf.d/02.conf)"),
        (InitramfsTool.DRACUT,
         {"/usr/lib/dracut/dracut.conf.d/01.conf": 'hostonly="yes"\n', "/etc/dracut.conf.d/01.conf": "#hostonly=yes\n"},
         False, "not in host-only mode (dracut's default)"),
        (InitramfsTool.DRACUT, {"/etc/dracut.conf.d/x.conf": f'install_items+=" {OURS} "\n'}, True,
         f"/etc/dracut.conf.d/x.conf installs {OURS}"),
        (InitramfsTool.MKINITCPIO, {"/etc/mkinitcpio.conf": "#HOOKS=(a modconf)\nHOOKS=(base udev\n modconf block)\n"},
         True, "hook modconf in /etc/mkinitcpio.conf"),
        (InitramfsTool.MKINITCPIO, {"/etc/mkinitcpio.conf": "HOOKS=(base modconf)\n",
                                    "/etc/mkinitcpio.conf.d/x.conf": "HOOKS=(base udev)\n"},
         False, "no hook modconf in /etc/mkinitcpio.conf.d/x.conf"),
        (InitramfsTool.MKINITCPIO, {"/etc/mkinitcpio.conf": f"HOOKS=(base)\nFILES=({OURS})\n"}, True,
         f"/etc/mkinitcpio.conf adds {OURS}"),
        (InitramfsTool.UNKNOWN, {}, None, ""),
    ],
)  # fmt: skip
def test_whether_modprobe_d_is_copied(
    tmp_path: Path, tool: InitramfsTool, files: dict[str, str], copies: bool | None, why: str
) -> None:
    assert copies_modprobe(put(tmp_path, files), tool) == (copies, why)
