"""The table of indexes says where it has each thing from, and fits what the rest of the program knows."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rdna_installer.environments.lock import Layout
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.indexes import Asked, WordKind, indexes, read_indexes
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.yamlfile import parse


def test_amd_stable_is_asked_first_and_nothing_else_unasked() -> None:
    asked = [channel.id for channel in indexes().channels if channel.kind is Asked.ASKED]
    assert asked == ["amd-stable", "amd-7.14"]
    assert [c.url[:8] for c in indexes().channels] == ["https://"] * len(indexes().channels)
    assert all(c.url.endswith("/") and Layout(c.layout) for c in indexes().channels)


def test_every_word_and_channel_has_evidence_with_an_address() -> None:
    for item in (*indexes().channels, *indexes().words):
        assert item.evidence
        assert all(e.url.startswith("https://") for e in item.evidence)


def test_pytorch_lists_are_those_of_the_table_of_wheels() -> None:
    """Two tables that say the same must not come apart."""
    from rdna_installer.environments.choose import pytorch_kernels

    by_id = {channel.id: channel for channel in indexes().channels}
    assert by_id["pytorch-rocm7.2"].targets == pytorch_kernels("2.12.0+rocm7.2", "7.2")
    assert by_id["pytorch-nightly"].targets == pytorch_kernels("2.15.0+rocm10.0", "10.0")


def test_what_is_known_of_a_target() -> None:
    said = indexes().about("gfx1010")
    assert [word.kind for word in said] == [WordKind.AMD, WordKind.AMD, WordKind.REPORT]
    assert [word.kind for word in indexes().about("gfx1033")][-1] is WordKind.FAULT
    assert indexes().about("gfx1100") == ()
    assert not any("gfx1013" in channel.targets for channel in indexes().channels)


@pytest.mark.parametrize(
    "wrong",
    ["channels: [{id: x}]", "pairs: [{torch: '2'}]", "word: []", "words: [{kind: amd, targets: [gfx1], says: x}]"],
)
def test_a_mistake_has_its_line(wrong: str) -> None:
    with pytest.raises(RdnaError) as caught:
        read_indexes(parse(wrong.encode(), "i.yaml"), load_book().targets.targets)
    assert caught.value.context == "i.yaml:1"


@pytest.mark.processes
def test_other_commands_do_not_read_it() -> None:
    code = (
        "import sys\nfrom rdna_installer.cli.app import main\nmain(['detect', '--json'])\n"
        "sys.stderr.write(str([m for m in sys.modules if 'indexes' in m or 'machine.net' in m or m == 'ssl']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr.endswith("[]"), done.stderr
