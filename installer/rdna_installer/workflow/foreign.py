"""What others have set on this machine, gathered once: start-up files, units, this session, kernel options.

And what is looked up because something here asks for it: whether a library reads a variable, a kernel has a parameter.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import lru_cache, partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rdna_installer.detect.dotfiles import FoundAssignment, Scan, cut, scan
from rdna_installer.detect.kernels import find_kernels
from rdna_installer.detect.modprobe import BOOT_ARGUMENTS
from rdna_installer.detect.programs import Program, find_programs
from rdna_installer.detect.sites import load_for_children
from rdna_installer.detect.users import all_users, invoking_user, other_people, user_of
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.load import SYSTEM_RULES, Book, load_book, user_rules
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Gpu, HostFacts, PythonSite, Request, User
from rdna_installer.plan.conflicts import IN_LIBRARIES, PREFIXES, Foreign, is_ours, kernel_options
from rdna_installer.record import replace

if TYPE_CHECKING:
    from rdna_installer.amd.case import Consumer

WORDS = (*PREFIXES, "RDNA_")  # what a file must hold to be parsed at all
SESSION = "this session"
PYTHON = r"python[\d.]*"


def whose(root: Sysroot, facts: HostFacts) -> list[tuple[User, list[PythonSite]]]:
    """Whose start-up files count: who owns the programs here, under sudo and as root alike; else who asks.

    With each the programs. One of root's (a distribution's Python) is run by who asks, for root by anybody. Others
    read their own only.
    """
    owners: dict[int, list[PythonSite]] = {}
    for site in facts.sites:
        if site.torch is not None and os.geteuid() in (0, uid := _owner(root, facts, site)):
            owners.setdefault(uid, []).append(site)
    found = [(facts.user if uid == facts.user.uid else user_of(root, uid), mine) for uid, mine in owners.items()]
    anybodys = owners.get(facts.user.uid, [])
    people = other_people(root, facts.user) if anybodys or not found else []
    return [*(found or [(facts.user, [])]), *((person, anybodys) for person in people if person.uid not in owners)]


def _owner(root: Sysroot, facts: HostFacts, site: PythonSite) -> int:
    """The files' owner; of root's files in somebody's home that somebody, root too."""
    if site.owner != 0:
        return site.owner
    if facts.user.home in site.prefix.parents or site.prefix.parts[1] not in ("home", "root"):
        return facts.user.uid
    homes = {user.home: user.uid for user in all_users(root)}
    return next((homes[place] for place in site.prefix.parents if place in homes), facts.user.uid)


def scan_files(root: Sysroot, facts: HostFacts, ours: Iterable[PurePosixPath] = ()) -> Scan:
    """The system's files and those of everybody whose programs are here, as far as they may be about GPUs."""
    seen = scan(root, facts.user, ours, WORDS, whose(root, facts))
    taken = any(gpu.gfx.startswith("gfx101") for gpu in facts.gpus)  # the branch of webui.sh
    found = tuple(_of_one(root, facts, f) for f in seen.found if taken or f.path.name != "webui.sh")
    return replace(seen, found=found, unreadable=(*seen.unreadable, *(f"programs ({said})" for said in cut(root))))


def _of_one(root: Sysroot, facts: HostFacts, found: FoundAssignment) -> FoundAssignment:
    """A unit's line is for the program that it starts: a Python, one with kernels of its own, that in its image."""
    site = program_of(root, facts, found.runs)
    return replace(found, site=site) if site else found


def program_of(root: Sysroot, facts: HostFacts, runs: str) -> str | None:
    """What a unit starts, as settings and the judge name it; None for what brings no kernels."""
    known: list[str] = []
    if re.fullmatch(PYTHON, PurePosixPath(runs).name):
        known = [str(site.python) for site in facts.sites if site.prefix / "bin" == PurePosixPath(runs).parent]
    elif runs:
        ends = (f"/{runs}", f"/{runs}:latest")
        known = [name for name in own_kernels(root, facts) if f"/{name}".endswith(ends)]
    return known[0] if known else None


def own_kernels(root: Sysroot, facts: HostFacts) -> dict[str, Consumer]:
    """The programs that ship some, by path and image."""
    from rdna_installer.plan.programs import consumers

    return consumers(programs(root, facts.user))


@lru_cache(maxsize=1)
def programs(root: Sysroot, user: User) -> tuple[Program, ...]:
    """Those that ship kernels of their own, looked for with the user's rights: some may be in a home."""
    load_for_children()
    try:
        found = look(partial(find_programs, root, user.home), tuple[Program, ...], user if root.live else None)
    except (OSError, RdnaError):
        return ()
    root.cut |= {str(program.path) for program in found if not program.name}
    return tuple(program for program in found if program.name)


def as_judged(root: Sysroot, facts: HostFacts, files: Scan) -> dict[Foreign, FoundAssignment]:
    """What others' files set, as the judge takes it from every command, with where it stands."""
    ships = own_kernels(root, facts) if any(f.runs for f in files.found) else {}
    return {
        Foreign(a.key, a.value, f.where, not f.contained, f.site, f.note, ships.get(f.site or "")): f
        for f, a in ((f, f.assignment) for f in files.found)
        if a.value is not None and a.key.startswith(PREFIXES) and not is_ours(str(f.path))
    }


def gather(root: Sysroot, facts: HostFacts) -> tuple[tuple[Foreign, ...], tuple[str, ...]]:
    """Everything others set, in the order it is read (what a session repeats once), and whose files could not be."""
    files = scan_files(root, facts)
    items = [*as_judged(root, facts, files)]
    known = {(f.assignment.key, f.assignment.value) for f in files.found}  # a session has them from there, or from us
    own = root.live and facts.user.uid == os.geteuid()
    for key, value in os.environ.items() if own else ():
        if key.startswith(PREFIXES) and (key, value) not in known:
            items.append(Foreign(key, value, SESSION, lasting=False))
    lost = (
        f"{who}: what is set there could not be read and is not known" for who in files.unreadable if "/" not in who
    )
    return (*items, *kernel_options(facts)), tuple(lost)


def load_rules(root: Sysroot, user: User | None = None, gpus: Iterable[Gpu] | None = None) -> Book:
    """Our rules (``gpus``: those that can be about these), the administrator's and the user's."""
    user = user or invoking_user(root)
    # Under sudo XDG_CONFIG_HOME is not the user's own.
    own = root.live and user.uid == os.geteuid()
    home = user_rules(user.home, os.environ.get("XDG_CONFIG_HOME") if own else None)
    about = None if gpus is None else {gpu.gfx for gpu in gpus}
    return load_book((SYSTEM_RULES, home), root, user.uid, user, about)


def asked_keys(facts: HostFacts, book: Book, request: Request, items: Iterable[Foreign]) -> frozenset[str]:
    """Variables and parameters that anything may ask about here: others' values, wishes, rules for these GPUs."""
    targets = {gpu.gfx for gpu in facts.gpus}
    keys = {*(item.key for item in items), *(key for key, _ in request.set)}
    for rule in (*book.rules, *book.profile(request.profile).rules):
        if not rule.when.gfx or rule.when.gfx & targets:
            keys.update(rule.when.reads, rule.when.parameter, (w.key for w in rule.settings if w.key.isupper()))
    return frozenset(keys.difference(BOOT_ARGUMENTS))


def informed(root: Sysroot, facts: HostFacts, keys: Iterable[str]) -> HostFacts:
    """The facts with what is there of these keys: names in libraries, parameters by modinfo (a process a kernel)."""
    named = frozenset(keys)
    if any(key == key.lower() for key in named) and all(kernel.parameters is None for kernel in facts.kernels):
        facts = replace(facts, kernels=find_kernels(root, True))
    if not any(key.startswith(IN_LIBRARIES) for key in named):
        return facts
    from rdna_installer.check.libraries import with_reads

    return with_reads(root, facts, named)
