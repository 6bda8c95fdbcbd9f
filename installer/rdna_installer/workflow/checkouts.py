"""``setup --for``: what in the folder of a program overrides settings or would replace torch, and how it uses ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath

from rdna_installer.detect.assignments import in_launcher
from rdna_installer.detect.dotfiles import matching
from rdna_installer.detect.sites import absolute, owner_of
from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.catalogue import Checkout, checkouts
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record
from rdna_installer.workflow.environments import in_force
from rdna_installer.workflow.owners import Owner

OWN_PYTHON = re.compile(r"^\s*(?:export\s+)?(?:TORCH_COMMAND|TORCH_INDEX_URL|python_cmd|venv_dir)=\S.*")
TORCH = re.compile(r"""^["'\s]*(?:torch|torchvision|torchaudio|triton)\b(?![-\w]).*""")


@record(frozen=True)
class UseOf:
    """A program, how it is started with an environment, and lines ("file:line: text") that speak against it."""

    name: str
    start: str
    says: str
    overriding: tuple[str, ...]
    replacing: tuple[str, ...]


def use_of(root: Sysroot, folder: str, owner: Owner) -> UseOf:
    """How a program's folder uses the owner's environment. Raises RdnaError("not-a-checkout", "no-environment")."""
    made = in_force(owner)
    if made is None:
        raise RdnaError("no-environment", "there is no environment yet", hint="rdna-installer setup")
    place = PurePosixPath(absolute(root, folder))
    person = user_of(root, look(partial(owner_of, root, str(place)), int))
    return look(partial(_found, root, place, made.prefix), UseOf, person)


def _found(root: Sysroot, place: PurePosixPath, prefix: PurePosixPath) -> UseOf:
    known = next((c for c in checkouts() if all(root.exists(place / mark) for mark in c.marks)), None)
    if known is None:
        names = ", ".join(c.name for c in checkouts())
        raise RdnaError("not-a-checkout", f"this is no folder of {names}", context=str(place))
    words = {"prefix": prefix, "folder": place}
    return UseOf(
        known.name,
        known.setting.format(**words),
        known.says.format(**words),
        tuple(_overriding(root, place, known)),
        tuple(_lines(root, place, known.requirements, TORCH)),
    )


def _overriding(root: Sysroot, place: PurePosixPath, known: Checkout) -> Iterator[str]:
    for path in (path for name in known.launchers for path in matching(root, f"{place}/{name}")):
        for item in in_launcher(root.read_optional(path) or ""):
            yield f"{path}:{item.line}: {item.key}={item.value or ''}"
    yield from _lines(root, place, known.launchers, OWN_PYTHON)


def _lines(root: Sysroot, place: PurePosixPath, names: tuple[str, ...], pattern: re.Pattern[str]) -> Iterator[str]:
    for path in (path for name in names for path in matching(root, f"{place}/{name}")):
        for number, line in enumerate((root.read_optional(path) or "").splitlines(), 1):
            if pattern.match(line):
                yield f"{path}:{number}: {line.strip()}"
