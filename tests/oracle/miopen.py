"""Debian's real MIOpen, asked without a GPU which solvers it would choose from.

``library(cache)`` fetches libmiopen1 of Debian sid and what it is linked to (9 MB; not rocBLAS, which is 4 GB and whose
place a stand-in takes) by this machine's own apt into folders of its own, and builds ``fake.c`` and ``ask.c`` beside
them; nothing is installed and root's rights are not needed. ``Library.ask`` starts it with sid's own loader on a GPU
that ``fake.c`` invents, with any environment, and reads out of its log which solvers it found applicable.

What this says is what MIOpen offers. It says nothing of how fast a solver is or whether it computes right on a card.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = ("libmiopen1", "libc6", "libstdc++6", "libgcc-s1", "libsqlite3-0", "libbz2-1.0", "libzstd1")
LINKED = re.compile(r"\b(libboost-(?:atomic|filesystem)[0-9.]+)\b")  # their names change with each release of Boost
STANDS_FOR = ("libamdhip64.so.6", "librocblas.so.4", "libroctx64.so.4")
LIBRARIES = "usr/lib/x86_64-linux-gnu"
TYPES = {"float32": 1, "float16": 0, "bfloat16": 5}  # miopenDataType_t
PASSES = ("forward", "backward data", "backward weights")  # miopenProblemDirection_t
ASKED = {
    "MIOPEN_FIND_MODE": "NORMAL",  # every applicable solver, not the first of a database
    "MIOPEN_LOG_LEVEL": "6",
    "MIOPEN_EXPERIMENTAL_GCN_ASM_PATH": "/bin/sh",  # any file: fake.c answers for it; without one: no Winograd
    "MIOPEN_DEBUG_DISABLE_FIND_DB": "1",
    "MIOPEN_DISABLE_CACHE": "1",
}
RAW = {  # how HIP spells a target with the features that its code is compiled for
    **dict.fromkeys(("gfx900", "gfx902", "gfx904", "gfx90c"), ":xnack-"),
    **dict.fromkeys(("gfx906", "gfx908", "gfx90a", "gfx942", "gfx950"), ":sramecc+:xnack-"),
    **dict.fromkeys(("gfx1010", "gfx1011", "gfx1012", "gfx1013"), ":xnack-"),
}
QUESTION = re.compile(r"^@ (.*)$")
FOUND = re.compile(r"\[SearchForAllSolutions\] ([A-Za-z0-9_<>, -]+): (Success|Not applicable|Skipped|[A-Z])")
DECLARED = re.compile(rb"__struct_(MIOPEN_[A-Z0-9_]+)3ref")  # a mangled name: its "ref" has 3 letters
# What only follows where no compiler answers, after all solvers were looked at: MIOpen starts one (Debian's), or asks
# hiprtc for it (the recipe's, with MIOPEN_USE_HIPRTC, its default).
FOLLOWS = r"popen\(\)|Failed to load kernel source|Code object build failed"
ERROR = re.compile(rf"^MIOpen Error: (?:\S+: )?(?!.*(?:{FOLLOWS}))(.*)$")
NEEDED = re.compile(r"\(NEEDED\).*\[([^\]]+)\]")
WANTED = re.compile(r" UND (\w+)(?:@(\S+))?")
LIMIT = 300  # seconds for all questions of one process; it takes one


class Unavailable(Exception):
    """The library cannot be had here, and why."""


@dataclass(frozen=True)
class Shape:
    """A convolution, as facts of PyTorch programs have it; ``transposed`` is asked as what PyTorch makes of it."""

    name: str
    channels: tuple[int, int]
    kernel: int
    stride: int
    padding: int
    groups: int
    size: tuple[int, ...]
    batch: int
    transposed: bool = False

    @property
    def said(self) -> str:
        """In words."""
        size = "x".join(map(str, self.size))
        kernel = "x".join([str(self.kernel)] * len(self.size))
        more = [f"stride {self.stride}"] * (self.stride > 1) + [f"{self.groups} groups"] * (self.groups > 1)
        kind = "transposed " if self.transposed else ""
        listed = ", ".join([f"{self.channels[0]} to {self.channels[1]} channels", *more, f"batch {self.batch}"])
        return f"{kind}{kernel} on {size}: {listed}"

    def line(self, type_: str, pass_: str) -> str:
        """The question for ask.c. A transposed convolution is an ordinary one with forward and backward exchanged."""
        where, (into, out), size = PASSES.index(pass_), self.channels, self.size
        if self.transposed:
            where = {0: 1, 1: 0}.get(where, where)
            into, out = out, into
            size = tuple((n - 1) * self.stride - 2 * self.padding + self.kernel for n in size)
        numbers = (where, TYPES[type_], len(size), self.batch, into, out, self.groups)
        return " ".join(map(str, (*numbers, self.kernel, self.stride, self.padding, *size)))


@dataclass(frozen=True)
class Cell:
    """One question: a shape, a type, a pass."""

    shape: str
    type: str
    pass_: str


@dataclass(frozen=True)
class Answer:
    """What is offered for each question, in MIOpen's order; ``refused``: why it stopped, with what it was given."""

    offers: Mapping[Cell, tuple[str, ...]]
    names: frozenset[str]  # of all solvers it looked at
    refused: str | None


def shapes() -> tuple[Shape, ...]:
    """shapes.tsv."""
    found = []
    for line in (HERE / "shapes.tsv").read_text().splitlines()[1:]:
        name, op, *numbers, size, batch = line.split("\t")
        into, out, kernel, stride, padding, groups = map(int, numbers)
        sides = tuple(map(int, size.split("x")))
        transposed = "transpose" in op
        found.append(Shape(name, (into, out), kernel, stride, padding, groups, sides, int(batch), transposed))
    return tuple(found)


@dataclass(frozen=True)
class Library:
    """One MIOpen, ready to be asked."""

    folder: Path
    version: str
    package: str
    instead: Path | None = None  # a folder with another libMIOpen, and with what only that one needs

    @property
    def variables(self) -> frozenset[str]:
        """All environment variables it declares."""
        content = (self.folder / LIBRARIES / "libMIOpen.so.1").read_bytes()
        return frozenset(name.decode() for name in DECLARED.findall(content))

    def ask(self, gfx: str, over: Sequence[Shape], env: Mapping[str, str], **card: int) -> Answer:
        """Every type and pass of each shape, on ``gfx`` with ``env``. Raises OSError, TimeoutExpired."""
        cells = [Cell(shape.name, type_, pass_) for shape in over for type_ in TYPES for pass_ in PASSES]
        by_name = {shape.name: shape for shape in over}
        asked = "".join(f"{by_name[cell.shape].line(cell.type, cell.pass_)}\n" for cell in cells)
        with tempfile.TemporaryDirectory(dir=_fast()) as home:
            given = {"FAKE_GFX": gfx + RAW.get(gfx, ""), "HOME": home, "TMPDIR": home, **ASKED, **env}
            given |= {f"FAKE_{name.upper()}": str(value) for name, value in card.items()}
            done = subprocess.run(
                self._command(),
                check=False,
                input=asked,
                env=given,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=LIMIT,
            )
        return _read(cells, done)

    def _command(self) -> list[str]:
        libraries, built = self.folder / LIBRARIES, _built(self.folder)
        loader = [str(libraries / "ld-linux-x86-64.so.2"), "--preload", str(built / "fake.so")]
        first = [str(self.instead)] if self.instead else []
        return [*loader, "--library-path", ":".join([*first, f"{built}:{libraries}"]), str(built / "ask")]


def _fast() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _read(cells: Sequence[Cell], done: subprocess.CompletedProcess[str]) -> Answer:
    blocks: list[list[str]] = []
    names: set[str] = set()
    ended, refused = False, None
    for line in done.stderr.splitlines():
        if line.startswith("@") and (asked := QUESTION.match(line)):
            ended = asked[1] == "end"
            blocks.append([])
        elif "[SearchForAllSolutions]" in line and (found := FOUND.search(line)) and blocks:
            names.add(found[1])
            if found[2] == "Success":
                blocks[-1].append(found[1])
        elif (error := ERROR.match(line)) and refused is None:
            refused = error[1]
    if not ended:
        return Answer({}, frozenset(names), refused or f"ended with status {done.returncode}")
    return Answer(dict(zip(cells, map(tuple, blocks), strict=False)), frozenset(names), refused)


def cache_folder() -> Path:
    """Where what was fetched is kept, if nobody names another folder."""
    if given := os.environ.get("RDNA_TEST_CACHE"):
        return Path(given) / "miopen"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rdna-installer-tests" / "miopen"


def library(cache: Path) -> Library:
    """The library below ``cache`` and our two programs, fetched and built if they are not there. Raises Unavailable."""
    absent = [tool for tool in ("apt-get", "dpkg-deb", "gcc") if shutil.which(tool) is None]
    if absent:
        raise Unavailable(f"not installed: {', '.join(absent)}")
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        root = cache / "sid"
        if not root.is_dir():
            partial = cache / "partial"
            shutil.rmtree(partial, ignore_errors=True)
            _fetch(partial)
            partial.rename(root)
        _build(root)
    return _started(Library(root, "", (root / "package").read_text().strip()))


def _started(found: Library) -> Library:
    done = subprocess.run(
        found._command(), check=False, env=ASKED, input="", capture_output=True, text=True, timeout=LIMIT
    )
    if done.returncode:
        raise Unavailable(f"it does not start here: {done.stderr.strip()[-300:]}")
    return replace(found, version=done.stdout.strip())


def another(stock: Library, file: Path, folder: Path) -> Library:
    """A libMIOpen that somebody built, in the place of Debian's. What it needs and Debian's does not (the compiler as a
    library) is made in ``folder`` to fail at every call: none is needed for the list. Raises Unavailable."""
    (folder / "libMIOpen.so.1").symlink_to(file.resolve())
    own = {path.name for place in (stock.folder / LIBRARIES, _built(stock.folder)) for path in place.iterdir()}
    wants: dict[str, str] = dict(WANTED.findall(_run("readelf", "-W", "--dyn-syms", str(file))))
    for name in NEEDED.findall(_run("readelf", "-W", "-d", str(file))):
        if name in own:
            continue
        begins = {"libamd_comgr": "amd_comgr_", "libhiprtc": "hiprtc"}.get(name.partition(".so")[0])
        if begins is None:
            raise Unavailable(f"it needs {name}, which is not among what was fetched")
        calls = {call: version for call, version in wants.items() if call.startswith(begins)}
        body = {call: '(void *)"failed"' if "ErrorString" in call else "(void *)1" for call in calls}
        (folder / "stub.c").write_text("".join(f"void *{call}(void) {{ return {it}; }}\n" for call, it in body.items()))
        versions = sorted({version for version in calls.values() if version})
        lines = [f"{v} {{ {''.join(f'{c}; ' for c in calls if calls[c] == v)}}};\n" for v in versions]
        (folder / "stub.map").write_text("".join(lines) or "{ *; };\n")
        flags = ["-shared", "-fPIC", f"-Wl,-soname,{name}", f"-Wl,--version-script={folder / 'stub.map'}"]
        _run("gcc", *flags, "-o", str(folder / name), str(folder / "stub.c"))
    return _started(replace(stock, package=str(file), instead=folder))


def _run(*argv: str, cwd: Path | None = None) -> str:
    try:
        return subprocess.run(argv, cwd=cwd, check=True, capture_output=True, text=True, timeout=LIMIT).stdout
    except subprocess.TimeoutExpired as err:
        raise Unavailable(f"{argv[0]} took more than {LIMIT} s") from err
    except subprocess.CalledProcessError as err:
        raise Unavailable(f"{argv[0]} failed: {(err.stderr or err.stdout).strip()[-300:]}") from err


def _fetch(root: Path) -> None:
    if _run("dpkg", "--print-architecture").strip() != "amd64":
        raise Unavailable("the packages and the fake GPU are for amd64")
    with tempfile.TemporaryDirectory(prefix="rdna-apt-") as folder:
        apt = Path(folder)
        for name in ("lists/partial", "archives/partial"):
            (apt / name).mkdir(parents=True)
        (apt / "status").touch()
        (apt / "sources.list").write_text(_source())
        options = {
            "Dir::State::lists": apt / "lists",
            "Dir::State::status": apt / "status",
            "Dir::Cache": apt,
            "Dir::Etc::sourcelist": apt / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Acquire::Check-Valid-Until": "false",  # a mirror may be a frozen copy
            "Acquire::Languages": "none",
            "Acquire::http::Timeout": 60,
            "APT::Sandbox::User": "",
            "APT::Update::Error-Mode": "any",
        }
        told = [f"-o{key}={value}" for key, value in options.items()]
        _run("apt-get", *told, "-qq", "update")
        linked = set(LINKED.findall(_run("apt-cache", *told, "depends", "libmiopen1")))
        _run("apt-get", *told, "-qq", "download", *PACKAGES, *sorted(linked), cwd=apt)
        for package in sorted(apt.glob("*.deb")):
            _run("dpkg-deb", "--extract", str(package), str(root))
        told = _run("dpkg-deb", "--show", *map(str, apt.glob("libmiopen1_*.deb")))
        (root / "package").write_text(" ".join(told.split()))


def _source() -> str:
    """A line for sid, from where this machine's apt has its Debian and with the same keys. Raises Unavailable."""
    if given := os.environ.get("RDNA_TEST_APT_SOURCES"):
        files = [Path(given)]
    else:
        files = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    for file in files:
        with contextlib.suppress(OSError):
            if found := _debian(file.read_text(errors="replace"), file.suffix == ".sources"):
                return found
    raise Unavailable("no file of this machine's apt names a mirror of Debian")


def _debian(text: str, stanzas: bool) -> str | None:
    if stanzas:
        for stanza in re.split(r"\n\s*\n", text):
            fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.+)$", stanza, re.MULTILINE))
            if "main" in fields.get("Components", "").split() and _plain(fields.get("Suites", "")):
                key = fields.get("Signed-By")
                return f"deb {f'[signed-by={key}] ' if key else ''}{fields['URIs'].split()[0]} sid main\n"
    for line in text.splitlines():
        part = re.match(r"deb\s+(\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(?=.*\bmain\b)", line)
        if part and _plain(part[3]):
            return f"deb {part[1] or ''}{part[2]} sid main\n"
    return None


def _plain(suites: str) -> bool:
    """Whether one of them is a release of Debian itself, neither its security updates nor somebody else's."""
    names = {"bookworm", "trixie", "forky", "sid", "stable", "testing", "unstable"}
    return not names.isdisjoint(suites.split())


def _built(root: Path) -> Path:
    """Another folder for other sources: whoever runs the old programs keeps them."""
    sources = b"".join((HERE / name).read_bytes() for name in ("fake.c", "fake.map", "ask.c"))
    return root / f"built-{hashlib.sha256(sources).hexdigest()[:16]}"


def _build(root: Path) -> None:
    if (built := _built(root)).is_dir():
        return
    partial = root / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    flags = ("-O1", "-Wall", "-Wextra")
    version = f"-Wl,--version-script={HERE / 'fake.map'}"
    _run("gcc", *flags, "-shared", "-fPIC", version, "-o", str(partial / "fake.so"), str(HERE / "fake.c"))
    for name in STANDS_FOR:
        (partial / name).symlink_to("fake.so")
    ignored = "-Wl,--unresolved-symbols=ignore-all"  # sid's newer C library has the rest
    linked = str(root / LIBRARIES / "libMIOpen.so.1")
    _run("gcc", *flags, "-o", str(partial / "ask"), str(HERE / "ask.c"), ignored, linked)
    partial.rename(built)
