"""The floors of the house: who may import whom, and who may touch the machine."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "installer" / "rdna_installer"
FLOORS = {
    "record": -2,
    "codec": -1,
    "printable": -1,
    "model": 0,
    "errors": 0,
    "resources": 0,
    "gfx": 0,
    "parameter": 0,
    "__init__": 0,
    "machine": 1,
    "detect": 2,
    "knowledge": 2,
    "amd": 3,
    "plan": 4,
    "environments": 4,
    "change": 5,
    "check": 5,
    "probe": 5,
    "diagnose": 5,
    "share": 6,
    "workflow": 7,
    "cli": 8,
    "report": 8,
    "__main__": 9,
}
APART = {
    ("detect", "knowledge"),
    ("knowledge", "detect"),
    ("change", "check"),
    ("check", "change"),
    ("report", "cli"),
    ("amd", "detect"),
}
FORBIDDEN_MODULES = {"subprocess", "shutil", "tempfile", "pty", "multiprocessing", "socket", "fcntl", "ctypes"}
READING_OS = {
    "PathLike", "environ", "fsencode", "fsdecode", "getegid", "geteuid", "getgroups", "getuid", "getgid", "path",
    "stat_result", "strerror", "sep", "getpid", "isatty", "uname", "get_terminal_size", "R_OK", "W_OK",
    "major", "minor",
}  # fmt: skip
SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if "runtime" not in p.parts and "demo" not in p.parts)


def _floor(path: Path) -> str:
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def _imports(tree: ast.AST) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.lineno, f"{'.' * node.level}{node.module}.{alias.name}") for alias in node.names]
    return found


def _found(look: Callable[[ast.AST], list[str]], paths: Iterable[Path] = SOURCES) -> dict[str, list[str]]:
    """What is wrong, by the file it is in."""
    found = {str(path.relative_to(PACKAGE)): look(_tree(path)) for path in paths}
    return {name: wrong for name, wrong in found.items() if wrong}


@cache
def _tree(path: Path) -> ast.AST:
    return ast.parse(path.read_text())


def test_imports_only_lower_floors() -> None:
    for path in SOURCES:
        own = _floor(path)
        assert own in FLOORS, f"{path}: {own} is on no floor"
        for line, name in _imports(_tree(path)):
            assert not name.startswith("."), f"{path}:{line}: relative import"
            parts = name.split(".")
            if parts[0] != "rdna_installer" or len(parts) < 2:
                continue
            other = parts[1] if parts[1] in FLOORS else "__init__"
            assert other == own or FLOORS[other] < FLOORS[own] or (own, other) == ("cli", "report"), (
                f"{path}:{line} imports {name}: {own} may not know {other}"
            )
            assert (own, other) not in APART, f"{path}:{line} imports {name}: {own} and {other} are apart"


def _effects(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr=attr) if attr not in READING_OS:
                found.append(f"line {node.lineno}: os.{attr}")
            case ast.Call(func=ast.Name(id="open" | "exec" | "eval" | "print")):
                found.append(f"line {node.lineno}: {node.func.id}()")
            case ast.Attribute(attr="write_text" | "write_bytes" | "mkdir" | "unlink" | "rename" | "touch" | "chmod"):
                found.append(f"line {node.lineno}: .{node.attr}")
    return sorted(found)


def _touches(tree: ast.AST) -> list[str]:
    modules = [f"line {line}: {name}" for line, name in _imports(tree) if name.split(".")[0] in FORBIDDEN_MODULES]
    return _effects(tree) + modules


def test_only_machine_touches_the_machine() -> None:
    assert _found(_touches, [p for p in SOURCES if _floor(p) not in ("machine", "record", "codec")]) == {}


def test_the_check_sees_a_planted_effect() -> None:
    planted = ast.parse("import os\nos.rename('a', 'b')\nopen('x', 'w')\n")
    assert _effects(planted) == ["line 2: os.rename", "line 3: open()"]


PRINTER = PACKAGE / "report" / "console.py"
CLICKS = {
    "echo", "secho", "confirm", "prompt", "pause", "progressbar", "echo_via_pager", "style", "edit", "clear",
    "get_text_stream", "get_binary_stream",
}  # fmt: skip


def _other_ways(tree: ast.AST) -> list[str]:
    """Ways to a standard stream; to flush one says nothing."""
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    flushed = {id(node.value) for node in attributes if node.attr == "flush"}
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "stderr" | "__stdout__" | "__stderr__"):
                if id(node) not in flushed:
                    found.append(f"line {node.lineno}: sys.{node.attr}")
            case ast.Attribute(value=ast.Name(id="click"), attr=attr) if attr in CLICKS:
                found.append(f"line {node.lineno}: click.{attr}")
            case ast.Attribute(attr="print_exc" | "print_exception" | "print_stack" | "excepthook"):
                found.append(f"line {node.lineno}: .{node.attr}")
            case ast.Call(func=ast.Attribute(attr="show"), args=[]):
                found.append(f"line {node.lineno}: .show()")
            case ast.Attribute(value=ast.Name(id="warnings"), attr="warn" | "warn_explicit" | "showwarning"):
                found.append(f"line {node.lineno}: warnings.{node.attr}")
            case ast.Call(func=ast.Name(id="print" | "input")):
                found.append(f"line {node.lineno}: {node.func.id}()")
    names = [(line, name) for line, name in _imports(tree) if name.split(".")[0] in ("logging", "getpass")]
    names += [(line, name) for line, name in _imports(tree) if name.startswith(("sys.", "click."))]
    return sorted([*found, *(f"line {line}: {name}" for line, name in names if name not in HARMLESS)])


HARMLESS = {"click.core.ParameterSource", "click.shell_completion.CompletionItem"}


def test_only_the_printer_prints() -> None:
    assert _found(_other_ways, [p for p in SOURCES if p != PRINTER]) == {}


def test_the_check_sees_planted_output() -> None:
    planted = (
        "import sys, click, logging\nfrom sys import stderr\nsys.stdout.write('x')\nf(sys.stderr)\nclick.echo('x')\n"
        "err.show()\nprint('x')\nclick.confirm('x')\ntraceback.print_exc()\nsys.stdout.flush()\n"
    )
    found = {text.split(":")[0] for text in _other_ways(ast.parse(planted))}
    assert found == {f"line {n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9)}


def test_no_command_renders_by_itself() -> None:
    """A renderer is handed to ``show``, which makes what it gets printable. ``env`` prints shell words."""
    assert _found(_rendered, [p for p in SOURCES if _floor(p) == "cli"]) == {}


def _rendered(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=attr)):
                if module.endswith("_text"):
                    found.append(f"line {node.lineno}: {module}.{attr}")
    return found


def test_the_check_sees_a_planted_rendering() -> None:
    planted = ast.parse("show(plan_text.render, plan)\nplan_text.render(plan, style)\n")
    assert _rendered(planted) == ["line 2: plan_text.render"]


MAKES_PROCESSES = {"foreign.py", "keeper.py", "process.py", "watch.py"}  # of machine/, and only by os.fork
PROCESS_MODULES = {"subprocess", "pty", "multiprocessing", "concurrent", "pickle", "marshal", "shelve"}
PROCESS_CALLS = {"fork", "forkpty", "system", "popen", "posix_spawn", "posix_spawnp", "vfork"}
FIRST_WORDS = ("exec", "spawn")


def _makes_processes(tree: ast.AST) -> list[str]:
    found = [name for _, name in _imports(tree) if name.split(".")[0] in PROCESS_MODULES]
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr=attr):
                if attr in PROCESS_CALLS or attr.startswith(FIRST_WORDS):
                    found.append(f"os.{attr}")
    return found


def test_processes_are_made_in_four_files() -> None:
    """Never by subprocess, whose vfork hangs with what it starts; and no pickle, which runs what it reads."""
    found = _found(_makes_processes)
    for name in [f"machine/{name}" for name in MAKES_PROCESSES]:
        may = [call for call in found.pop(name, []) if call != "os.fork" and not call.startswith("os.exec")]
        assert may == [], name
    assert found == {}


def test_the_check_sees_planted_processes() -> None:
    planted = "import subprocess, pickle\nfrom multiprocessing import Pool\nimport os\nos.fork()\nos.execv('a', [])\n"
    assert len(_makes_processes(ast.parse(planted))) == 5


NETWORK = ("socket", "ssl", "http.", "urllib.request", "urllib.error", "ftplib", "smtplib", "asyncio", "requests")


def _reaches_out(tree: ast.AST) -> list[str]:
    return [f"line {line}: {name}" for line, name in _imports(tree) if f"{name}.".startswith(NETWORK)]


def test_one_file_knows_the_network() -> None:
    found = _found(_reaches_out)
    assert len(found.pop("machine/net.py")) >= 5
    assert found == {}


def test_the_check_sees_a_planted_way_out() -> None:
    planted = (
        "import socket\nfrom urllib.request import urlopen\nimport http.client\nfrom urllib.parse import urlsplit\n"
    )
    assert len(_reaches_out(ast.parse(planted))) == 3


def test_runtime_knows_nothing_of_ours() -> None:
    for path in (PACKAGE / "runtime").rglob("*.py"):
        names = [name for _, name in _imports(ast.parse(path.read_text()))]
        assert not [n for n in names if n.startswith("rdna_installer")], path
