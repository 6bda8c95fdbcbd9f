"""Nothing of a made-up machine's secrets is in what may be shared, neither in the file nor on the page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
import secrets_planted
from effort import tries

from rdna_installer import codec, resources
from rdna_installer.detect.targets import card_names
from rdna_installer.diagnose.finding import Diagnosis
from rdna_installer.knowledge.load import load_book
from rdna_installer.probe.types import Identity, OpOutcome, Probed, Soak
from rdna_installer.report.page import render
from rdna_installer.share import schema
from rdna_installer.share.redact import Seen, redact
from rdna_installer.share.schema import (
    Card,
    Finding,
    InForce,
    Machine,
    Made,
    Python,
    digest_of,
    read,
    signatures,
    write,
)

BLOCKS = 20


@cache
def known() -> dict[str, tuple[str, ...]]:
    return secrets_planted.valid()


@cache
def vocabulary() -> str:
    """Every word that is ours: a piece of a secret that is one of them proves nothing."""
    book = load_book()
    texts = [
        *(path.read_text() for path in (resources.templates() / "page").iterdir()),
        *card_names(),
        str(schema.words()),
    ]
    texts += [
        str(schema.rows()),
        str(schema.uses()),
        *(rule.why for rule in book.rules),
        *(s.means for s in signatures().signatures),
    ]
    texts += [word for table in schema._tables().values() for word in table]
    return "\n".join(texts).lower()


def pieces(secret: str) -> set[str]:
    """What would tell it: itself, and each part that is long enough not to be there by chance."""
    found = {part.lower() for part in re.findall(r"[A-Za-z0-9]{5,}", secret)} | {secret.lower()}
    return {p for p in found if len(p) >= 5 and not (p.isdigit() and len(p) < 7) and p not in vocabulary()}


def shown(seed: int) -> tuple[str, set[str]]:
    """All that leaves of a machine, without the digest of it, and its secrets."""
    seen, planted = secrets_planted.machine(seed, known())
    content = write(redact(seen))
    page = render(read(content, "made up"), digest_of(content))
    assert "sha256:" in page and len(content) < schema.SIZE_LIMIT and len(page) < 500_000
    text = f"{content.decode()}\n{html.unescape(page)}".replace(digest_of(content), "")
    return text.lower(), planted


def leaks(seed: int) -> list[str]:
    text, planted = shown(seed)
    return sorted({piece for secret in planted for piece in pieces(secret) if piece in text})


@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_secret_of_ten_thousand_machines_leaves(block: int) -> None:
    """Here a sample of them; RDNA_TEST_LONG=1 tries all."""
    size = tries(6, 500)
    found = {seed: left for seed in range(block * 500, block * 500 + size) if (left := leaks(seed))}
    assert found == {}


def test_a_machine_without_secrets_keeps_what_it_is_for() -> None:
    """An empty report would leak nothing: what may be shared is there."""
    shared = redact(secrets_planted.machine(3, known(), clean=True)[0])
    assert shared.machine and shared.machine.cards and shared.machine.pythons and shared.in_force and shared.made
    assert shared.log and shared.log.findings and shared.probes and any(t.cells for p in shared.probes for t in p.tried)
    full = [redact(secrets_planted.machine(seed, known())[0]) for seed in range(60)]
    kept = {name for shared in full for name in codec.encode(shared, brief=True)}
    assert kept >= {"machine", "topics", "in_force", "made", "log", "probes", "unknown"}


OPENED = [
    (Card, "target"), (Card, "device"), (Card, "name"), (Machine, "distro"), (Machine, "distro_version"),
    (Machine, "around"), (Python, "rule"), (Python, "targets"), (Made, "profile"), (Made, "day"),
    (Finding, "signature"), (Finding, "name"), (Finding, "target"), (Finding, "explain"), (schema.Cell, "op"),
    (schema.Cell, "type"), (schema.Tried, "rule"), (schema.Topic, "subject"), (schema.Shared, "verdict"),
]  # fmt: skip


@contextmanager
def opened(kind: Any, name: str) -> Iterator[None]:
    """A schema in which one field takes any text."""
    before = kind.__annotations__[name]
    kind.__annotations__[name] = "tuple[str, ...]" if before.startswith("tuple") else "str"
    codec._MADE.clear()
    try:
        yield
    finally:
        kind.__annotations__[name] = before
        codec._MADE.clear()


@pytest.mark.parametrize(("kind", "name"), OPENED, ids=lambda value: getattr(value, "__name__", value))
def test_an_opened_field_is_seen(kind: Any, name: str) -> None:
    """The planted fault: one field of the allow-list typed `str`."""
    with opened(kind, name):
        texts = (
            (codec.encode(redact(seen)), planted)
            for seen, planted in (secrets_planted.machine(n, known()) for n in range(60))
        )
        found = any(
            piece in str(data).lower() for data, planted in texts for secret in planted for piece in pieces(secret)
        )
    assert found


def test_every_text_of_the_schema_has_a_form() -> None:
    """No field of any record in it is just a text, nor a number without bounds."""
    seen: set[Any] = set()
    bare: list[str] = []

    def look(kind: Any, where: str) -> None:
        if hasattr(kind, "__record_factories__"):
            if kind not in seen:
                seen.add(kind)
                for name in kind.__match_args__:
                    look(codec._hint(kind, name), f"{kind.__name__}.{name}")
        elif kind in (str, int, float, bytes):
            bare.append(where)
        elif not hasattr(kind, "__metadata__"):
            for arg in getattr(kind, "__args__", ()):
                look(arg, where)

    look(schema.Shared, "")
    assert bare == [] and {InForce, Card, schema.Sample} <= seen


def test_a_count_that_is_too_large_is_said_to_be_the_largest() -> None:
    """Not nothing: a fast card makes ten million rounds of a soak in half an hour, a log of 1 GB has as many lines."""
    soak = Soak("any", 60, OpOutcome.OK, rounds=24_000_000, faults=("a line",) * 10_001)
    probed = Probed(Identity((), "6.14.0", "2.11.0", None, "/v/bin/python", "0.1.0"), "2026-11-28", (), (), soak=soak)
    seen = Seen("0.1.0", "2026-11-28T00:00:00Z", load_book(), log=Diagnosis("a", 50_000_000, ()), probes=(probed,))
    found = redact(seen)
    assert found.log and found.log.lines == schema.MOST
    shared = found.probes[0].soak
    assert shared and (shared.rounds, shared.faults) == (schema.MOST, 9999)
