"""The guest: a Debian 12 with kernel and boot images as an ext4 disk, built once and kept beside the test roots.

The project is not in it: ``write_checkout`` puts the checkout onto a copy, so that a changed line rebuilds nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import debian_root
from debian_machine import NOT_CLONED, PROJECT
from disk import Disk
from lighter import lighten

HERE = Path(__file__).resolve().parent
TOPOLOGY = PROJECT / "tests/sample/machine/sys/class/kfd/kfd/topology"
RECIPE = debian_root.Recipe(("systemd-sysv", "udev", "dbus", "e2fsprogs", *debian_root.INITRAMFS_TOOLS.packages))
SIZE = "2G"
UNUSED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/i18n", "var/lib/apt/lists")
MASKED = (
    *("getty@tty1.service", "serial-getty@ttyS0.service", "apt-daily.timer", "apt-daily-upgrade.timer"),
    *("dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer", "systemd-timesyncd.service", "e2scrub_reap.service"),
    *(f"modprobe@{name}.service" for name in ("configfs", "dm_mod", "drm", "efi_pstore", "fuse", "loop")),
    *("dev-hugepages.mount", "dev-mqueue.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount"),
)


NETWORK = ("virtio_net.ko*", "net_failover.ko*", "failover.ko*")  # for guests that ssh must reach


def base_disk() -> Path:
    """The built disk; never to be written to."""
    root = debian_root.base_root(RECIPE)
    disk = root.with_name(f"vm-{_key(root)}.ext4")
    with disk.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not disk.exists():
            build(disk)
    return disk


def _key(root: Path) -> str:
    files = [
        Path(__file__),
        HERE / "lighter.py",
        *sorted(p for p in [*(HERE / "guest").rglob("*"), *TOPOLOGY.rglob("*")] if p.is_file()),
    ]
    digest = hashlib.sha256(root.name.encode())
    for file in files:
        digest.update(str(file.relative_to(PROJECT)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def build(disk: Path, recipe: debian_root.Recipe = RECIPE, more: Callable[[Path], None] = lambda root: None) -> None:
    """Make it of a root of ``recipe``, furnished, and by ``more`` with what is not for all guests."""
    with debian_root.scratch_root(recipe) as root:
        kept = {path: path.read_bytes() for name in NETWORK for path in (root / "lib/modules").rglob(name)}
        _furnish(root)
        if recipe is not RECIPE:
            for path, module in kept.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(module)
                debian_root.in_root(root, "depmod", path.relative_to(root / "lib/modules").parts[0])
        more(root)
        debian_root.in_root(root, "update-initramfs", "-u", "-k", "all")
        with tempfile.TemporaryDirectory(dir=disk.parent, prefix="vm-tree-") as folder:
            # Without the /proc, /sys and /dev of this machine, which are other file systems.
            subprocess.run(["cp", "-ax", f"{root}/.", folder], check=True)
            partial = disk.with_suffix(".partial")
            partial.unlink(missing_ok=True)
            subprocess.run(["mkfs.ext4", "-q", "-d", folder, str(partial), SIZE], check=True)
    partial.rename(disk)


def _furnish(root: Path) -> None:
    for modules in (root / "lib/modules").iterdir():
        lighten(modules)
        debian_root.in_root(root, "depmod", modules.name)
    for path in UNUSED:
        shutil.rmtree(root / path, ignore_errors=True)
    shutil.copytree(HERE / "guest", root, dirs_exist_ok=True)
    shutil.copytree(TOPOLOGY, root / "lab/topology")
    (root / "etc/hostname").write_text("lab\n")
    # Known from the first boot on: an empty one makes systemd set up a new machine.
    (root / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    debian_root.in_root(root, "systemctl", "enable", "lab-agent.service", "lab-gpu.service")
    debian_root.in_root(root, "systemctl", "mask", *MASKED)


def write_checkout(disk: Disk) -> None:
    """Put this checkout as it is now onto a disk, as /srv/rdna-installer.tar."""
    with tempfile.TemporaryDirectory(prefix="rdna-vm-") as folder:
        clone = Path(folder) / "rdna-installer"
        names = ("install.sh", "installer", "templates", "pyproject.toml", "README.md")
        for source in (PROJECT / name for name in names):
            if source.is_dir():
                shutil.copytree(source, clone / source.name, ignore=NOT_CLONED, symlinks=True)
            else:
                clone.mkdir(exist_ok=True)
                shutil.copy2(source, clone)
        archive = Path(folder) / "checkout.tar"
        with tarfile.open(archive, "w") as tar:
            tar.add(clone, "rdna-installer")
        disk.write(archive, "/srv/rdna-installer.tar")
