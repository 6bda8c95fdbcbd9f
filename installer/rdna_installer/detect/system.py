"""The system around the GPU: distribution, what makes /etc the wrong place, init, memory, boot."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Distro

STUB_INFO = "/sys/firmware/efi/efivars/StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
STEAMOS = ("steamos", "holoiso")
OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")


def find_distro(root: Sysroot) -> Distro:
    """os-release and the kind of system that would not take our files.

    Read here and not with the `distro` package: that costs 14 ms of imports, opens whatever it is given (a FIFO
    hangs it) and stops with ValueError at an unclosed quote.
    """
    fields = parse_os_release(next((text for path in OS_RELEASE if (text := root.read_optional(path))), ""))
    identity = fields.get("ID", "") or "unknown"
    return Distro(identity, fields.get("VERSION_ID", "") or "unknown", _immutable(root, identity))


def parse_os_release(text: str) -> Mapping[str, str]:
    """KEY=value lines with shell quoting (os-release(5)); control characters and nonsense lines are left out."""
    pairs = (re.fullmatch(r"([A-Z][A-Z0-9_]*)=(.*)", line.strip()) for line in text.splitlines())
    return {pair[1]: _unquoted(pair[2]) for pair in pairs if pair}


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        quote, value = value[0], value[1:-1]
        if quote == '"':
            value = re.sub(r'\\(["$`\\])', r"\1", value)
    return "".join(c for c in value if c.isprintable())[:200]


def _immutable(root: Sysroot, identity: str) -> str | None:
    if identity == "nixos" or root.exists("/etc/NIXOS"):
        return "nixos"
    if identity in STEAMOS:
        return "steamos"
    if _boots_unified_image(root):
        return "uki"
    # A booted system says so itself; an image at rest is known by its repository.
    if not root.exists("/run/ostree-booted") and (root.live or not root.exists("/sysroot/ostree")):
        return None
    # Both may be installed; where rpm-ostree is, it is what sets kernel arguments there.
    return "rpm-ostree" if root.exists("/usr/bin/rpm-ostree") else "bootc"


def _boots_unified_image(root: Sysroot) -> bool:
    """Kernel, initramfs and command line in one signed file: systemd-stub says so, or kernel-install is told to."""
    if root.live and root.exists(STUB_INFO):
        return True
    configuration = root.read_optional("/etc/kernel/install.conf") or ""
    return re.search(r"^\s*layout\s*=\s*uki\s*$", configuration, re.MULTILINE) is not None


def find_init(root: Sysroot) -> str:
    """What runs as process 1 ("systemd", "openrc-init", ...), or below --root what /sbin/init is."""
    if not root.live:
        target = (root.readlink("/sbin/init") or root.readlink("/usr/sbin/init") or "").rsplit("/", 1)[-1]
        return target or ("init" if root.exists("/sbin/init") else "unknown")
    if root.is_dir("/run/systemd/system"):
        return "systemd"
    return (root.read_optional("/proc/1/comm") or "").strip() or "unknown"


def boots_with_systemd(root: Sysroot) -> bool:
    """Whether systemd is process 1, or would be: a chroot and an image at rest are known by their /sbin/init."""
    if root.is_dir("/run/systemd/system"):
        return True
    targets = (root.readlink(path) or "" for path in ("/sbin/init", "/usr/sbin/init"))
    return any(target.rsplit("/", 1)[-1] == "systemd" for target in targets)


def ram_bytes(root: Sysroot) -> int | None:
    """MemTotal of /proc/meminfo."""
    found = re.search(r"^MemTotal:\s+([0-9]{1,15}) kB", root.read_optional("/proc/meminfo") or "", re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def boot_id(root: Sysroot) -> str | None:
    """This boot; None below --root."""
    return (root.read_optional("/proc/sys/kernel/random/boot_id") or "").strip() or None if root.live else None


def command_line(root: Sysroot) -> str:
    """The kernel command line; "" where the root has none of its own.

    A proc file system mounted below --root (for a chroot) shows the machine we run on, not that root's.
    """
    if not root.live and root.exists("/proc/self"):
        return ""
    return (root.read_optional("/proc/cmdline") or "").strip()


def is_wsl(root: Sysroot) -> bool:
    """Whether this is a Linux under Windows (WSL2): Microsoft's kernel, which has no KFD but /dev/dxg."""
    release = root.read_optional("/proc/sys/kernel/osrelease") or root.read_optional("/proc/version") or ""
    return "microsoft" in release.lower() or root.exists("/dev/dxg")


def find_container(root: Sysroot) -> str | None:
    """The kind of container this is, by the marks that docker, podman and systemd's manager interface leave."""
    named = (root.read_optional("/run/systemd/container") or "").strip()
    if re.fullmatch("[a-z-]{2,20}", named) and named != "wsl":
        return named
    if root.exists("/run/.containerenv"):
        return "podman"
    return "docker" if root.exists("/.dockerenv") else None
