"""The 198 texts that were to be said in the reader's words: gone from the program, or kept for a reason given here.

wording.tsv: the old text ({…}: a value), whether it is gone or kept, and why it is kept.
"""

from __future__ import annotations

import ast
import csv
import re
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
PACKAGE = PROJECT / "installer/rdna_installer"
TABLE = Path(__file__).with_name("wording.tsv")
ROWS = [tuple(row) for row in csv.reader(TABLE.read_text().splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)][1:]
SHORTEST = 9  # letters; what is shorter stands in other words


@cache
def texts() -> tuple[str, ...]:
    """Every text of the program, a value as {}."""
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    files = [*PACKAGE.rglob("*.yaml"), *(PROJECT / "templates").rglob("*"), PROJECT / "install.sh"]
    found += [file.read_text() for file in files if file.is_file() and file.suffix != ".zst"]
    return tuple(map(plain, found))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"\{[^}]*\}", "{}", text)).lower()


def there(old: str) -> bool:
    pieces = [piece.strip(" .;:,()") for piece in plain(old).split("{}")]
    wanted = [piece for piece in pieces if len(piece) >= SHORTEST] or [max(pieces, key=len)]
    return any(all(piece in text for piece in wanted) for text in texts())


@pytest.mark.parametrize("old", [old for old, state, _ in ROWS if state == "gone"])
def test_the_old_text_is_gone(old: str) -> None:
    assert not there(old)


def test_what_is_kept_has_a_reason() -> None:
    assert len(ROWS) == 198 and {state for _, state, _ in ROWS} == {"gone", "kept"}
    kept = [(old, why) for old, state, why in ROWS if state == "kept"]
    assert len(kept) <= 41 and [old for old, why in kept if len(why) < 8] == []
    assert [old for old, _ in kept if not there(old)] == [], "gone by now"


def test_a_planted_text_is_seen() -> None:
    assert there("{x} was changed while it was being replaced") or there("run it again")
