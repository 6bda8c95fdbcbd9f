"""Lists what the program tells people to do: every hint of an error or check, every command of the knowledge.

python tests/unit/report/hints.py    prints them, a line each: where, the words, the command
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from rdna_installer.printable import TYPED, parted

PROJECT = Path(__file__).resolve().parents[3]
PACKAGE = PROJECT / "installer/rdna_installer"
PLACES = {"Problem": 3, "Check": 5, "MayStay": 2, "Topic": 3, "_line": 4, "_conv_line": 4, "_told": 5, "refused": 1}
COMMANDS = {"next", "check", "command", "commands"}  # keys of the knowledge that hold what is to be typed
Hint = tuple[str, str]  # where, text


def filled(node: ast.expr) -> str | None:
    """The text of a string; a value filled in later is ``{x}``."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(piece.value) if isinstance(piece, ast.Constant) else "{x}" for piece in node.values)
    return None


class Module:
    """One file: its constants and functions by name, for hints that are not written where they are used."""

    def __init__(self, file: Path) -> None:
        self.name = str(file.relative_to(PACKAGE))
        self.tree = ast.parse(file.read_text())
        self.named: dict[str, list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.named.setdefault(node.targets[0].id, []).append(node.value)
            if isinstance(node, ast.FunctionDef):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Return) and inner.value is not None:
                        self.named.setdefault(node.name, []).append(inner.value)

    def hints(self) -> Iterator[Hint]:
        for node in ast.walk(self.tree):
            for value in used(node):
                yield from ((f"{self.name}:{value.lineno}", text) for text in self.texts(value, 0))

    def texts(self, node: ast.expr, depth: int) -> Iterator[str]:
        if (text := filled(node)) is not None:
            yield self.joined(node, depth) or text
        elif isinstance(node, (ast.IfExp, ast.BoolOp, ast.Tuple)):
            parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else getattr(node, "values", None)
            for part in parts or getattr(node, "elts", []):
                yield from self.texts(part, depth)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Lines":
            yield from self.texts(node.args[0], depth)
        elif isinstance(node, (ast.Name, ast.Call)) and depth < 3:
            name = node.id if isinstance(node, ast.Name) else ast.unparse(node.func)
            for value in self.named.get(name, ()):
                yield from self.texts(value, depth + 1)

    def joined(self, node: ast.expr, depth: int) -> str | None:
        """With constants of this file filled in: they end the text with its command."""
        if not isinstance(node, ast.JoinedStr) or depth > 2:
            return None
        pieces = []
        for piece in node.values:
            found = None
            if isinstance(piece, ast.FormattedValue) and isinstance(piece.value, ast.Name) and piece.value.id.isupper():
                found = next((t for v in self.named.get(piece.value.id, ()) for t in self.texts(v, depth + 1)), None)
            pieces.append(found or (str(piece.value) if isinstance(piece, ast.Constant) else "{x}"))
        return "".join(pieces)


def used(node: ast.AST) -> Iterator[ast.expr]:
    """Values that are used as a hint."""
    if isinstance(node, ast.Call):
        yield from (word.value for word in node.keywords if word.arg == "hint")
        place = PLACES.get(ast.unparse(node.func).rpartition(".")[2])
        if place is not None and len(node.args) > place:
            yield node.args[place]
    if (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in ("hint", "helps")
    ):
        yield node.value
    if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "KNOWN" and isinstance(node.value, ast.Dict):
        yield from (value.elts[2] for value in node.value.values if isinstance(value, ast.Tuple))


def of_knowledge(value: object, keys: Iterable[str], key: str = "") -> Iterator[str]:
    """The texts of a knowledge file that stand at one of ``keys``."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from of_knowledge(item, keys, name)
    elif isinstance(value, list):
        for item in value:
            yield from of_knowledge(item, keys, key)
    elif isinstance(value, str) and key in keys:
        yield value


def of_install() -> Iterator[Hint]:
    """What install.sh tells people to do: the fourth word of each ``fail``."""
    text = (PROJECT / "install.sh").read_text().replace("\\\n", " ")
    for found in re.finditer(r"""(?m)\bfail \d [\w-]+ +(?:"[^"]*"|'[^']*') +(?:"([^"]*)"|'([^']*)')""", text):
        yield "install.sh", re.sub(r"\$\{?\w+\}?", "{x}", found[1] or found[2])


def hints() -> list[Hint]:
    """All of them, once."""
    found = [hint for file in sorted(PACKAGE.rglob("*.py")) for hint in Module(file).hints()]
    once = {text: where for where, text in reversed([*found, *of_install()])}
    return sorted((where, text) for text, where in once.items())


def commands() -> list[Hint]:
    """All that the knowledge has people type."""
    files = sorted((PACKAGE / "knowledge/data").rglob("*.yaml"))
    return [
        (file.stem, text)
        for file in files
        for text in of_knowledge(yaml.load(file.read_text(), yaml.BaseLoader), COMMANDS)
    ]


def split(text: str) -> tuple[str, list[str]]:
    """The words of a hint, and the commands, as they stand alone on their lines."""
    lines: Iterable[str] = text.split("\n") if "\n" in text else parted(text)
    words, typed = [], []
    for line in lines:
        (typed if line.startswith(TYPED) else words).append(line.strip())
    return "\n".join(words), typed


if __name__ == "__main__":
    for where, text in hints():
        words, typed = split(text)
        print(f"{where}\t{words}\t{' | '.join(typed)}")
    for where, text in commands():
        print(f"{where}\t\t{text}")
