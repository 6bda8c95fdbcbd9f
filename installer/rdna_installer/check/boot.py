"""Whether the kernel files of a generation are younger than this boot: then only a reboot can show them."""

from __future__ import annotations

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Generation, HostFacts, Managed


def kernel_files(generation: Generation) -> list[Managed]:
    """The managed paths that set module options."""
    return [m for m in generation.managed if m.path.parent.name == "modprobe.d"]


def written_this_boot(facts: HostFacts, generation: Generation, root: Sysroot) -> bool:
    """Whether a kernel file changed since the machine booted.

    A generation of this boot may have kept the file of an earlier one: then the file's own change time decides.
    """
    if not made_this_boot(facts, generation):
        return False
    booted = _boot_time(root)
    return any(m.generation == generation.number or _changed_since(m, booted, root) for m in kernel_files(generation))


def made_this_boot(facts: HostFacts, generation: Generation) -> bool:
    """Whether the generation was made in this very boot; unknown boots are not the same."""
    return facts.boot_id is not None and facts.boot_id == generation.boot_id


def _changed_since(managed: Managed, booted: int | None, root: Sysroot) -> bool:
    found = root.status(managed.path, follow=False)
    return found is not None and booted is not None and found.st_ctime >= booted


def _boot_time(root: Sysroot) -> int | None:
    """Seconds since the epoch at boot, from /proc/stat; None when it does not say."""
    for line in (root.read_optional("/proc/stat") or "").splitlines():
        name, _, value = line.partition(" ")
        if name == "btime" and value.isdecimal():
            return int(value)
    return None
