"""A signature file with a mistake: one message with file and line."""

from __future__ import annotations

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.signatures import Signatures, compile_pattern, read_signatures
from rdna_installer.knowledge.yamlfile import parse

GOOD = """contexts: []
classes: [oom]
shared:
- id: both
  advice: [{says: "go {gfx}"}]
signatures:
- id: one
  class: oom
  rank: 50
  words: ["HIP out of memory"]
  pattern: 'HIP out of memory'
  means: full
  advice: [{says: "less"}, {use: both}]
  evidence: [{url: "https://x", strength: strong, says: so}]
"""


def read(text: str) -> Signatures:
    return read_signatures((parse(text.encode(), "s.yaml"),), ("gfx1010",))


def test_a_good_one() -> None:
    (found,) = read(GOOD).signatures
    assert [a.says for a in found.advice] == ["less", "go {gfx}"]
    assert found.fatal and found.where == "s.yaml:11"


MISTAKES = {
    "class": ("class: oom", "class: ooom", "no class of failure"),
    "rank": ("rank: 50", "rank: 5", "rank must be 10 to 99"),
    "no words": ('  words: ["HIP out of memory"]\n', "", "lacks words"),
    "needs": ("  means: full", "  needs: nvidea\n  means: full", "'nvidea' is none of"),
    "place": ("go {gfx}", "go {gpu}", "is nothing that is known of a machine"),
    "shared": ("use: both", "use: bth", "no shared advice"),
    "fact": ('says: "less"', 'says: "less", when: [in-grup]', "is none of"),
    "target": ('says: "less"', 'says: "less", gfx: [gfx1011]', "unknown gfx target"),
    "unless": ('says: "less"', 'says: "less", unless: [grapics]', "is none of"),
    "next": ('says: "less"', 'says: "less", next: "{gpu}"', "is nothing that is known of a machine"),
    "rocm": ('says: "less"', 'says: "less", rocm: "six"', "no version range"),
    "kernel": ('says: "less"', 'says: "less", kernel: "six"', "no version range"),
    "key": ("  means: full", "  meens: full\n  means: full", "unknown key"),
    "evidence": ('[{url: "https://x", strength: strong, says: so}]', "[]", "has no evidence"),
}


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_named(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(RdnaError) as caught:
        read(GOOD.replace(old, new))
    assert message in caught.value.message
    assert (caught.value.context or "").startswith("s.yaml:")


def test_an_id_stands_once() -> None:
    with pytest.raises(RdnaError, match="already exists at"):
        read(GOOD + GOOD[GOOD.index("- id: one") :])


@pytest.mark.parametrize("pattern", ["a.*b", "a+", r"\w{2,}", "(unclosed"])
def test_patterns_are_bounded_and_whole(pattern: str) -> None:
    with pytest.raises(RdnaError, match=r"bound|regular expression"):
        compile_pattern(pattern, "s.yaml:1")


def test_a_space_is_any_gap() -> None:
    regex = compile_pattern("one two ?three", "s.yaml:1")
    for text in (b"one two three", b"one\n# two\n> three", b"one=\n two=\nthree", b"one  twothree"):
        assert regex.search(text), text
    assert not regex.search(b"onetwo three")
