"""recipe: what would be built and what that takes, a directory with the scripts, and running them to the end.

What is done is in ``state.json``, written after each step; what is not is run again from its beginning, for which each
script is made. A step has the directory's lock (flock, inherited by all that it starts): a compiler that outlived its
run is waited for, and never gets a second one beside it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import TypeVar

from rdna_installer import codec
from rdna_installer.check.replacement import unloadable
from rdna_installer.codec import MisfitError
from rdna_installer.detect.codeobjects import targets_of
from rdna_installer.detect.host import processors, ram_bytes
from rdna_installer.detect.rocm import find_rocm
from rdna_installer.detect.symbols import linking
from rdna_installer.diagnose.scan import Scanner
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.knowledge.recipes import Patch, Program, Recipe, Source, recipes
from rdna_installer.machine import durable
from rdna_installer.machine.bounds import Limits, Rights
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.process import PATH, find
from rdna_installer.machine.runner import Runner
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts
from rdna_installer.plan.gpuset import choose
from rdna_installer.plan.recipe import Order, chain, compiled, hours, jobs, scripts, sources_for
from rdna_installer.record import record

ORDER, STATE, LOG, FORMAT = "recipe.json", "state.json", "log", 2
LIMITS = Limits(total=14 * 86400.0, report=512 << 20)
WAIT = 60  # seconds for what an earlier run left
BUSY, OURS = 75, 65  # exit codes: of a directory in use; of a script that says itself what is wrong
EXPLAINED = 64 << 10  # bytes of a log that a failure is looked for in
# The log gets everything and so do we; the last line is the exit code, which a pipe in sh loses.
WRAPPER = f"""exec 9>"$1/lock"
flock -w {WAIT} 9 || exit {BUSY}
{{ sh "$1/steps/$2" 2>&1; echo "@exit $?"; }} | tee -a "$1/log" >&3
"""
# A compiler's error is in one line; CMake's says where, leaves a line out, and says what.
ERROR = re.compile(r"^(?:CMake Error at .*\n\n?.*|.*error:.*)$", re.IGNORECASE | re.MULTILINE)
T = TypeVar("T")
RUN_TIME, UNREAD = "no code objects: compiled at run time, or on the host", "its code objects cannot be read here"
TORCH = "site-packages/torch/lib"  # below an environment's lib/python3.X
TAKEN_ALONG = ("HOME", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "GIT_SSL_CAINFO", "PIP_CERT")


@record(frozen=True)
class Prepared:
    """What a recipe comes to here. ``lacks``: what has to be there before the long step, and is not."""

    order: Order
    says: str
    why: str
    unproved: tuple[str, ...]
    sources: tuple[Source, ...]
    patches: tuple[Patch, ...]
    missing: tuple[Program, ...]
    lacks: tuple[str, ...]
    disk_gib: int
    free_gib: int
    jobs: int
    time: str
    estimated: str
    then: str


@record(frozen=True)
class Progress:
    """The steps that are done, each with what it was done for (``plan.recipe.chain``)."""

    done: tuple[tuple[str, str], ...]


@record(frozen=True)
class Built:
    """What came of it: each file with what it holds, by its own words."""

    place: str
    proofs: tuple[tuple[str, str], ...]
    then: str


def recipe_of(name: str) -> Recipe:
    """A recipe by its name. Raises RdnaError("no-recipe")."""
    known = {recipe.id: recipe for recipe in recipes().recipes}
    if name not in known:
        hint = f"there are: {', '.join(known)}; or: rdna-installer recipe run DIR"
        raise RdnaError("no-recipe", f"there is no recipe {name}", hint=hint, exit_code=Exit.USAGE)
    return known[name]


def prepare(root: Sysroot, facts: HostFacts, name: str, gpu: str | None, out: PurePosixPath) -> Prepared:
    """What a recipe comes to on this machine. Raises RdnaError("no-gpu", "no-recipe")."""
    recipe, gfx = recipe_of(name), choose(facts, gpu)[0].gfx
    fits = [r for r in facts.rocm if recipe.rocm is None or recipe.rocm.contains(r.version)]
    rocm = next(iter(fits or facts.rocm), None)
    places = [r.path for r in (*(fits or facts.rocm), *find_rocm(root)) if r.path]  # --rocm has a version, and no place
    order = Order(name, gfx, rocm.version if rocm else "", *places[:1]) if rocm else Order(name, gfx, "")
    return _prepared(root, recipe, order, out)


def _prepared(root: Sysroot, recipe: Recipe, order: Order, out: PurePosixPath) -> Prepared:
    missing = tuple(p for p in recipe.programs if not _found(root, p.name, order.rocm_path))
    memory = (ram_bytes(root, "MemAvailable") or 0) >> 20
    at_once = jobs(processors(root), memory, int(recipe.job_mib))
    above = next(path for path in (out, *out.parents) if root.exists(path))
    free = root.free_bytes(above) >> 30
    lacks = [f"{p.name.replace('|', ' or ')} is missing; Debian's package: {p.package}" for p in missing]
    if recipe.needs_rocm and not order.rocm:
        lacks.append(f"no ROCm is here: ROCm {recipe.rocm.text if recipe.rocm else ''} is needed")
    elif recipe.needs_rocm and recipe.rocm and not recipe.rocm.contains(order.rocm):
        lacks.append(f"ROCm {order.rocm} is here, and these sources are for ROCm {recipe.rocm.text}")
    if memory < int(recipe.job_mib):
        lacks.append(f"{memory} MiB of memory are free, and one compiler takes {recipe.job_mib}")
    if free < int(recipe.disk_gib):
        lacks.append(f"{free} GiB are free in {above}, and {recipe.disk_gib} are needed")
    fill = partial(str.format, gfx=order.gfx, out=str(out))
    return Prepared(
        order=order,
        says=fill(recipe.says),
        why=fill(recipe.why),
        unproved=recipe.unproved,
        sources=sources_for(recipe, order.rocm),
        patches=recipe.patches,
        missing=missing,
        lacks=tuple(lacks),
        disk_gib=int(recipe.disk_gib),
        free_gib=free,
        jobs=at_once,
        time=hours(recipe, at_once),
        estimated=recipe.estimated,
        then=fill(recipe.then),
    )


def _found(root: Sysroot, name: str, rocm: str) -> bool:
    """Whether one of the names is there: a program, or ("include/half.hpp") a file below the ROCm or /usr."""
    tops = dict.fromkeys((rocm or "/usr", "/usr"))
    places = (f"{top}/{part}{one}" for one in name.split("|") for top in tops for part in ("", "bin/", "llvm/bin/"))
    return any(map(root.exists, places)) or find(name, root) is not None


def write(root: Sysroot, prepared: Prepared, out: PurePosixPath, recipe: Recipe | None = None) -> None:
    """Write the build directory; what is built in it already stays. Raises RdnaError("not-ours") for another's."""
    recipe = recipe or recipe_of(prepared.order.recipe)
    if root.exists(out) and root.names(out) and not root.exists(out / ORDER):
        raise RdnaError("not-ours", "this folder holds something else", context=str(out), hint="name an empty one")
    patches = {f"{patch.id}.patch": f"{patch.text}\n" for patch in recipe.patches}
    made = {"patches": patches, "steps": scripts(recipe, prepared.order, recipes().shell)}
    with explaining(Exit.FAILED):
        for part, texts in made.items():
            durable.make_folders(root, out / part, 0o755)
            with Folder.open(root, out / part) as folder:
                for old in set(folder.names()) - {*texts}:
                    durable.discard(folder, old)
                for name, text in texts.items():
                    durable.replace(folder, name, text.encode(), 0o755 if part == "steps" else 0o644)
        with Folder.open(root, out) as folder:
            durable.replace(folder, ORDER, codec.write(prepared.order, FORMAT), 0o644)


def run(root: Sysroot, out: PurePosixPath, tell: Callable[[str], None], recipe: Recipe | None = None) -> Built:
    """Run every step that is not done; what was begun goes on where it can. Raises RdnaError: what is missing, before
    the first step (3); a step failed, and why (1); KeyboardInterrupt, after all it had started is ended."""
    order: Order | None = _read(root, out / ORDER, Order)
    if order is None:
        message = "this is no build directory"
        raise RdnaError("no-build", message, context=str(out), hint="make one: rdna-installer recipe NAME --out DIR")
    recipe = recipe or recipe_of(order.recipe)
    prepared = _prepared(root, recipe, order, out)
    names = [name for name in root.names(out / "steps") if name.endswith(".sh")]
    made = {name: root.read_text(out / "steps" / name) for name in sorted(names)}
    wanted, known = chain(made), _read(root, out / STATE, Progress)
    done = dict(known.done) if known else {}
    left = [name for name in made if done.get(name) != wanted[name]]
    if left and prepared.lacks:
        message = f"this cannot be built yet: {'; '.join(prepared.lacks)}"
        raise RdnaError("recipe-lacks", message, context=str(out), hint=f"then: rdna-installer recipe run {out}")
    for name in left:
        _step(root, out, name, f"step {[*made].index(name) + 1} of {len(made)}, {name[3:-3]}", prepared, tell)
        done = {**done, name: wanted[name]}
        with explaining(Exit.FAILED), Folder.open(root, out) as folder:
            durable.replace(folder, STATE, codec.write(Progress(tuple(done.items())), FORMAT), 0o644)
    return Built(str(out), tuple(_proofs(root, out, order, bool(recipe.sources))), prepared.then)


def _read(root: Sysroot, place: PurePosixPath, kind: type[T]) -> T | None:
    try:
        return codec.read(kind, root.read_bytes(place), place.name, FORMAT)
    except FileNotFoundError:
        return None
    except MisfitError as err:
        hint = f"write it again: rdna-installer recipe NAME --out {place.parent}"
        raise RdnaError("build-damaged", f"{place.name} is damaged: {err}", context=str(place), hint=hint) from err


def _step(
    root: Sysroot, out: PurePosixPath, name: str, title: str, prepared: Prepared, tell: Callable[[str], None]
) -> None:
    real, tail, at = str(root.path(out)), bytearray(), (0, 0)
    tell(title)

    def heard(new: bytes) -> None:
        nonlocal at
        tail.extend(new)
        del tail[:-EXPLAINED]
        if (now := compiled(bytes(tail[-512:]))) and now != at:
            at = now
            tell(f"{title}: {now[0]} of {now[1]} files")

    runner, jobs = _runner(prepared.order), {"MAX_JOBS": str(prepared.jobs)}
    ended = runner.run(["/bin/sh", "-c", WRAPPER, "recipe", real, name], jobs, LIMITS, heard)
    said = bytes(tail).decode("utf-8", "replace").rstrip().splitlines()
    if ended.well and said and said[-1] == "@exit 0":
        return
    if ended.code == BUSY:
        raise RdnaError("busy", "an earlier run of this directory still works", context=real, hint="wait for it")
    raise RdnaError("step-failed", f"{title} failed: {_why(said, ended.why)}", context=f"{real}/{LOG}",
                    hint=f"then go on: rdna-installer recipe run {real}", exit_code=Exit.FAILED)  # fmt: skip


def _why(said: list[str], otherwise: str) -> str:
    """What ``diagnose`` makes of the end of the log, else its last error, else its last line."""
    from rdna_installer.knowledge.load import load_book
    from rdna_installer.knowledge.signatures import load_signatures

    text = "\n".join([*(line for line in said if not line.startswith("@exit")), ""])
    scanner = Scanner(load_signatures(load_book().targets.targets))
    scanner.feed(text.encode())
    known = [s.text for s in scanner.finish().sightings if s.context.id.startswith("other-")]
    errors = [" ".join(found.split()) for found in ERROR.findall(text)] or text.split("\n")[-2:-1]
    told = errors[-1 if said[-1:] == [f"@exit {OURS}"] else 0 :][:1]
    return "; ".join([*known[:1], *told]) or otherwise or "it said nothing"


def _runner(order: Order) -> Runner:
    """Ourselves, with the programs of the ROCm and what a fetch wants of our environment."""
    path = f"{PATH}:{order.rocm_path}/bin" if order.rocm_path else PATH
    known = {key: os.environ[key] for key in TAKEN_ALONG if key in os.environ}
    return Runner(Rights(os.geteuid(), os.getegid(), tuple(os.getgroups())), "", {"PATH": path, **known})


def _proofs(root: Sysroot, out: PurePosixPath, order: Order, ours: bool) -> Iterator[tuple[str, str]]:
    """What each library that was made holds, by its own words, and that it loads in a child: what it needs is found and
    has every symbol; of what was compiled here (``ours``), that it has code for the card. Raises RdnaError
    ("bad-result")."""
    built = [out / "prefix/lib", *(out / "venv/lib" / n / TORCH for n in root.names(out / "venv/lib"))]
    for path in (place / name for place in built for name in root.names(place) if ".so" in name):
        if root.readlink(path) is not None:
            continue
        found, targets = linking(root, path, "miopen" if "MIOpen" in path.name else ""), targets_of(root, path)
        file = PurePosixPath(root.path(path))
        folders = (file.parent, PurePosixPath(order.rocm_path or "/usr", "lib"))
        why = unloadable(_runner(order), sys.executable, [file], folders) if found else "it is no library"
        if ours and targets and order.gfx not in {target.partition(":")[0] for target in targets}:
            why = f"it has code for {', '.join(targets)}, and none for {order.gfx}"
        if found is None or why:
            raise RdnaError("bad-result", f"{path.name}: {why}", context=str(path), exit_code=Exit.FAILED)
        code = ", ".join(targets or ()) or (UNREAD if targets is None else RUN_TIME)
        symbols = f"; {len(found.defines)} functions of MIOpen" if found.defines else ""
        yield path.name, f"{code}; calls itself {found.soname}; needs {', '.join(found.needed)}{symbols}; it loads"
    for name in root.names(out / "wheels"):
        yield name, "a wheel"
