"""Files that somebody made to harm whoever looks at them with report --check: sealed with a right checksum, one trick
each. Either one clear error without their text, or a page that holds nothing of it and takes no time."""

from __future__ import annotations

import html
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_sample import Cli

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "page"))

import made_up

from rdna_installer import codec
from rdna_installer.codec import CHECKSUM, digest

Data = dict[str, Any]
BIDI, ESCAPE = "\u202e", "\x1b]0;owned\x07"
CELL = {"op": "mm", "strategy": "any", "outcome": "ok"}


def sealed(text: bytes) -> bytes:
    """With the checksum that belongs to it."""
    return CHECKSUM + digest(text).encode() + b'",' + text[1:] + b"\n"


def plain() -> Data:
    """A report as nobody's machine wrote it."""
    return {"format": 1, **codec.encode(made_up.report("gpu"), brief=True)}


def changed(change: Callable[[Data], Any]) -> bytes:
    data = plain()
    change(data)
    return sealed(json.dumps(data, indent=1).encode())


def cells(data: Data) -> list[Data]:
    found: list[Data] = data["probes"][0]["tried"][0]["cells"]
    return found


def samples(data: Data) -> list[Data]:
    found: list[Data] = data["probes"][0]["soak"]["samples"]
    return found


def swapped(old: bytes, new: bytes) -> bytes:
    """A text in the file itself, which a writer of JSON would not write so."""
    text = json.dumps(plain(), indent=1).encode()
    assert old in text
    return sealed(text.replace(old, new, 1))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a script as a day": lambda: changed(lambda d: d.update(day="<script>hostile()</script>")),
    "a script's address as a version": lambda: changed(lambda d: d.update(version="javascript:hostile()")),
    "css as a card": lambda: changed(lambda d: d["machine"]["cards"][0].update(name="</style><style>*{hostile:1}")),
    "letters from right to left": lambda: changed(lambda d: d["machine"].update(kernel=f"{BIDI}6.14.0hostile")),
    "a terminal's command as a key": lambda: changed(lambda d: d.update({f"{ESCAPE}hostile": 1})),
    "the same as a field's name below": lambda: changed(lambda d: d["machine"].update({f"{BIDI}hostile\n": 1})),
    "a template in a value": lambda: changed(lambda d: d["in_force"][0].update(value="{{hostile.__class__}}")),
    "an address as a value": lambda: changed(lambda d: d["in_force"][0].update(value="//192.0.2.1/hostile")),
    "the prototype": lambda: changed(lambda d: d.update({"__proto__": {"hostile": 1}})),
    "digits of another script": lambda: changed(lambda d: d.update(day="٢٠٢٦-١١-٢٨")),
    "a line's end after a day": lambda: changed(lambda d: d.update(day="2026-11-28\n")),
    "a lone surrogate": lambda: swapped(b'"2026-11-28"', b'"2026-11-2\\ud800hostile"'),
    "a number of 5,000 digits": lambda: swapped(b'"repeats": 30', b'"repeats": ' + b"9" * 5000),
    "1e999": lambda: swapped(b'"repeats": 30', b'"repeats": 30, "gbs": 1e999'),
    "the smallest number there is": lambda: changed(lambda d: [c.update(ms=5e-324) for c in cells(d)]),
    "no time at all, and less than none": lambda: changed(lambda d: [c.update(ms=0.0, low=-0.0) for c in cells(d)]),
    "times far apart": lambda: changed(
        lambda d: [c.update(ms=9.99e8 if n % 2 else 1e-300) for n, c in enumerate(cells(d))]
    ),
    "a soak that goes backward": lambda: changed(
        lambda d: [s.update(second=9 - n % 9, celsius=9.99e8 * (n % 2)) for n, s in enumerate(samples(d))]
    ),
    "thousands of cells": lambda: changed(lambda d: cells(d).extend([CELL] * 4500)),
    "a thousand probes": lambda: changed(
        lambda d: d.update(probes=[{"day": "2026-11-28", "version": "0.1.0", "tried": [{"cells": [CELL]}]}] * 1200)
    ),
    "an object where a list is": lambda: changed(lambda d: d["machine"].update(cards={"hostile": []})),
    "true as a number": lambda: changed(lambda d: d["machine"].update(memory_gib=True)),
    "a page behind the end": lambda: changed(lambda d: None) + b"<!--><script>hostile()</script>",
    "a page before the beginning": lambda: b"<script>hostile()</script>" + changed(lambda d: None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_does_nothing(cli: Cli, tmp_path: Path, name: str) -> None:
    file, page = tmp_path / "theirs.json", tmp_path / "page.html"
    file.write_bytes(HOSTILE[name]())
    begun = time.process_time()
    result = cli("report", "--check", str(file), "--html", str(page))
    took = time.process_time() - begun
    said = result.out + result.err
    assert not re.search(f"[\x00-\x09\x0b-\x1f\x7f-\x9f{BIDI}\ud800]", said), said
    if result.code:
        assert (result.code, result.out, page.exists()) == (4, "", False) and result.err.count("error:") == 1
        assert re.search(r"\[(not-a-report|page-too-large)\]", " ".join(result.err.split()))
        return
    text = page.read_text()
    assert took < 10 and len(text) < 600_000 and "<script" not in text and "hostile" not in html.unescape(text)
    assert not re.search(r"\b(?:nan|inf)\b|[>\s]-0\b|\de[+-]?\d{3}", re.sub(r"sha256:\w+", "", text))


def test_a_file_with_a_hostile_name(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / f"{BIDI}nosj.{ESCAPE}"
    file.write_bytes(changed(lambda d: d.update(day="x")))
    result = cli("report", "--check", str(file))
    assert result.code == 4 and not re.search(f"[\x1b\x07{BIDI}]", result.out + result.err)
