"""YAML as we take it: what is refused, with file and line; hostile files never give anything but one clear error."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.fields import Fields
from rdna_installer.knowledge.rules import read_rule
from rdna_installer.knowledge.yamlfile import SIZE_LIMIT, YamlNode, parse


def plain(node: YamlNode) -> object:
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    return [plain(item) for item in node.value] if isinstance(node.value, list) else node.value


def test_scalars_stay_text_and_know_their_line() -> None:
    root = parse(b"a: off\nb:\n  c: 010\n  d: [1.10, ~]\n", "x.yaml")
    assert plain(root) == {"a": "off", "b": {"c": "010", "d": ["1.10", "~"]}}
    fields = Fields(root, "file")
    assert fields.need("a").where == "x.yaml:1"
    assert Fields(fields.need("b"), "b").need("d").where == "x.yaml:4"


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"a: &x 1\nb: *x\n", 1, "an anchor"),
        (b"a: 1\nb: *x\n", 2, "an alias"),
        (b"a: 1\nb: !!python/object/apply:os.system [id]\n", 2, "a tag"),
        (b"a: !x 1\n", 1, "a tag"),
        (b"a: 1\n\na: 2\n", 3, "a second time"),
        (b"a: 1\n? [b]\n: 2\n", 2, "as a key"),
        (b"a: 1\n? {b: 1}\n: 2\n", 2, "as a key"),
        (b"a: 1\n? \n: 2\n", 2, "an empty key"),
        (b"a: 1\n---\nb: 2\n", 2, "a second document"),
        (b"", 1, "empty"),
        (b"# only a comment\n", 1, "empty"),
        (b"a: 1\nb: [\n", 3, "not YAML"),
        (b"a: 1\n\tb: 2\n", 2, "not YAML"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        (b"a: " + b"[" * 40 + b"]" * 40, 1, "nesting deeper"),
        (b"a:\n" + b"- 1\n" * 30000, None, "more than"),
        (b"a: " + b"x" * SIZE_LIMIT, None, "at most"),
    ],
    ids=lambda value: value[:20].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_refused_with_file_and_line(content: bytes, line: int | None, says: str) -> None:
    with pytest.raises(RdnaError) as caught:
        parse(content, "x.yaml")
    assert caught.value.reference == "bad-rule"
    assert says in caught.value.message
    if line is not None:
        assert caught.value.context == f"x.yaml:{line}"


def test_the_parser_without_libyaml_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert plain(parse(RULE.encode(), "x.yaml")) == plain(parse(RULE.encode(), "x.yaml"))
    for content, line in ((b"a: &x 1\n", 1), (b"a: 1\nb: *x\n", 2), (b"a: 1\na: 2\n", 2), (b"a: \x01\n", None)):
        with pytest.raises(RdnaError) as caught:
            parse(content, "x.yaml")
        assert caught.value.context == (f"x.yaml:{line}" if line else "x.yaml")


def test_nesting_does_not_exhaust_the_stack() -> None:
    with pytest.raises(RdnaError):
        parse(b"- " * 100_000, "x.yaml")


PIECES = [
    "a: ",
    "- ",
    "\n",
    "  ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!!str ",
    "? ",
    ": ",
    "'",
    '"',
    "|",
    ">",
    "#",
    "%",
    "---",
]
RULE = "- id: x\n  when: {gfx: [gfx1010]}\n  why: y\n  evidence: [{url: u, says: s, strength: weak}]\n"


@settings(max_examples=300)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=40))
def test_hostile_yaml_gives_a_node_or_one_error(pieces: list[str]) -> None:
    try:
        parse("".join(pieces).encode("utf-8", "surrogatepass"), "x.yaml")
    except RdnaError as err:
        assert err.reference == "bad-rule"
        assert (err.context or "").startswith("x.yaml")


@settings(max_examples=300)
@given(st.integers(0, len(RULE)), st.integers(0, 12), st.text(max_size=8))
def test_a_mangled_rule_gives_a_rule_or_one_error(start: int, cut: int, put: str) -> None:
    text = RULE[:start] + put + RULE[start + cut :]
    try:
        root = parse(text.encode("utf-8", "surrogatepass"), "x.yaml")
        for node in root.value if isinstance(root.value, list) else [root]:
            read_rule(node, ["gfx1010"])
    except RdnaError as err:
        assert err.reference == "bad-rule"
