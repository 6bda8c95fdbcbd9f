"""What others have set on this machine, gathered once: start-up files, units, this session, kernel options."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePosixPath

from rdna_installer.detect.dotfiles import Scan, scan
from rdna_installer.detect.users import all_users, user_of
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts, PythonSite, User
from rdna_installer.plan.assignment import Foreign, kernel_options

PREFIXES = ("HSA_", "HIP_", "ROCR_", "MIOPEN_", "PYTORCH_", "TORCH_", "AMD", "GPU_", "ROCBLAS_")
WORDS = (*PREFIXES, "RDNA_", "LD_LIBRARY_PATH")  # what a file must hold to be parsed at all
SESSION = "this session"


def whose(root: Sysroot, facts: HostFacts) -> tuple[User, ...]:
    """Whose start-up files count: who owns the programs here, under sudo and as root alike; else who asks.

    A program of root's (a distribution's Python) is run by who asks. Without root only one's own files are read.
    """
    owners = dict.fromkeys(_owner(root, facts, site) for site in facts.sites if site.torch is not None)
    mine = [uid for uid in owners if os.geteuid() in (0, uid)]
    found = [facts.user if uid == facts.user.uid else user_of(root, uid) for uid in mine]
    return tuple(found) or (facts.user,)


def _owner(root: Sysroot, facts: HostFacts, site: PythonSite) -> int:
    """The files' owner; of root's files in somebody's home that somebody."""
    if site.owner != 0:
        return site.owner
    if facts.user.home in site.prefix.parents or not site.prefix.is_relative_to("/home"):
        return facts.user.uid
    homes = {user.home: user.uid for user in all_users(root) if user.uid != 0}
    return next((homes[place] for place in site.prefix.parents if place in homes), facts.user.uid)


def scan_files(root: Sysroot, facts: HostFacts, ours: Iterable[PurePosixPath] = ()) -> Scan:
    """The system's files and those of everybody whose programs are here, as far as they may be about GPUs."""
    return scan(root, facts.user, ours, WORDS, whose(root, facts))


def gather(root: Sysroot, facts: HostFacts) -> tuple[Foreign, ...]:
    """Everything others set, in the order it is read. A session that repeats a file's line has no item of its own."""
    found = scan_files(root, facts).found
    items = [
        Foreign(f.assignment.key, f.assignment.value, f.where, lasting=not f.contained)
        for f in found
        if f.assignment.value is not None and f.assignment.key.startswith(PREFIXES)
    ]
    known = {(item.key, item.value) for item in items}
    own = root.live and facts.user.uid == os.geteuid()
    for key, value in os.environ.items() if own else ():
        if key.startswith(PREFIXES) and (key, value) not in known:
            items.append(Foreign(key, value, SESSION, lasting=False))
    return (*items, *kernel_options(facts))
