"""recipe: what would be built and what that takes, a directory with the scripts, and running them to the end.

What is done is in ``state.json``, written after each step; what is not is run again from its beginning, for which each
script is made. A step has the directory's lock (flock, inherited by all that it starts): a compiler that outlived its
run is waited for, and never gets a second one beside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import TypeVar

from rdna_installer import codec
from rdna_installer.codec import MisfitError
from rdna_installer.detect.codeobjects import targets_of
from rdna_installer.detect.host import processors, ram_bytes
from rdna_installer.detect.symbols import linking
from rdna_installer.diagnose.scan import Scanner
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.knowledge.recipes import Patch, Program, Recipe, Source, recipes
from rdna_installer.machine import durable
from rdna_installer.machine.bounds import Limits, Rights
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.process import PATH, find
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
T = TypeVar("T")
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
    order = Order(name, gfx, rocm.version if rocm else "", rocm.path if rocm else "")
    return _prepared(root, recipe, order, out)


def _prepared(root: Sysroot, recipe: Recipe, order: Order, out: PurePosixPath) -> Prepared:
    missing = tuple(p for p in recipe.programs if not _found(root, p.name, order.rocm_path))
    memory = (ram_bytes(root, "MemAvailable") or 0) >> 20
    at_once = jobs(processors(root), memory, int(recipe.job_mib))
    above = next(path for path in (out, *out.parents) if root.exists(path))
    free = root.free_bytes(above) >> 30
    lacks = [f"{p.name} is missing; Debian's package: {p.package}" for p in missing]
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
    places = (f"{rocm}/bin/{name}", f"{rocm}/llvm/bin/{name}") if rocm else ()
    return find(name, root) is not None or any(root.exists(place) for place in places)


def write(root: Sysroot, prepared: Prepared, out: PurePosixPath, recipe: Recipe | None = None) -> None:
    """Write the build directory; what is built in it already stays. Raises RdnaError("not-ours") for another's."""
    recipe = recipe or recipe_of(prepared.order.recipe)
    if root.exists(out) and root.names(out) and not root.exists(out / ORDER):
        raise RdnaError("not-ours", "this folder holds something else", context=str(out), hint="name an empty one")
    with explaining(Exit.FAILED):
        for name in ("steps", "patches"):
            durable.make_folders(root, out / name, 0o755)
        with Folder.open(root, out / "patches") as folder:
            for patch in recipe.patches:
                durable.replace(folder, f"{patch.id}.patch", f"{patch.text}\n".encode(), 0o644)
        with Folder.open(root, out / "steps") as folder:
            made = scripts(recipe, prepared.order, recipes().shell)
            for old in set(folder.names()) - {*made}:
                durable.discard(folder, old)
            for name, text in made.items():
                durable.replace(folder, name, text.encode(), 0o755)
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
    return Built(str(out), tuple(_proofs(root, out, order)), prepared.then)


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
    from rdna_installer.machine.foreign import foreign

    real, tail, at = str(root.path(out)), bytearray(), (0, 0)
    tell(title)

    def heard(new: bytes) -> None:
        nonlocal at
        tail.extend(new)
        del tail[:-EXPLAINED]
        if (now := compiled(bytes(tail[-512:]))) and now != at:
            at = now
            tell(f"{title}: {now[0]} of {now[1]} files")

    rocm = prepared.order.rocm_path
    env = {"PATH": f"{PATH}:{rocm}/bin" if rocm else PATH, "LC_ALL": "C.UTF-8", "MAX_JOBS": str(prepared.jobs)}
    env |= {key: os.environ[key] for key in TAKEN_ALONG if key in os.environ}
    rights = Rights(os.geteuid(), os.getegid(), tuple(os.getgroups()))
    ended = foreign(["/bin/sh", "-c", WRAPPER, "recipe", real, name], rights, LIMITS, env=env, on_report=heard)
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

    lines = [line for line in said if not line.startswith("@exit")]
    scanner = Scanner(load_signatures(load_book().targets.targets))
    scanner.feed("\n".join([*lines, ""]).encode())
    known = [s.text for s in scanner.finish().sightings if s.context.id.startswith("other-")]
    errors = [line.strip() for line in lines if "error:" in line.lower()]
    errors = errors[-1:] if said[-1:] == [f"@exit {OURS}"] else errors[:1]
    return "; ".join([*known[:1], *(errors or lines[-1:])]) or otherwise or "it said nothing"


def _proofs(root: Sysroot, out: PurePosixPath, order: Order) -> Iterator[tuple[str, str]]:
    """What each library that was made holds: its targets, its name, whether what it needs is here."""
    for name in root.names(out / "prefix/lib"):
        path = out / "prefix/lib" / name
        if ".so" not in name or root.readlink(path) is not None:
            continue
        found = linking(root, path, "miopen" if "MIOpen" in name else "")
        if found is None:
            yield name, "is no library"
            continue
        targets = ", ".join(targets_of(root, path) or ()) or "no code objects: compiled at run time, or on the host"
        symbols = f"; {len(found.defines)} functions of MIOpen" if found.defines else ""
        yield name, f"{targets}; calls itself {found.soname}; needs {', '.join(found.needed)}{symbols}"
    for name in root.names(out / "wheels"):
        yield name, "a wheel"
