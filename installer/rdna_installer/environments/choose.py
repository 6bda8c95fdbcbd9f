"""The newest complete set of wheels for one target and one Python, from the pages of one index. Pure: a shelf is asked.

ROCm is compared as a version (pip and uv sort ``2.12.0+rocm10.0.0`` below ``2.12.0+rocm7.14.0``: TheRock#7183), every
piece is pinned, and nothing steps back: a set that lacks a piece is passed over with that piece's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Protocol

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from rdna_installer.environments.index import IndexFile, Metadata, build_of
from rdna_installer.environments.lock import NOT_AMD, Layout, Lock, pieces
from rdna_installer.knowledge.indexes import Reported, indexes
from rdna_installer.knowledge.load import load_book
from rdna_installer.model import Gpu
from rdna_installer.record import record

ROCM = re.compile(r"(?:^|\.)rocm(\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?)")
PACKAGES = 150  # of one set; AMD's have about twenty-five
TRIES = 20  # versions of one package, the newest first, that are asked whether they run here
NEWEST = (2, 99)  # later than any glibc
WALKS = 12  # sets whose metadata are read before we give up
SOURCE = "rocm"  # the one project that comes as a source package
BUILDER = "setuptools>=70.1"  # makes a wheel of it; older ones need a package "wheel", which AMD's index has not
EXTRAS = ("torchvision", "torchaudio")
OF_TORCH = ("torch", "triton", "pytorch-triton", "amd-torch", "rocm")  # how what goes with one torch alone begins


class Shelf(Protocol):
    """An index or a folder: what the choice asks."""

    def files(self, project: str) -> tuple[IndexFile, ...]:
        """What is there of a project; () where it is not known."""

    def metadata(self, file: IndexFile) -> Metadata:
        """What a wheel says of itself."""


@record(frozen=True)
class Here:
    """Where the set is to run: ``python`` like "cp311"; ``glibc`` (2, 36)."""

    python: str
    glibc: tuple[int, int] = (2, 35)

    @property
    def numbers(self) -> tuple[int, int]:
        """(3, 11)."""
        return int(self.python[2]), int(self.python[3:])

    def ranks(self, glibc: tuple[int, int] | None = None) -> dict[str, int]:
        """The tags of wheels that run here (or would with another ``glibc``), the best first."""
        major, minor = glibc or self.glibc
        platforms = [f"manylinux_{major}_{n}_x86_64" for n in range(minor, 4, -1)]
        platforms += [f"{name}_x86_64" for name in ("manylinux2014", "manylinux2010", "manylinux1", "linux")]
        tags = [*cpython_tags(self.numbers, abis=[self.python], platforms=platforms)]
        tags += compatible_tags(self.numbers, self.python, platforms)
        return {str(tag): rank for rank, tag in reversed([*enumerate(tags)])}

    def environment(self) -> dict[str, str]:
        """What markers are judged by."""
        version = ".".join(map(str, self.numbers))
        kind = {"implementation_name": "cpython", "platform_python_implementation": "CPython", "os_name": "posix"}
        machine = {"platform_machine": "x86_64", "platform_system": "Linux", "sys_platform": "linux"}
        return {"python_version": version, "python_full_version": f"{version}.0", **machine, **kind}


@record(frozen=True)
class Asking:
    """What is looked for. ``index``: a URL or the name of a channel; ``wheels``: an absolute folder inside the root;
    ``torch``: this version alone; ``cpu``: one for the processor; ``layout``: what the index asked now is known to
    have."""

    gpu: Gpu
    here: Here
    index: str | None = None
    wheels: PurePosixPath | None = None
    torch: str | None = None
    early: bool = False
    cpu: bool = False
    layout: Layout | None = None


@record(frozen=True)
class Skipped:
    """A newer set that was passed over, and what it lacks."""

    torch: str
    lacks: tuple[str, ...]


@record(frozen=True)
class Choice:
    """A complete set. ``left_out``: what could come along and does not, and why."""

    torch: str
    rocm: str | None
    target: str
    python: str
    layout: Layout
    files: tuple[IndexFile, ...]
    left_out: tuple[str, ...] = ()


@record(frozen=True)
class Found:
    """What an index has for a wish. ``pythons``: those it has any torch of this kind for."""

    choice: Choice | None
    skipped: tuple[Skipped, ...]
    pythons: tuple[str, ...]


def pytorch_kernels(torch: str, rocm: str) -> frozenset[str]:
    """The targets for which a torch of pytorch.org has all kernels; none where no table says."""
    rows = (row for row in load_book().targets.wheels if row.torch.contains(torch))
    fits = next((row for row in rows if row.rocm is None or row.rocm.contains(rocm)), None)
    return fits.gfx - fits.without_rocblas if fits else frozenset()


def reported(torch: str, target: str) -> Reported | None:
    """How a torch runs on a target that it has no code for; None where it does not."""
    return next((one for one in _reports(torch) if target in one.targets), None)


def _reports(torch: str) -> list[Reported]:
    what = torch.partition("+")[0], rocm_of(torch)
    return [one for one in indexes().reported if (one.torch, one.rocm) == what]


def constraints(lock: Lock) -> str:
    """What a program may not exchange that is installed beside a torch later; the rest is its own to choose."""
    lines = [f"{file.name}=={file.version}" for file in lock.files if file.name.startswith(OF_TORCH)]
    return "".join(f"{line}\n" for line in (*lines, *(one.needs for one in _reports(lock.torch))))


class LackError(Exception):
    """A set is not whole: what is missing, or does not fit."""


def rocm_of(version: str) -> str | None:
    """The ROCm that a version was built for: "10.1.0" of 2.14.0+rocm10.1.0; None where it says none."""
    match = ROCM.search(version.partition("+")[2])
    return match[1] if match else None


def choose(shelf: Shelf, wish: Asking) -> Found:
    """The newest complete set. Raises what the shelf raises."""
    skipped: list[Skipped] = []
    maker = _Maker(shelf, wish)
    torches = _torches(shelf, wish)
    pythons = sorted({tag.partition("-")[0] for file in torches for tag in file.tags}, key=lambda p: (len(p), p))
    for version in _newest_first(torches):
        try:
            return Found(maker.make(version), tuple(skipped), tuple(pythons))
        except LackError as lack:
            skipped.append(Skipped(version, lack.args))
        if maker.walks > WALKS:
            break
    return Found(None, tuple(skipped), tuple(pythons))


def survey(shelf: Shelf, wish: Asking) -> tuple[Skipped, ...]:
    """Every set of an index, newest first, and what it lacks as far as the pages say; () where it is complete."""
    maker, found = _Maker(shelf, wish), []
    for version in _newest_first(_torches(shelf, wish)):
        try:
            maker.pinned(version)
            found.append(Skipped(version, ()))
        except LackError as lack:
            found.append(Skipped(version, lack.args))
    return tuple(found)


def _torches(shelf: Shelf, wish: Asking) -> list[IndexFile]:
    return [file for file in shelf.files("torch") if _of_kind(file.version, wish)]


def _newest_first(torches: Iterable[IndexFile]) -> list[str]:
    def key(version: str) -> tuple[Version, Version, str]:
        return Version(version.partition("+")[0]), Version(rocm_of(version) or "0"), version

    return sorted({file.version for file in torches}, key=key, reverse=True)


def _of_kind(version: str, wish: Asking) -> bool:
    parsed, rocm = Version(version), rocm_of(version)
    if wish.torch is not None and wish.torch != version and not f"{parsed.public}.".startswith(f"{wish.torch}."):
        return False
    if wish.cpu:
        return rocm is None and parsed.local in (None, "cpu")
    early = parsed.is_prerelease or (rocm is not None and Version(rocm).is_prerelease)
    return rocm is not None and (wish.early or not early)


class _Maker:
    """Makes a choice of one version of torch, or says what it lacks."""

    def __init__(self, shelf: Shelf, wish: Asking) -> None:
        self.shelf, self.wish = shelf, wish
        self.ranks, self.spoken = wish.here.ranks(), f"Python 3.{wish.here.python[3:]}"
        self.environment = wish.here.environment()
        self.walks = 0
        self.known: dict[str, list[IndexFile]] = {}
        self.layouts: dict[str, Layout] = {}  # by ROCm: an index changes it with the release, not with the build

    def make(self, version: str) -> Choice:
        wish = self.wish
        layout, pins = self.pinned(version)
        self.walks += 1
        roots, left = [("torch", f"device-{wish.gpu.gfx}")], []
        files = self.walk(roots, pins)
        for name in EXTRAS:
            try:
                pair, split = self.pair(name, version), layout is Layout.SPLIT and name == "torchvision"
                more = {name: pair, **({f"amd-torchvision-device-{wish.gpu.gfx}": pair} if split else {})}
                files = self.walk([*roots, (name, f"device-{wish.gpu.gfx}")], pins | more)
                pins |= more
            except LackError as lack:
                left.append(f"{name}: {'; '.join(lack.args)}")
        other = reported(version, wish.gpu.gfx)
        code = other.code if other else wish.gpu.gfx
        return Choice(version, rocm_of(version), code, wish.here.python, layout, files, tuple(left))

    def pinned(self, version: str) -> tuple[Layout, dict[str, str]]:
        """The layout of a torch, and the versions that may not be others. LackError names each missing piece."""
        torch, target, rocm = self.find("torch", version), self.wish.gpu.gfx, rocm_of(version)
        if torch is None:
            raise LackError(self.missing("torch", version))
        layout = self.layout(torch, rocm)
        wanted = pieces(layout, target, version, rocm)
        lacks = [
            self.missing(name, exact)
            for name, exact in wanted.items()
            if not (self.find(name, exact) if exact else self.fitting(name))
        ]
        if rocm and layout is not Layout.SPLIT:
            known = pytorch_kernels(version, rocm)
            shown, other = " ".join(sorted(known)) or "none known", reported(version, target)
            lacks += [] if (other.code if other else target) in known else [f"kernels for {target} (it has {shown})"]
        if lacks:
            raise LackError(*lacks)
        return layout, {name: exact for name, exact in wanted.items() if exact}

    def layout(self, torch: IndexFile, rocm: str | None) -> Layout:
        """By what the index is known for, by the device package, or by what torch says of itself."""
        if rocm is None:
            return Layout.CPU
        if self.wish.layout or self.find(f"amd-torch-device-{self.wish.gpu.gfx}", torch.version):
            return self.wish.layout or Layout.SPLIT
        if rocm not in self.layouts:
            asked = self.shelf.metadata(torch)
            names = {canonicalize_name(re.split(r"[^\w.-]", text, maxsplit=1)[0]) for text in asked.requires}
            split = "rocm-bootstrap" in names or any(extra.startswith("device-") for extra in asked.extras)
            beside = Layout.LIBRARIES if SOURCE in names else Layout.BUNDLED
            self.layouts[rocm] = Layout.SPLIT if split else beside
        return self.layouts[rocm]

    def missing(self, name: str, version: str | None) -> str:
        """A piece that is not there, and why not where it was."""
        there = [file for file in self.shelf.files(name) if version in (None, file.version)]
        back = next((f" (taken back: {file.yanked})" for file in there if file.yanked is not None), "")
        newer = any((self.wish.here.ranks(NEWEST).keys() & file.tags) and not self.tagged(file) for file in there)
        here = f"glibc {'.'.join(map(str, self.wish.here.glibc))}" if newer else self.spoken
        return f"{name}{back or (f' for {here}' if there else '')}"

    def pair(self, name: str, torch: str) -> str:
        """The version of torchvision or torchaudio for a torch. Raises LackError."""
        short = ".".join(torch.partition("+")[0].split(".")[:2])
        rocm, local = rocm_of(torch), Version(torch).local
        goes = next((pair for pair in indexes().pairs if pair.torch == short), None)
        if goes is None:
            raise LackError(f"no table says which one goes with torch {short}")
        prefix = goes.vision if name == "torchvision" else goes.audio
        fitting = {file.version for file in self.fitting(name) if file.version.startswith(f"{prefix}.")}
        found = sorted((v for v in fitting if (rocm_of(v) == rocm if rocm else Version(v).local == local)), key=Version)
        if len(found) > 1:
            pins = {v: self.pin(name, v) for v in found}
            found = [v for v in found if pins[v].contains(torch, prereleases=True)]
            if name == "torchaudio" and len(found) > 1 and not all(pins[v] for v in found):  # AMD's pin nothing
                whole = (torch.partition("+")[0], rocm)
                exact = next((pair.audio for pair in indexes().pairs if (pair.torch, pair.rocm) == whole), None)
                if exact is None:
                    which = f"several for this ROCm ({', '.join(found)})"
                    raise LackError(f"{which}, and no list of AMD's says which goes with torch {short}")
                found = [v for v in found if v.partition("+")[0] == exact]
        if not found:
            raise LackError(f"no {prefix} for {f'ROCm {rocm}' if rocm else 'this torch'} and {self.spoken}")
        return found[-1]

    def pin(self, name: str, version: str) -> SpecifierSet:
        """The torch that a package asks for; any where it says none. Raises LackError."""
        file = self.find(name, version)
        needs = self.needs(file, set()) if file else []
        return next((need.specifier for need in needs if need.name == "torch"), SpecifierSet())

    def fits(self, file: IndexFile) -> bool:
        """Whether a file can be used here at all."""
        if file.yanked is not None or (file.sdist and file.name != SOURCE):
            return False
        return self.tagged(file) and self.runs(file.requires_python)

    def tagged(self, file: IndexFile) -> bool:
        """Whether a file's name is of this Python and platform."""
        return file.sdist or not self.ranks.keys().isdisjoint(file.tags)

    def runs(self, requires_python: str | None) -> bool:
        """Whether the Python here is one of those; of what cannot be read it is none."""
        try:
            asked = SpecifierSet(requires_python or "")
        except InvalidSpecifier:
            return False
        return bool(asked.contains(self.environment["python_full_version"], prereleases=True))

    def candidates(self, name: str, specifier: SpecifierSet) -> list[IndexFile]:
        """What fits of a project, best first."""
        exact = any(clause.operator in ("==", "===") for clause in specifier)
        early = True if exact or (self.wish.early and name in ("rocm", "triton", "triton-rocm")) else None
        versions = {*specifier.filter({file.version for file in self.fitting(name)}, prereleases=early)}
        return [file for file in self.fitting(name) if file.version in versions]

    def fitting(self, name: str) -> list[IndexFile]:
        """What runs here of a project, best first."""
        if name not in self.known:
            worst, found = len(self.ranks), [file for file in self.shelf.files(name) if self.fits(file)]
            rank = {f: min((self.ranks.get(tag, worst) for tag in f.tags), default=worst) for f in found}
            self.known[name] = sorted(found, key=lambda f: (Version(f.version), -rank[f], build_of(f)), reverse=True)
        return self.known[name]

    def find(self, name: str, version: str) -> IndexFile | None:
        """The best file of one exact version."""
        return next((file for file in self.fitting(name) if file.version == version), None)

    def walk(self, roots: Iterable[tuple[str, str]], pins: Mapping[str, str]) -> tuple[IndexFile, ...]:
        """Everything that the roots need, each with what it asks for. Constraints only grow, so it ends."""
        specs = {name: SpecifierSet(f"==={version}") for name, version in pins.items()}
        if way := reported(pins["torch"], self.wish.gpu.gfx):
            specs |= {need.name: need.specifier for need in [Requirement(way.needs)]}
        extras: dict[str, set[str]] = {name: set() for name in pins}
        for name, extra in roots:
            extras.setdefault(name, set()).add(extra)
        while True:
            again = False
            chosen: dict[str, IndexFile] = {}
            todo = [*extras]
            while todo and not again:
                name = todo.pop()
                if name in chosen:
                    continue
                if len(chosen) > PACKAGES:
                    raise LackError(f"it needs more than {PACKAGES} packages")
                chosen[name] = file = self.pick(name, specs.get(name, SpecifierSet()))
                for need in self.needs(file, extras[name]):
                    other, more = canonicalize_name(need.name), {canonicalize_name(e) for e in need.extras}
                    before = specs.get(other, SpecifierSet())
                    specs[other] = before & need.specifier
                    if other in chosen:
                        again |= not more <= extras[other]
                        again |= not specs[other].contains(chosen[other].version, prereleases=True)
                    extras.setdefault(other, set()).update(more)
                    todo.append(other)
            if not again:
                return tuple(sorted(chosen.values(), key=lambda f: (not f.name.startswith("torch"), f.name)))

    def pick(self, name: str, specifier: SpecifierSet) -> IndexFile:
        if name.startswith(NOT_AMD):
            raise LackError(f"it is built for NVIDIA cards (it needs {name})")
        for file in self.candidates(name, specifier)[:TRIES]:
            if file.sdist or self.runs(self.shelf.metadata(file).requires_python):  # AMD's pages do not say it
                return file
        known = self.candidates(name, SpecifierSet())
        newest = f"; the newest here is {known[0].version}" if known else ""
        raise LackError(f"{name} {str(specifier).replace('===', '')}".strip() + newest)

    def needs(self, file: IndexFile, extras: set[str]) -> list[Requirement]:
        """What a file asks for with these extras."""
        texts = self.of_rocm(file.version, extras) if file.name == SOURCE else self.shelf.metadata(file).requires
        found = []
        marks = [{**self.environment, "extra": extra} for extra in (extras | {""})]
        for text in texts:
            try:
                need = Requirement(text)
                wanted = need.marker is None or any(need.marker.evaluate(mark) for mark in marks)
            except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName, InvalidVersion) as err:
                raise LackError(f"{file.filename} asks for something that cannot be read: {text[:60]!r}") from err
            if wanted and need.url is not None:
                raise LackError(f"{file.filename} asks for something from another place: {text[:60]!r}")
            found += [need] if wanted else []
        return found

    def of_rocm(self, version: str, extras: set[str]) -> list[str]:
        """As its setup.py has it (TheRock's template): a source package says it only when it is run. Of ``device-all``
        only this target's: the others are ten gigabytes that this card cannot use."""
        names = ["rocm-sdk-core", *(f"rocm-sdk-{extra}" for extra in sorted(extras) if extra in ("libraries", "devel"))]
        if any(extra.startswith("device-") for extra in extras):
            names.append(f"rocm-sdk-device-{self.wish.gpu.gfx}")
        return [BUILDER, *(f"{name}=={version}" for name in names)]
