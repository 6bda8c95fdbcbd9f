"""Every signature: found in what its component prints, not in what only looks alike; sound, sourced, with a way on."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from signature_samples import LOOKALIKES, SAMPLES

from rdna_installer.cli.app import COMMANDS
from rdna_installer.diagnose.diagnose import order, valid
from rdna_installer.diagnose.lines import LONGEST
from rdna_installer.diagnose.prefilter import MINIMUM, prefilter
from rdna_installer.diagnose.scan import CHUNK, scan
from rdna_installer.knowledge.explain import known_keys
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.signatures import BENIGN, LAST, Signature, load_signatures

BOOK = load_book()
KNOWN = load_signatures(BOOK.targets.targets)
SOURCE = re.compile(r"https://[^ ]+\Z")


def found(text: str) -> dict[str, tuple[int, str | None]]:
    """The valid hits of a log: signature -> line and target."""
    return {h.signature.id: (h.line, h.gfx) for h in valid(scan([text.encode()], KNOWN))}


def name(signature: Signature) -> str:
    return signature.id


@pytest.mark.parametrize("signature", KNOWN.signatures, ids=name)
def test_each_has_samples(signature: Signature) -> None:
    assert SAMPLES.get(signature.id), "no line of the component's source"


@pytest.mark.parametrize(("wanted", "text"), [(i, text) for i, texts in SAMPLES.items() for text in texts])
def test_it_is_found(wanted: str, text: str) -> None:
    assert wanted in found(text + "\n")


@pytest.mark.parametrize(("wanted", "text"), [(i, text) for i, texts in LOOKALIKES.items() for text in texts])
def test_what_looks_alike_is_not(wanted: str, text: str) -> None:
    assert wanted not in found(text + "\n")


def test_families_of_messages_are_named() -> None:
    """What the sources of the components can print is known by its class, or by none where it harms nothing."""
    wrong = []
    for row in (Path(__file__).parent / "message_families.tsv").read_text().splitlines():
        if row.startswith("# "):
            continue
        component, wanted, line = row.split("\t")
        first = [hit.signature.name for hit in order(scan([line.replace("\\n", "\n").encode()], KNOWN))][:1] or ["-"]
        if first != [wanted] and not (wanted == "-" and first[0].endswith(BENIGN)):
            wrong.append((component, wanted, first, line))
    assert not wrong


@pytest.mark.parametrize(("wanted", "text"), [(i, texts[0]) for i, texts in SAMPLES.items()])
def test_it_is_found_wherever_it_stands(wanted: str, text: str) -> None:
    """In the middle of noise, at every cut of the pieces its bones are taken in."""
    for shift in range(4):
        noise = "b" * shift + "\nplain line of a log, nothing in it\n" * 30
        assert wanted in found(noise + text + "\n" + noise), shift


@pytest.mark.parametrize("signature", KNOWN.signatures, ids=name)
def test_it_is_sound(signature: Signature) -> None:
    assert signature.regexes
    by_form = [word for word in signature.words if len(prefilter(word)) < MINIMUM]
    assert not by_form or signature.rank in LAST, "words with too few rare letters"
    assert all(SOURCE.match(evidence.url) for evidence in signature.evidence)
    assert signature.fatal != (signature.name or "").endswith(BENIGN)
    assert (signature.rank == 90) == (not signature.fatal)
    assert signature.advice or not signature.fatal, "a failure without advice"


@pytest.mark.parametrize("signature", KNOWN.signatures, ids=name)
def test_its_ways_on_exist(signature: Signature) -> None:
    assert signature.rule is None or signature.rule in known_keys(BOOK)
    texts = [signature.next or "", signature.means, *(advice.says for advice in signature.advice)]
    for command in re.findall(r"rdna-installer ([a-z]+)", " ".join(texts)):
        assert command in COMMANDS, command
    for key in re.findall(r"rdna-installer explain ([A-Za-z_0-9.-]*[A-Za-z_0-9])", " ".join(texts)):
        assert key in known_keys(BOOK), key


def test_every_class_is_known_to_some_signature() -> None:
    assert {(s.name or "").removesuffix(BENIGN) for s in KNOWN.signatures} == KNOWN.classes


@pytest.mark.parametrize("signature", [*KNOWN.contexts, *KNOWN.signatures], ids=name)
def test_a_hostile_text_costs_little(signature: Signature) -> None:
    """Each pattern against a window full of its own beginning: time for a gigabyte stays finite."""
    for pattern, regex in zip(signature.patterns, signature.regexes, strict=True):
        start = re.match(r"[\w /:.'=-]+", pattern)
        piece = (start[0] if start else "ring ").encode()
        size = LONGEST if getattr(signature, "shape", False) else CHUNK  # a shape is looked for in a line
        for window in ((piece * CHUNK)[:size], ((piece + b" " * 3000) * (CHUNK // 3000))[:size]):
            begun = time.process_time()
            regex.search(window)
            assert time.process_time() - begun < 1.0, pattern
