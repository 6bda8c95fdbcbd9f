"""Who owns the initramfs images: by the images and the tools that are installed, never by os-release.

Ubuntu since 25.10 keeps the name initrd.img-REL and builds it with dracut; several tools may be installed at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from rdna_installer.machine.process import find
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Initramfs, InitramfsTool, KernelImage

# The program that builds, not a front end that another tool may provide as well (update-initramfs).
BUILDERS = {
    InitramfsTool.INITRAMFS_TOOLS: "mkinitramfs",
    InitramfsTool.DRACUT: "dracut",
    InitramfsTool.MKINITCPIO: "mkinitcpio",
}
PACKAGES = {InitramfsTool.INITRAMFS_TOOLS: "initramfs-tools", InitramfsTool.DRACUT: "dracut"}
PRESETS = "/etc/mkinitcpio.d"
DRACUT_CONF = ("/usr/lib/dracut/dracut.conf.d", "/etc/dracut.conf.d")
OUR_CONF = "/etc/modprobe.d/rdna-installer.conf"
STATUS_LIMIT = 64 << 20  # bytes of dpkg's database
CPIO_HEADER = 110  # bytes before the first name of a newc archive


def find_initramfs(root: Sysroot, kernels: Iterable[KernelImage]) -> Initramfs:
    """The tool that owns the images of ``kernels``, where they are, and whether it copies modprobe.d into them."""
    images = {k.release: k.image for k in kernels if k.image is not None}
    tool = _owner(root, images.values())
    copies, why = copies_modprobe(root, tool)
    return Initramfs(tool, images, copies, why)


def image_of(root: Sysroot, release: str) -> PurePosixPath | None:
    """The image of one kernel inside the root, or None."""
    return next((PurePosixPath(path) for path in _candidates(root, release) if root.exists(path)), None)


def _candidates(root: Sysroot, release: str) -> Iterator[str]:
    """Where images are, by distribution: Debian, Fedora, openSUSE, Arch's presets, then boot loader entries."""
    yield f"/boot/initrd.img-{release}"
    yield f"/boot/initramfs-{release}.img"
    yield f"/boot/initrd-{release}"
    if preset := preset_of(root, release):
        yield from _assignments(root.read_optional(f"{PRESETS}/{preset}.preset") or "", "default_image")
    if package := _pkgbase(root, release):
        yield f"/boot/initramfs-{package}.img"
    if machine := (root.read_optional("/etc/machine-id") or "").strip():
        for boot in ("/boot", "/efi", "/boot/efi"):
            yield f"{boot}/{machine}/{release}/initrd"


def preset_of(root: Sysroot, release: str) -> str | None:
    """The name of the mkinitcpio preset of one kernel: that of its package (Arch writes it beside the modules)."""
    package = _pkgbase(root, release)
    return package if package and root.exists(f"{PRESETS}/{package}.preset") else None


def _pkgbase(root: Sysroot, release: str) -> str | None:
    for folder in ("/usr/lib/modules", "/lib/modules"):
        if name := (root.read_optional(f"{folder}/{release}/pkgbase") or "").strip():
            return name
    return None


def _owner(root: Sysroot, images: Iterable[PurePosixPath]) -> InitramfsTool:
    newest = max(images, key=lambda image: _mtime(root, image), default=None)
    if newest is None:
        return InitramfsTool.NONE
    installed = [tool for tool, program in BUILDERS.items() if find(program, root) is not None]
    if len(installed) > 1:
        installed = _by_evidence(root, newest, installed)
    return installed[0] if len(installed) == 1 else InitramfsTool.UNKNOWN


def _by_evidence(root: Sysroot, image: PurePosixPath, installed: list[InitramfsTool]) -> list[InitramfsTool]:
    """Of several tools: the one whose mark the image bears, else the one whose owning package is installed.

    dracut begins an image that has an early part with a file ``early_cpio``. On Debian dracut-core (the program) can
    stand beside initramfs-tools; the package dracut (which builds images) cannot.
    """
    if _first_member(root, image) == b"early_cpio" and InitramfsTool.DRACUT in installed:
        return [InitramfsTool.DRACUT]
    return [tool for tool in installed if tool in PACKAGES and _dpkg_installed(root, PACKAGES[tool])]


def _first_member(root: Sysroot, image: PurePosixPath) -> bytes:
    """Name of the first real member of an image that begins with an uncompressed archive, else b""."""
    try:
        head = root.read_bytes(image, limit=4 * CPIO_HEADER)
    except OSError:
        return b""
    names = re.findall(rb"0707\d\d[0-9a-fA-F]{104}([^\0]+)\0", head)
    return next((name for name in names if name != b"."), b"")


def _mtime(root: Sysroot, image: PurePosixPath) -> float:
    status = root.status(image)
    return status.st_mtime if status is not None else 0.0


def _dpkg_installed(root: Sysroot, package: str) -> bool:
    try:
        database = root.read_text("/var/lib/dpkg/status", limit=STATUS_LIMIT)
    except OSError:
        return False
    return re.search(rf"^Package: {re.escape(package)}\nStatus: \S+ ok installed$", database, re.MULTILINE) is not None


def copies_modprobe(root: Sysroot, tool: InitramfsTool) -> tuple[bool | None, str]:
    """Whether the tool puts /etc/modprobe.d into its images, and what says so."""
    if tool is InitramfsTool.INITRAMFS_TOOLS:
        return True, "initramfs-tools always copies modprobe.d"
    if tool is InitramfsTool.DRACUT:
        return _dracut_copies(root)
    if tool is InitramfsTool.MKINITCPIO:
        return _mkinitcpio_copies(root)
    return None, ""


def _dracut_copies(root: Sysroot) -> tuple[bool, str]:
    """dracut copies /etc/modprobe.d in host-only mode (module base or kernel-modules), or what install_items names."""
    hostonly, where = "", "dracut's default"
    for path, text in _dracut_files(root):
        for value in _assignments(text, "hostonly"):
            hostonly, where = value, path
        if any(OUR_CONF in value for value in _assignments(text, "install_items")):
            return True, f"{path} installs {OUR_CONF}"
    if hostonly and hostonly != "no":
        return True, f"hostonly={hostonly} in {where}"
    return False, f"not in host-only mode ({where})"


def _dracut_files(root: Sysroot) -> Iterator[tuple[str, str]]:
    """dracut.conf, then the drop-ins by name; one in /etc masks one in /usr/lib."""
    chosen = {
        name: f"{folder}/{name}" for folder in DRACUT_CONF for name in root.names(folder) if name.endswith(".conf")
    }
    for path in ("/etc/dracut.conf", *(chosen[name] for name in sorted(chosen))):
        yield path, root.read_optional(path) or ""


def _mkinitcpio_copies(root: Sysroot) -> tuple[bool, str]:
    """mkinitcpio copies modprobe.d with the hook modconf, or what FILES names."""
    folder = "/etc/mkinitcpio.conf.d"
    copies, why = False, "no hook modconf in /etc/mkinitcpio.conf"
    for path in (
        "/etc/mkinitcpio.conf",
        *(f"{folder}/{name}" for name in root.names(folder) if name.endswith(".conf")),
    ):
        text = root.read_optional(path) or ""
        for hooks in _assignments(text, "HOOKS"):
            copies = "modconf" in hooks.split()
            why = f"{'hook' if copies else 'no hook'} modconf in {path}"
        if any(OUR_CONF in files for files in _assignments(text, "FILES")):
            return True, f"{path} adds {OUR_CONF}"
    return copies, why


def _assignments(text: str, name: str) -> Iterator[str]:
    """Values given to a variable of a simple shell file (``x=y``, ``x+="y"``, ``X=(a b)``), in order."""
    for match in re.finditer(rf"^[ \t]*{name}\+?=(\([^)]*\)|\"[^\"]*\"|'[^']*'|\S*)", text, re.MULTILINE):
        yield match.group(1).strip("()\"'").strip()
