"""``setup --for``: what in the folder of a program overrides settings or would replace torch, and how it uses ours."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import PurePosixPath

from rdna_installer.change.store import Store
from rdna_installer.detect.dotfiles import cut, matching, read_as
from rdna_installer.detect.sites import absolute, owner_of
from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.catalogue import checkouts
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record
from rdna_installer.workflow.environments import in_force, none_yet, reference, whole
from rdna_installer.workflow.owners import Owner, system_uid

OWN_PYTHON = re.compile(r"^\s*(?:export\s+)?(?:TORCH_COMMAND|TORCH_INDEX_URL|python_cmd|venv_dir)=\S.*")
# A requirement, a wheel by its address, or an index of pytorch.org's beside the others.
TORCH = re.compile(
    r"""^["'\s]*(?:(?:https?://\S*/)?(?:torch|torchvision|torchaudio|triton)\b(?!-\D|\w)"""
    r"""|--(?:extra-)?index-url[\s=]\S*download\.pytorch\.org).*"""
)
NOT_THEIRS = "the environment here is the system's: what a program needs beside torch does not go into it"
Texts = list[tuple[PurePosixPath, str]]


@record(frozen=True)
class UseOf:
    """A program, how it is started with an environment, and lines ("file:line: text") that speak against it."""

    name: str
    start: str
    says: str
    overriding: tuple[str, ...]
    replacing: tuple[str, ...]


def use_of(root: Sysroot, folder: str, owner: Owner) -> UseOf:
    """How a program's folder uses the owner's environment; the system's is not for a user's programs.
    Raises RdnaError("not-a-checkout", "no-environment", "environment-gone")."""
    own = in_force(owner)
    if own is None and owner.user and root.exists(reference(Store.place(root))):
        raise RdnaError("no-environment", NOT_THEIRS, hint="make one of your own, without sudo: rdna-installer setup")
    if own is None:
        raise none_yet()
    made = whole(owner.store, own)
    place = PurePosixPath(absolute(root, folder))
    person = user_of(root, look(partial(owner_of, root, str(place)), int))
    if owner.is_system and person.uid != system_uid(root):
        hint = f"make one of {person.name}'s own, as {person.name}, without sudo: rdna-installer setup"
        raise RdnaError("no-environment", NOT_THEIRS, hint=hint)
    return look(partial(_found, root, place, made.prefix), UseOf, person)


def _found(root: Sysroot, place: PurePosixPath, prefix: PurePosixPath) -> UseOf:
    known = next((c for c in checkouts() if all(root.exists(place / mark) for mark in c.marks)), None)
    if known is None:
        names = ", ".join(dict.fromkeys(c.name for c in checkouts()))
        raise RdnaError("not-a-checkout", f"this is no folder of {names}", context=str(place))
    words = {"prefix": shlex.quote(str(prefix)), "folder": shlex.quote(str(place))}
    launchers, lists = (_texts(root, place, names) for names in (known.launchers, known.requirements))
    overriding = {**dict(_lines(launchers, OWN_PYTHON)), **dict(_set(launchers))}
    start, says = known.setting.format(**words), known.says.format(**words)
    replacing = _lines(lists, TORCH)
    against = (*map(": ".join, overriding.items()), *(f"{place}: {said}" for said in cut(root)))
    return UseOf(known.name, start, says, against, tuple(map(": ".join, replacing)))


def _texts(root: Sysroot, place: PurePosixPath, names: Iterable[str]) -> Texts:
    found = dict.fromkeys(path for name in names for path in matching(root, f"{place}/{name}"))
    return [(path, root.read_optional(path) or "") for path in found]


def _set(texts: Texts) -> Iterator[tuple[str, str]]:
    """Variables of ours that launchers set: "file:line", and what is set."""
    for path, text in texts:
        for item in read_as({".py": "python", ".json": "json"}.get(path.suffix, "launcher"), text):
            yield f"{path}:{item.line}", f"{item.key}={item.value or ''}"


def _lines(texts: Texts, wanted: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for path, text in texts:
        for number, line in enumerate(text.splitlines(), 1):
            if wanted.match(line):
                yield f"{path}:{number}", line.strip()
