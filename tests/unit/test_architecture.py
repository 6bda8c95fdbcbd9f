"""The floors of the house: who may import whom, and who may touch the machine."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "installer" / "rdna_installer"
FLOORS = {
    "record": -2,
    "codec": -1,
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
    "change": 5,
    "check": 5,
    "probe": 5,
    "diagnose": 5,
    "workflow": 6,
    "cli": 7,
    "report": 7,
    "__main__": 8,
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


def _ids(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", SOURCES, ids=_ids)
def test_imports_only_lower_floors(path: Path) -> None:
    own = _floor(path)
    assert own in FLOORS, f"{own} is on no floor"
    for line, name in _imports(ast.parse(path.read_text())):
        assert not name.startswith("."), f"{path.name}:{line}: relative import"
        parts = name.split(".")
        if parts[0] != "rdna_installer" or len(parts) < 2:
            continue
        other = parts[1] if parts[1] in FLOORS else "__init__"
        assert other == own or FLOORS[other] < FLOORS[own] or (own, other) == ("cli", "report"), (
            f"{path.name}:{line} imports {name}: {own} may not know {other}"
        )
        assert (own, other) not in APART, f"{path.name}:{line} imports {name}: {own} and {other} are apart"


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


@pytest.mark.parametrize("path", [p for p in SOURCES if _floor(p) not in ("machine", "record", "codec")], ids=_ids)
def test_only_machine_touches_the_machine(path: Path) -> None:
    tree = ast.parse(path.read_text())
    modules = [f"line {line}: {name}" for line, name in _imports(tree) if name.split(".")[0] in FORBIDDEN_MODULES]
    assert _effects(tree) + modules == []


def test_the_check_sees_a_planted_effect() -> None:
    planted = ast.parse("import os\nos.rename('a', 'b')\nopen('x', 'w')\n")
    assert _effects(planted) == ["line 2: os.rename", "line 3: open()"]


def test_subprocess_is_in_one_file() -> None:
    users = [p.name for p in SOURCES if any(n == "subprocess" for _, n in _imports(ast.parse(p.read_text())))]
    assert users == ["process.py"]


def test_runtime_knows_nothing_of_ours() -> None:
    for path in (PACKAGE / "runtime").rglob("*.py"):
        names = [name for _, name in _imports(ast.parse(path.read_text()))]
        assert not [n for n in names if n.startswith("rdna_installer")], path
