"""Plain English: words that no user should meet, in every text of the program and in the prose of its knowledge."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import hints
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


WORDS = 20  # of a sentence, or of a part of one up to a colon or semicolon
# What is longer: lists of names and commands, most in signatures of diagnose. file: how many are left.
LONG = {
    "env": 2, "frameworks": 1, "hip": 1, "install": 2, "kernel": 6, "kernel-faults": 1, "kernel-start": 5, "layered": 1,
    "libraries": 4, "process": 1, "rdna1": 2, "rdna2": 1, "rdna3": 5, "rocr": 2, "routes": 6, "shared": 6, "wsl": 1,
    "change/records.py": 1, "probe/trial.py": 1,
}  # fmt: skip


def too_long(said: Iterable[str]) -> list[str]:
    parts = (part for text in said for part in re.split(r"(?<=[.!?:;])\s+|\n", text))
    return [part for part in parts if len(part.split()) > WORDS]


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


SOURCES = [f for f in sorted(PACKAGE.rglob("*.py")) if not {"runtime", "demo"} & set(f.relative_to(PACKAGE).parts)]


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(PACKAGE)))
def test_no_text_of_the_program_has_a_forbidden_word(file: Path) -> None:
    found = [text for text in texts(file) if FORBIDDEN.search(text)]
    assert len(found) <= LEFT.get(str(file.relative_to(PACKAGE)), 0), found
    found = too_long(texts(file))
    assert len(found) <= LONG.get(str(file.relative_to(PACKAGE)), 0), found


@pytest.mark.parametrize("file", sorted((PACKAGE / "knowledge/data").rglob("*.yaml")), ids=lambda f: f.stem)
def test_no_knowledge_has_a_forbidden_word(file: Path) -> None:
    said = list(hints.of_knowledge(yaml.load(file.read_text(), Loader=yaml.BaseLoader), PROSE))
    assert [text for text in said if FORBIDDEN.search(text)] == []
    found = too_long(said)
    assert len(found) <= LONG.get(file.stem, 0), found


PROJECT = PACKAGE.parents[1]
ALONE = re.compile(  # what stands alone on its line as long as it is: commands, paths, addresses, raw facts
    r"\$ .*|.*(rdna-installer|sudo|pip|python3?|apt-get) .*|\s*[-+ ]*\S+$|(GPU|PyTorch) .*|Memory access fault .*"
    r"|\s*source: +https?:\S+|\s*(new|changed|removed|where:|set by:|Installed:|Removed:)\s+/.*|.*\[https?:\S+"
)


def screens() -> Iterator[tuple[str, str]]:
    """Every line that is on record as printed today."""
    recorded = json.loads((PACKAGE / "demo/demo.json").read_text())["recorded"]
    yield from (
        ("demo", line)
        for scene in recorded.values()
        if isinstance(scene, dict)
        for line in "".join(scene.values()).splitlines()
    )
    for page in (PROJECT / "README.md", PROJECT / "docs/first-hour.md"):
        for block in re.findall(r"(?ms)^```\n(.*?)^```$", page.read_text()):
            yield from ((page.name, line) for line in block.splitlines())


def test_recorded_screens_keep_to_80_columns() -> None:
    found = list(screens())
    assert len(found) > 200
    assert [line for line in found if len(line[1]) > 80 and not ALONE.fullmatch(line[1])] == []
    said = "\n".join(line for _, line in found)
    assert [word for word in FORBIDDEN.findall(said) if word] == []


def test_the_check_sees_a_planted_word() -> None:
    assert too_long(["a " * 21]) and not too_long(["a " * 20, "a: " * 40])
    assert not ALONE.fullmatch("word " * 20)
    assert FORBIDDEN.search("back to the machine before us") and FORBIDDEN.search("all is well (generation 1)")
