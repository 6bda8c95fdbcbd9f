"""Whether another libMIOpen fits the torch it is meant for: what both say of themselves, then a child that loads it.

The rule for each name it needs: where this torch, or a library beside it, goes by another number of the same library
("libamdhip64.so.7" where ".so.6" is wanted), two runtimes would be in one process, and neither would see the other's
memory. A wheel's own files have no number in their names (pytorch's .ci/manywheel/build_common.sh); their SONAME has.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from rdna_installer.detect.codeobjects import read_elf, read_only, targets_of
from rdna_installer.detect.symbols import Linking, linking, stem
from rdna_installer.detect.torch import Installed, library_folders
from rdna_installer.errors import RdnaError
from rdna_installer.machine.bounds import Limits
from rdna_installer.machine.runner import Runner, runner_of
from rdna_installer.machine.sysroot import Sysroot, parts_of
from rdna_installer.model import BULKY, PythonSite, User
from rdna_installer.record import record

NAME, FAMILY, FIRST = stem(BULKY), "miopen", "miopenCreate"
COMPILERS = ("libamd_comgr", "libhiprtc")  # who needs one of them compiles its kernels while it runs
COMPILER = re.compile(rb"(/[\x21-\x7e]{1,200}/clang\+\+[-.0-9]*)\0")  # or starts this one (Debian's build)
LIBRARIES = 400
SHOWN = 3
LOADS = "rdna-library-loads"
LIMITS = Limits(total=180.0)  # seconds; 1.4 GB from a cold disk
LOAD = f"""
import ctypes, sys
for path in sys.argv[2:]:
    library = ctypes.CDLL(path, ctypes.RTLD_GLOBAL)
sys.argv[1] and getattr(library, sys.argv[1])
sys.stdout.write({LOADS!r})
"""


@record(frozen=True)
class Fit:
    """``problems``: why it does not fit; ``targets``: what it has code for; ``compiler``: who makes it else."""

    new: Linking
    problems: tuple[str, ...]
    targets: tuple[str, ...] = ()
    compiler: str = ""
    runtimes: tuple[PurePosixPath, ...] = ()  # files of this torch that it needs: loaded before it


def in_place(root: Sysroot, torch: Installed) -> tuple[PurePosixPath, ...]:
    """The libMIOpen files (no links) that a torch brings."""
    found = (place / n for place in library_folders(torch) for n in root.names(place) if stem(n) == NAME)
    return tuple(path for path in found if root.readlink(path) is None and root.status(path) is not None)


def look(root: Sysroot, torch: Installed, old: PurePosixPath, file: PurePosixPath, gfx: Sequence[str]) -> Fit | None:
    """Compare a file with what is there; None for what is no library. Raises OSError."""
    new, was = linking(root, file, FAMILY), linking(root, old)
    if new is None or was is None:
        return None
    others = [other for other in _beside(root, torch) if other.path != old]
    targets = tuple(t.partition(":")[0] for t in targets_of(root, file) or ())
    compiler = next((need for need in new.needed if stem(need) in COMPILERS), "") or _compiler(root, file)
    problems = (*_names(new, was, others), *_symbols(new, others), *_runtimes(new, others))
    coded = set(gfx) <= set(targets) or compiler
    lacks = () if coded else (f"it has no code for {', '.join(gfx)}, and nothing here that it compiles with",)
    wanted = {need for need in new.needed if stem(need) != NAME}
    runtimes = tuple(other.path for other in others if other.names & wanted and root.readlink(other.path) is None)
    return Fit(new, (*problems, *lacks), targets, compiler, runtimes)


def _beside(root: Sysroot, torch: Installed) -> Iterator[Linking]:
    for place in library_folders(torch):
        for name in [n for n in root.names(place) if ".so" in n][:LIBRARIES]:
            plain = linking(root, place / name)
            uses = plain is not None and any(stem(need) == NAME for need in plain.needed)
            if found := linking(root, place / name, FAMILY) if uses else plain:
                yield found


def _names(new: Linking, was: Linking, others: Iterable[Linking]) -> Iterator[str]:
    asked = {need for other in others for need in other.needed if stem(need) == NAME}
    known = {*was.names, *asked}
    if new.soname not in known:
        yield f"it calls itself {new.soname or 'nothing'}, and this torch asks for {' or '.join(sorted(known))}"


def _symbols(new: Linking, others: Iterable[Linking]) -> Iterator[str]:
    for other in others:
        if missing := sorted(other.wants - new.defines):
            more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
            yield f"{other.path.name} wants {', '.join(missing[:SHOWN])}{more}, which it does not have"


def _runtimes(new: Linking, others: Sequence[Linking]) -> Iterator[str]:
    """What it needs under another number than who will use it, or than what lies there."""
    users = [other for other in others if any(stem(need) == NAME for need in other.needed)]
    for need in new.needed:
        rivals = {name for other in others for name in other.names if stem(name) == stem(need)}
        rivals = set() if need in rivals else rivals
        for asked in (name for user in users for name in user.needed if stem(name) == stem(need)):
            same = {asked}.union(*(other.names for other in others if asked in other.names))
            rivals |= set() if need in same else {asked}
        if rivals:
            yield f"it wants {need}, and this torch runs on {' or '.join(sorted(rivals))}"


def _compiler(root: Sysroot, file: PurePosixPath) -> str:
    """The compiler that it starts by its whole path, where that is here."""
    with contextlib.suppress(EOFError), parts_of(root, file, 1 << 30) as parts:
        elf = read_elf(parts)
        named = (found for piece in (read_only(parts, elf, 256) if elf else ()) for found in COMPILER.findall(piece))
        return next((path for path in map(bytes.decode, named) if root.exists(path)), "")
    return ""


def load_problem(site: PythonSite, asker: User, torch: Installed, file: PurePosixPath, fit: Fit) -> str | None:
    """Why it does not load with what this torch brings, in a child with the rights of the site's runner."""
    try:
        with runner_of(site, asker) as runner:
            return unloadable(runner, str(site.python), (*fit.runtimes, file), library_folders(torch), FIRST)
    except (RdnaError, OSError) as err:
        return f"it could not be tried: {err}"


def unloadable(
    runner: Runner, python: str, files: Iterable[PurePosixPath], folders: Iterable[PurePosixPath], has: str = ""
) -> str | None:
    """Why libraries do not load in a child, in their order and with all that each wants, the last of them with the
    function ``has``. Raises OSError."""
    env = {"LD_LIBRARY_PATH": ":".join(map(str, folders))}
    ended = runner.run([python, "-I", "-S", "-B", "-c", LOAD, has, *map(str, files)], env, LIMITS)
    if ended.out.decode("ascii", "replace").strip() == LOADS:
        return None
    said = ended.err.decode("utf-8", "replace").strip().splitlines()
    return f"it does not load: {said[-1] if said else ended.why or f'status {ended.code}'}"
