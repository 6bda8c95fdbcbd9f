"""Plain English: words that no user should meet, in every text of the program and in the prose of its knowledge."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

PACKAGE = Path(__file__).resolve().parents[3] / "installer" / "rdna_installer"
FORBIDDEN = re.compile(
    r"before us\b|\bthe document\b|document 00\d|stay wrong|its own words|by accident|happen(s|ed) to|all is well|"
    r"\bnot here\b|\banew\b|wins over ours|\bsomebody\b|\bdecides\b(?! by)|\bin force\b|one probe",
    re.IGNORECASE,
)
PROSE = {"says", "why", "reason", "summary", "warn", "warnings", "risk", "cost", "does", "read"}
# Words of the log, of records and of tests of an environment: no user reads them there. file: how many are left.
LEFT = {
    "change/recover.py": 1, "change/store.py": 0, "change/transaction.py": 1, "change/together.py": 1,
    "check/hook.py": 1, "check/running.py": 4, "machine/asuser.py": 1, "plan/gpuset.py": 1, "workflow/recovering.py": 1,
    "workflow/running.py": 0,
}  # fmt: skip


def texts(file: Path) -> Iterator[str]:
    """Every text but docstrings; those of commands are their help."""
    tree = ast.parse(file.read_text())
    hidden = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            helps = isinstance(node, ast.FunctionDef) and any("command(" in ast.unparse(d) for d in node.decorator_list)
            if not helps:
                hidden.add(id(node.body[0].value))  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in hidden
            and " " in node.value
        ):
            yield node.value


def prose(value: object, key: str = "") -> Iterator[str]:
    """The texts of a knowledge file that are shown."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from prose(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from prose(item, key)
    elif isinstance(value, str) and key in PROSE:
        yield value


SOURCES = [f for f in sorted(PACKAGE.rglob("*.py")) if not {"runtime", "demo"} & set(f.relative_to(PACKAGE).parts)]


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(PACKAGE)))
def test_no_text_of_the_program_has_a_forbidden_word(file: Path) -> None:
    found = [text for text in texts(file) if FORBIDDEN.search(text)]
    assert len(found) <= LEFT.get(str(file.relative_to(PACKAGE)), 0), found


@pytest.mark.parametrize("file", sorted((PACKAGE / "knowledge/data").rglob("*.yaml")), ids=lambda f: f.stem)
def test_no_knowledge_has_a_forbidden_word(file: Path) -> None:
    said = prose(yaml.load(file.read_text(), Loader=yaml.BaseLoader))
    assert [text for text in said if FORBIDDEN.search(text)] == []


def test_the_check_sees_a_planted_word() -> None:
    assert FORBIDDEN.search("back to the machine before us") and FORBIDDEN.search("all is well (generation 1)")
