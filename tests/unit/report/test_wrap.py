"""Our own breaking of lines is that of textwrap, which costs eight million instructions more."""

from __future__ import annotations

import io
import textwrap

from hypothesis import example, given
from hypothesis import strategies as st

from rdna_installer.report.console import HANG, Style

WORDS = st.lists(st.text(alphabet="ab-é", max_size=30), max_size=40).map(" ".join)


@given(WORDS, st.integers(0, 90), st.sampled_from(("", "do: ", "a label of its own: ")))
@example("", 0, "x: ")
@example("a  b", 0, "")
@example("   ", 0, "x: ")
@example("a" * 200 + " b", 2, "x: ")
def test_lines_break_where_textwrap_breaks_them(text: str, indent: int, first: str) -> None:
    whole = text.strip(" ") or text
    theirs = textwrap.fill(
        whole,
        80,
        initial_indent=" " * indent + first,
        subsequent_indent=" " * (indent + (len(first) if len(first) <= HANG else 2)),
        break_long_words=False,
        break_on_hyphens=False,
    )
    assert Style(io.StringIO()).wrap(whole, indent, first) == theirs


def test_spaces_before_the_first_word_stay() -> None:
    assert Style(io.StringIO()).wrap("  a b", 1, "x:") == " x:  a b"
