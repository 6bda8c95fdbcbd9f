"""Which programs of another root a rebuild runs there as uid 0, and whether they are root's alone.

Our own chroot keeps nothing in: what runs there as root can do everything to this machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from rdna_installer.errors import RdnaError
from rdna_installer.machine.process import PATH, find
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.machine.trust import not_roots, not_roots_below
from rdna_installer.model import InitramfsTool, Step

TOOLS: Mapping[InitramfsTool, tuple[str, ...]] = {
    InitramfsTool.INITRAMFS_TOOLS: ("update-initramfs", "mkinitramfs"),
    InitramfsTool.DRACUT: ("dracut", "lsinitrd"),
    InitramfsTool.MKINITCPIO: ("mkinitcpio",),
}
# What these programs (shell scripts all) read and run themselves: hooks, modules, configuration that is sourced.
OWN: Mapping[InitramfsTool, tuple[str, ...]] = {
    InitramfsTool.INITRAMFS_TOOLS: ("/etc/initramfs-tools", "/usr/share/initramfs-tools", "/etc/initramfs"),
    InitramfsTool.DRACUT: ("/etc/dracut.conf", "/etc/dracut.conf.d", "/usr/lib/dracut"),
    InitramfsTool.MKINITCPIO: (
        "/etc/mkinitcpio.conf", "/etc/mkinitcpio.conf.d", "/etc/mkinitcpio.d", "/etc/initcpio", "/usr/lib/initcpio",
    ),
}  # fmt: skip
LOADER = ("/etc/ld.so.preload", "/etc/ld.so.cache", "/lib/ld-linux.so.2", "/lib64/ld-linux-x86-64.so.2")
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
HEAD = 256  # bytes; the kernel reads no more of a script's first line
DEPTH = 5  # interpreters of interpreters: the kernel gives up after that
HINT = "use --no-initramfs and rebuild the boot image once that system has booted"


def programs(step: Step, root: Sysroot) -> tuple[str, ...]:
    """Programs of another root that the step runs as root, with their interpreters; () on the machine itself."""
    if root.live or os.geteuid() != 0:
        return ()
    tools = (find(tool, root) for tool in TOOLS[step.tool])
    return tuple(dict.fromkeys(program for tool in tools if tool for program in _chain(tool, root)))


def _chain(program: str, root: Sysroot) -> list[str]:
    """A program, its interpreter, and that one's."""
    chain = [program]
    while len(chain) <= DEPTH and (program := _interpreter(program, root)):
        chain.append(program)
    return chain


def _interpreter(program: str, root: Sysroot) -> str:
    """The program of a script's ``#!`` line (of ``env``: what it looks for is on the PATH); "" for any other file."""
    try:
        head = root.read_bytes(program, limit=HEAD)
    except OSError:
        return ""
    if not head.startswith(b"#!"):
        return ""
    words = head[2:].split(b"\n")[0].split()
    return words[0].decode("utf-8", "surrogateescape") if words else ""


def untrusted(step: Step, root: Sysroot) -> RdnaError | None:
    """Why root must not run another root's programs: somebody else could change them. None where all is root's."""
    if root.live or os.geteuid() != 0:
        return None
    why = _first_not_roots(step, root)
    if why is None:
        return None
    return RdnaError(
        "root-not-trusted",
        f"rebuilding its boot image would run programs of {root.root} as root, and others than root can change them",
        context=why,
        hint=HINT,
    )


def _first_not_roots(step: Step, root: Sysroot) -> str | None:
    return (
        _first(not_roots(root, path) for path in (*programs(step, root), *LOADER, *LIBRARIES))
        or _first(not_roots_below(root, folder, deep=False) for folder in PATH.split(":"))
        or _first(not_roots_below(root, folder, deep=True) for folder in OWN[step.tool])
    )


def _first(reasons: Iterable[str | None]) -> str | None:
    return next((why for why in reasons if why), None)
