"""What the system lacks, by the distribution's own tool: shown before consent, outside every change, and recorded.

A package or a group is no file of ours, and no rollback takes it away. What was added is in ``added.json`` of the
system's state; only `uninstall --purge` takes it away, after a question of its own. apt's sources are never edited.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator

from rdna_installer import codec
from rdna_installer.change.store import ADDED, Store
from rdna_installer.codec import MisfitError
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine import durable
from rdna_installer.machine.process import Finished, find, run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import GfxSource, HostFacts
from rdna_installer.record import record, replace

APT = ("apt-get", "-qq", "-y", "--no-install-recommends", "install")
QUIET = {"DEBIAN_FRONTEND": "noninteractive"}
LIMIT = 1800.0  # seconds for one package with what it needs
FIRMWARE = {True: "firmware-amd-graphics", False: "linux-firmware"}  # of Debian, of Ubuntu
# Of Fedora, Arch and openSUSE, which have the kernel's firmware in packages by vendor: for the reader to type.
ELSEWHERE = ("dnf install amd-gpu-firmware", "pacman -S linux-firmware-amdgpu", "zypper install kernel-firmware-amdgpu")
OFFERED = r"Candidate: (?!\(none\))\S"
GROUPS = ("render", "video")  # Debian's and Ubuntu's for the GPU's devices


@record(frozen=True)
class Added:
    """What setup has added to the system: packages, and who was put into which group."""

    packages: tuple[str, ...] = ()
    groups: tuple[tuple[str, str], ...] = ()


@record(frozen=True)
class Lack:
    """Something that is missing, why it matters, and what adds it (() where that is the reader's to do)."""

    what: str
    why: str
    argv: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """As it is typed."""
        return shlex.join(word for word in self.argv if word not in ("-qq", "-y"))

    @property
    def said(self) -> str:
        """For who may not do it, or has to."""
        return f"missing: {self.what}: {self.why}{f': sudo {self.command}' if self.argv else ''}"


def lacking(root: Sysroot, facts: HostFacts, *, pip: bool) -> tuple[Lack, ...]:
    """What is missing here. ``pip``: there is one to install with."""
    return tuple(_lacking(root, facts, pip=pip)) if root.live else ()


def _lacking(root: Sysroot, facts: HostFacts, *, pip: bool) -> Iterator[Lack]:
    debian = root.exists("/etc/debian_version") and find("apt-get") is not None
    if not pip:
        yield Lack("python3-venv", "it brings the pip that installs", (*APT, "python3-venv") if debian else ())
    if facts.container or all(gpu.source is GfxSource.GIVEN for gpu in facts.gpus):
        return  # in a container firmware and groups are the host's
    if not root.is_dir("/lib/firmware/amdgpu"):
        name = FIRMWARE["ubuntu" not in (root.read_optional("/etc/os-release") or "")]
        why = "the card does not start without it"
        if not debian:
            typed = next((f": sudo {line}" for line in ELSEWHERE if find(line.split()[0])), "")
            yield Lack("firmware of AMD's cards", f"{why}{typed}")
        elif name == FIRMWARE[True] and not re.search(OFFERED, run(["apt-cache", "policy", name], timeout=60).text):
            yield Lack(name, f"{why}; first put this into {_component(root)}")
        else:
            yield Lack(name, why, (*APT, name))
    user, known = facts.user, root.read_optional("/etc/group") or ""
    for group in GROUPS:
        if user.uid != 0 and group not in user.groups and re.search(rf"(?m)^{group}:", known):
            argv = ("usermod", "-aG", group, user.name)
            yield Lack(f"group {group}", f"{user.name} has to be in it to use the card; log in again then", argv)


def _component(root: Sysroot) -> str:
    """The line of apt's sources that would offer it, as it has to be, and its file."""
    folder = "/etc/apt/sources.list.d"
    files = ["/etc/apt/sources.list", *(f"{folder}/{name}" for name in root.names(folder))]
    for path in files:
        for line in (root.read_optional(path) or "").splitlines():
            if re.match(r"(deb\s.*|Components:\s*)\bmain\b", line):
                return f"{path}: {line.rstrip()} non-free-firmware"
    return f"{files[0]}: (a line of your distribution's, with the component non-free-firmware)"


def added(root: Sysroot) -> Added:
    """What earlier runs have added."""
    try:
        return codec.read(Added, root.read_bytes(Store.place(root).base / ADDED, limit=1 << 20), ADDED, 1)
    except (OSError, MisfitError):
        return Added()


def add(root: Sysroot, lacks: tuple[Lack, ...]) -> None:
    """Add what is missing, each recorded before the next. Raises RdnaError("step-failed")."""
    store, known = Store.place(root), added(root)
    for lack in (lack for lack in lacks if lack.argv):
        if lack.argv[0] == "apt-get":
            known = replace(known, packages=(*known.packages, *_new_packages(lack.what)))
        else:
            known = replace(known, groups=(*known.groups, (lack.argv[-1], lack.argv[-2])))
        store.make()
        with store.folder() as base:  # before it is done: what is listed and not there is harmless to remove
            durable.replace(base, ADDED, codec.write(known, 1), 0o600)
        _require(run(lack.argv, env=QUIET, timeout=LIMIT), lack.command)


def _new_packages(package: str) -> list[str]:
    """What apt would install for it. A fresh system has no lists of packages yet."""
    simulated = ["apt-get", "-s", "--no-install-recommends", "install", package]
    if run(simulated).code:
        _require(run(["apt-get", "-qq", "update"], env=QUIET, timeout=LIMIT), "apt-get update")
    return re.findall(r"(?m)^Inst (\S+)", run(simulated).text)


def _require(done: Finished, command: str) -> None:
    if done.code:
        said = (done.err or done.out).decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise RdnaError("step-failed", f"{command} failed", context=said or None, exit_code=Exit.FAILED)


def to_take_away(root: Sysroot) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The commands that take away what was added and is still there, and the packages that have to stay because
    something that came since needs them; nothing for who is not root."""
    if not root.live or os.geteuid() != 0:
        return (), ()
    known, lines = added(root), (root.read_optional("/etc/group") or "").splitlines()
    members = {line.split(":")[0]: line.split(":")[-1].split(",") for line in lines}
    inside = tuple((user, group) for user, group in known.groups if user in members.get(group, ()))
    asked = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Package}\n", *known.packages]
    there = {*re.findall(r"(?m)^.i. ?(\S+)$", run(asked).text)} & {*known.packages} if known.packages else set()
    removed = {name: {*re.findall(r"(?m)^Remv (\S+)", run(["apt-get", "-s", "remove", name]).text)} for name in there}
    free = tuple(name for name in known.packages if name in there and removed[name] <= there)
    return commands_of(Added(free, inside)), tuple(sorted(there - {*free}))


def commands_of(known: Added) -> tuple[tuple[str, ...], ...]:
    """What takes away what was added."""
    packages = (("apt-get", "purge", *known.packages),) if known.packages else ()
    return (*packages, *(("gpasswd", "-d", user, group) for user, group in known.groups))


def take_away(commands: tuple[tuple[str, ...], ...]) -> None:
    """Carry them out. Raises RdnaError("step-failed")."""
    for argv in commands:
        words = (argv[0], "-y", *argv[1:]) if argv[0] == "apt-get" else argv
        _require(run(words, env=QUIET, timeout=LIMIT), shlex.join(argv))
