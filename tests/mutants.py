#!/usr/bin/env python3
"""Do the tests see a fault? tests/mutants.py [--seed N] [--count 60] [--minutes 60] [--map FILE] [--only N,N…]

Draws mutants by seed from mechanical operators – negate a condition, drop a call, swap two arguments, off by one, empty
a collection – over the folders that decide and change: as many of each. Each is put into a scratch copy, and the tests
that come into its function run there, the quickest first, until one fails: it is killed. Which tests do is learned in
a run of them before (kept in FILE). What no test sees is listed with its change: a test is missing, or it means the
same. Exit 0: nine of ten are killed. Run it under nice; it needs no root.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import json
import os
import random
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import NoReturn

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PACKAGE = "installer/rdna_installer"
FOLDERS = ("change", "plan", "check", "amd", "environments", "workflow")
TESTS = ("tests/unit", "tests/cli", "tests/security")
FAR = ["tests/setup/test_setup_path.py"]  # in processes of their own, which no map sees: for what no other comes into
STILL = 600  # seconds without a word from pytest: it hangs, which is seen
FIRST, MOST = 12, 150  # tests tried for one mutant: these few are mostly enough
REACHED: dict[str, tuple[float, list[str]]] = {}


# --- as a plugin of pytest: which functions each test comes into ------------------------------------------------------

if MAP := os.environ.get("RDNA_MUTANTS_MAP"):
    SEEN: set[CodeType] = set()
    FAILED: set[str] = set()
    RUNS, WORKER, LEAVE = [""], os.getpid(), os._exit

    def functions() -> list[str]:
        """Those of ours that were called, as the map names them."""
        ours = [(c.co_filename.rpartition(PACKAGE)[2], getattr(c, "co_qualname", "")) for c in SEEN]
        return sorted(f"{file}:{name}" for file, name in ours if file)

    def leave(code: int) -> NoReturn:
        """A child that a test forked, with whatever rights it has by then: what it came into is the test's as well."""
        sys.settrace(None)
        if os.getpid() != WORKER and (found := functions()):
            with contextlib.suppress(OSError):
                fd = os.open(f"{MAP}/{WORKER}-{os.geteuid()}.forks", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
                os.write(fd, b"\n" + json.dumps([RUNS[0], found]).encode() + b"\n")
        LEAVE(code)

    os.register_at_fork(after_in_child=SEEN.clear)
    os._exit = leave  # type: ignore[assignment]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
        """Note the functions of ours that are called; a tracer that wants no lines costs little."""

        def tracer(frame: FrameType, _event: str, _arg: object) -> None:
            SEEN.add(frame.f_code)

        SEEN.clear()
        RUNS[0], begun = item.nodeid, time.perf_counter()
        sys.settrace(tracer)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            if item.nodeid not in FAILED:  # a load of its own may do that; what fails anyway sees no mutant
                REACHED[item.nodeid] = (time.perf_counter() - begun, functions())

    def pytest_runtest_logreport(report: pytest.TestReport) -> None:
        """Note what fails."""
        if report.failed:
            FAILED.add(report.nodeid)

    def pytest_sessionfinish() -> None:
        """Each worker writes what it saw."""
        Path(MAP or "", f"{os.getpid()}.json").write_text(json.dumps(REACHED))


# --- the mutants ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """``old`` at a place becomes ``new``; ``function``: as the map of tests names it."""

    file: str  # below the package
    line: int
    span: tuple[int, int]  # bytes of the file
    operator: str
    old: str
    new: str
    function: str

    def __str__(self) -> str:
        old, new = (" ".join(text.split())[:70] for text in (self.old, self.new))
        return f"{self.file}:{self.line} {self.operator}: {old}  ->  {new}"


class Finder(ast.NodeVisitor):
    """Every place of one file where an operator fits, but for annotations and what only a type checker reads."""

    def __init__(self, file: str, source: bytes) -> None:
        self.file, self.source, self.found = file, source, list[Mutant]()
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.names: list[str] = []

    def add(self, node: ast.expr | ast.stmt, operator: str, new: Callable[[str], str]) -> None:
        """A mutant of ``node``; none outside a function: what is run at import is seen by everything."""
        if not any(name.endswith("()") for name in self.names):
            return
        assert node.end_lineno is not None and node.end_col_offset is not None
        span = (self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset)
        old = self.source[span[0] : span[1]].decode()
        qualified = ".".join(self.names).replace("().", ".<locals>.").removesuffix("()")
        self.found.append(Mutant(self.file, node.lineno, span, operator, old, new(old), f"/{self.file}:{qualified}"))

    def part(self, node: ast.expr) -> str:
        """The text of an expression."""
        return ast.get_source_segment(self.source.decode(), node) or ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.names.append(f"{node.name}()")
        for statement in node.body:
            self.visit(statement)
        self.names.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.append(node.name)
        for statement in node.body:
            self.visit(statement)
        self.names.pop()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        self.negate(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self.negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self.negate(test)
        self.generic_visit(node)

    def negate(self, test: ast.expr) -> None:
        self.add(test, "negate", lambda old: f"(not ({old}))")

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self.add(node, "drop call", lambda _: "None")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        given = node.args
        same = isinstance(node.func, ast.Name) and node.func.id in {"min", "max"}  # in any order
        if len(given) >= 2 and not same and not any(isinstance(arg, ast.Starred) for arg in given[:2]):
            one, two = self.part(given[0]), self.part(given[1])
            if one != two:
                self.add(node, "swap", lambda old: _swapped(old, one, two))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool):
            self.add(node, "off by one", lambda old: f"({old} + 1)")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Its parts have no places of their own before Python 3.12."""

    def collection(self, node: ast.expr, empty: str) -> None:
        """A collection that is read, with something in it."""
        if getattr(node, "elts", getattr(node, "keys", True)) and not isinstance(getattr(node, "ctx", None), ast.Store):
            self.add(node, "empty", lambda _: empty)
        self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        self.collection(node, "()")

    def visit_List(self, node: ast.List) -> None:
        self.collection(node, "[]")

    def visit_Dict(self, node: ast.Dict) -> None:
        self.collection(node, "{}")

    def visit_Set(self, node: ast.Set) -> None:
        self.collection(node, "set()")

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self.collection(node, "[]")

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self.collection(node, "{}")

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self.collection(node, "(_ for _ in ())")


def _swapped(old: str, one: str, two: str) -> str:
    """The first two arguments in each other's place, the text between them as it is."""
    first = old.index(one, old.index("("))
    second = old.index(two, first + len(one))
    return old[:first] + two + old[first + len(one) : second] + one + old[second + len(two) :]


def draw(seed: int, count: int) -> list[Mutant]:
    """As many of each operator, none twice."""
    by_operator: dict[str, list[Mutant]] = {}
    for folder in FOLDERS:
        for path in sorted((PROJECT / PACKAGE / folder).glob("*.py")):
            finder = Finder(f"{folder}/{path.name}", path.read_bytes())
            finder.visit(ast.parse(finder.source))
            for mutant in finder.found:
                by_operator.setdefault(mutant.operator, []).append(mutant)
    dice = random.Random(seed)
    for mutants in by_operator.values():
        dice.shuffle(mutants)
    turns = [mutants[turn] for turn in range(count) for mutants in by_operator.values() if turn < len(mutants)]
    return turns[:count]


# --- the run ----------------------------------------------------------------------------------------------------------


def learn(copy: Path) -> dict[str, tuple[float, list[str]]]:
    """One run of the tests: what each of them that passes comes into."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o1777)  # children with others' rights write into it
        environment = {**os.environ, "RDNA_MUTANTS_MAP": folder, "PYTHONPATH": str(copy / "tests")}
        spread = ["-n", "2", "--dist", "loadscope", "--deselect", "tests/unit/test_linters.py"]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "mutants", *spread, "-m", "not system", *TESTS]
        done = subprocess.run(command, cwd=copy, env=environment, check=False)
        if done.returncode not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            raise SystemExit(f"the tests were not run: pytest ended with {done.returncode}")
        return gathered(Path(folder))


def gathered(folder: Path) -> dict[str, tuple[float, list[str]]]:
    """What the workers wrote."""
    found: dict[str, tuple[float, list[str]]] = {}
    for part in folder.glob("*.json"):
        found |= json.loads(part.read_text())
    for part in folder.glob("*.forks"):
        with part.open() as lines:
            for line in lines:
                with contextlib.suppress(ValueError, KeyError):  # a child that was let write little, or killed
                    name, more = json.loads(line)
                    found[name][1].extend(set(more).difference(found[name][1]))
    return found


def nearest(mutant: Mutant, reached: dict[str, tuple[float, list[str]]]) -> list[str]:
    """The tests that come into its function, those of its own folder and the quickest first; one a test function."""
    comes = [(not name.startswith(f"tests/unit/{mutant.file.split('/')[0]}/"), seconds, name)
             for name, (seconds, functions) in reached.items() if mutant.function in functions]  # fmt: skip
    first, rest, seen = list[str](), list[str](), set[str]()
    for _, _, name in sorted(comes):
        function = name.partition("[")[0]
        (rest if function in seen else first).append(name)
        seen.add(function)
    return [*first, *rest][:MOST]


def verdict(mutant: Mutant, tests: list[str], copy: Path, until: float) -> str:
    """What became of it: killed by a test, hung, or survived."""
    path = copy / PACKAGE / mutant.file
    sound = path.read_bytes()
    path.write_bytes(sound[: mutant.span[0]] + mutant.new.encode() + sound[mutant.span[1] :])
    os.utime(path, (time.time() + 5, time.time() + 5))  # a compiled file of the same second is not it
    try:
        said = "survived"
        for some in (tests[:FIRST], tests[FIRST:]):
            if some and said == "survived":
                said = _watched(some, copy, until)
        return said
    finally:
        path.write_bytes(sound)
        os.utime(path)


def _watched(tests: list[str], copy: Path, until: float) -> str:
    """Run them in a fork of this process, which has imported all but the program."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _child(tests, copy, writing)
    os.close(writing)
    ended = b""
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        while True:
            limit = min(STILL, until - time.monotonic())
            if limit <= 0 or not selector.select(limit):
                os.killpg(child, 9)
                os.waitpid(child, 0)
                os.close(reading)
                return "killed: it hangs" if limit >= STILL else "not known: no time left"
            text = os.read(reading, 1 << 16)
            if not text:
                break
            ended = (ended + text)[-8000:]
    os.close(reading)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 0:
        return "survived"
    if code == pytest.ExitCode.USAGE_ERROR:
        return "not known: a test of the map is no more; learn another"
    lines = ended.decode(errors="replace").splitlines()
    failed = [line.split()[1] for line in lines if line.startswith(("FAILED ", "ERROR "))]
    return f"killed: {failed[-1] if failed else (lines or ['nothing is said'])[-1]}"


def _child(tests: list[str], copy: Path, out: int) -> NoReturn:
    os.setpgid(0, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.chdir(copy)
    options = ["-x", "-v", "--no-header", "-p", "no:xdist", "-p", "no:cacheprovider", f"--basetemp={copy}.tmp"]
    code = 70
    try:
        code = int(pytest.main([*options, *tests]))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def main() -> int:
    for name in ("yaml", "click", "jinja2", "distro", "packaging.version", "jsonschema"):
        with contextlib.suppress(ImportError):  # once for all
            importlib.import_module(name)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--map", type=Path, metavar="FILE", help="kept there: which tests come into which functions")
    parser.add_argument("--only", metavar="N,N…", help="of the drawn ones, by number")
    arguments = parser.parse_args()
    until = time.monotonic() + 60 * arguments.minutes
    with tempfile.TemporaryDirectory(prefix="rdna-mutants-") as folder:
        Path(folder).chmod(0o755)
        copy = Path(folder, "copy")
        named = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True).stdout
        for name in filter(None, named.decode().split("\0")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, copy / name)
        if arguments.map and arguments.map.exists():
            reached = json.loads(arguments.map.read_text())
        else:
            reached = learn(copy)
            if arguments.map:
                arguments.map.write_text(json.dumps(reached))
        drawn = draw(arguments.seed, arguments.count)
        chosen = [int(n) for n in arguments.only.split(",")] if arguments.only else range(1, len(drawn) + 1)
        sound = _watched(nearest(drawn[0], reached)[:3], copy, until)
        assert sound == "survived", f"without a mutant: {sound}"
        killed = 0
        for number in chosen:
            mutant = drawn[number - 1]
            tests = nearest(mutant, reached) or FAR
            said = verdict(mutant, tests, copy, until)
            killed += said.startswith("killed")
            what, _, why = said.partition(": ")
            print(f"{number:>2} {what.upper():<9} {mutant}  ({why or f'{len(tests)} tests'})", flush=True)
    print(f"{killed} of {len(chosen)} killed")
    return 0 if killed >= 0.9 * len(chosen) else 1


if __name__ == "__main__":
    raise SystemExit(main())
