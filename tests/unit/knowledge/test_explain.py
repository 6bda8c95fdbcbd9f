"""``explain``: something true and cited about every key, a hint for what is none."""

from __future__ import annotations

import io

import pytest

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.knowledge.explain import explain, groups, known_keys
from rdna_installer.knowledge.load import load_book
from rdna_installer.report import explain_text
from rdna_installer.report.console import Style

BOOK = load_book()


def test_every_key_is_explained() -> None:
    for key in known_keys(BOOK):
        found = explain(BOOK, key)
        assert found.key == key
        assert found.summary, key
        assert found.facts, key
        assert found.evidence or key == "recommended", key


@pytest.mark.parametrize(
    ("key", "kind", "label", "says"),
    [
        ("amdgpu.noretry", "parameter", "valid", "an integer from -1 to 1"),
        ("MIOPEN_DEBUG_CONV_DIRECT", "variable", "why never", "naive solvers"),
        ("LD_LIBRARY_PATH", "variable", "set", "never"),
        ("HSA_OVERRIDE_GFX_VERSION_2", "variable", "since", "ROCm 6.3"),
        ("gfx1010", "target", "pytorch.org wheels with its kernels", "none"),
        ("gfx1031", "target", "reported as gfx1030", "safe"),
        ("rdna2-miopen-gfx1031", "rule", "holds for", "gfx1031; training"),
        ("strix-halo-cwsr", "rule", "dropped from", "kernel >=6.18"),
        ("layered", "profile", "not gtt_size=8192", "gttsize"),
        ("gtt_size", "parameter", "why never", "does not exist"),
        ("gtt_size", "parameter", "in", "no kernel"),
        ("MIOPEN_CUSTOM_CACHE_DIR", "variable", "since", "ROCm 3.10"),
    ],
)
def test_what_is_said(key: str, kind: str, label: str, says: str) -> None:
    if key.startswith("HSA_OVERRIDE_GFX_VERSION_"):
        assert explain(BOOK, key).key == "HSA_OVERRIDE_GFX_VERSION_N"
    found = explain(BOOK, key)
    assert found.kind == kind
    assert says in dict(found.facts)[label]


def test_contradictions_are_shown() -> None:
    assert any("LunNova" in (e.who or "") for e in explain(BOOK, "rdna2-miopen-gfx1031").counter)


def test_groups_hold_every_key_once() -> None:
    found = groups(BOOK)
    assert [group.name for group in found] == ["targets", "profiles", "rules", "claims", "variables", "parameters"]
    keys = known_keys(BOOK)
    assert len(keys) == len(set(keys))
    assert all(summary for group in found for _, summary in group.entries)
    assert {rule.id for rule in BOOK.rules} | set(BOOK.env) | set(BOOK.kernel) | set(BOOK.targets.targets) <= set(keys)


def test_everything_fits_a_terminal() -> None:
    style = Style(io.StringIO())
    texts = {"all": explain_text.keys(groups(BOOK), style)}
    texts |= {group.name: explain_text.keys([group], style) for group in groups(BOOK)}
    texts |= {key: explain_text.render(explain(BOOK, key), style) for key in known_keys(BOOK)}
    long = [(key, line) for key, text in texts.items() for line in text.splitlines() if len(line) > 80]
    assert [(key, line) for key, line in long if "://" not in line] == []


def test_an_unknown_key() -> None:
    with pytest.raises(RdnaError) as caught:
        explain(BOOK, "MIOPEN_FIND_MOD")
    assert caught.value.exit_code is Exit.USAGE
    assert caught.value.hint == "did you mean MIOPEN_FIND_MODE?"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("ld-preload-interception", ("did not initialise", "page tables")),
        ("memory-formats", ("crashed alike", "--conv no-miopen")),
        ("llvm-source-build", ("LLVM 16", "LLVM 20")),
        ("docker-rocm57", ("no gfx1010 kernels", "user space only")),
        ("module-reload", ("refused", "modprobe -r amdgpu && sudo modprobe amdgpu", "/dev/kfd")),
    ],
)
def test_what_was_tried_and_failed_is_known_with_why(key: str, words: tuple[str, ...]) -> None:
    found = explain(BOOK, key)
    assert [word for word in words if word not in found.summary] == []
    assert dict(found.facts)["answer"] == "failed"
    assert found.evidence


@pytest.mark.parametrize(
    ("name", "gfx"),
    [("RX 5600 XT", "gfx1010"), ("rx 6800m", "gfx1031"), ("Radeon 780M", "gfx1103"), ("780m", "gfx1103")],
)
def test_a_card_is_explained_by_its_name(name: str, gfx: str) -> None:
    assert explain(BOOK, name).key == gfx


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("LD_PRELOAD", "ld-preload-interception"),
        ("channels_last", "memory-formats"),
        ("LLVM 16", "llvm-source-build"),
        ("docker", "docker-rocm57"),
        ("modprobe -r amdgpu", "module-reload"),
        ("MTYPE_CC", "hardware-limit"),
        ("batch", "less-at-once"),
        ("AMP", "float32-on-rdna1"),
        ("out of memory", "less-at-once"),
    ],
)
def test_what_is_spoken_of_somewhere_leads_there(word: str, key: str) -> None:
    with pytest.raises(RdnaError) as raised:
        explain(BOOK, word)
    assert f"rdna-installer explain {key}" in (raised.value.hint or "")
    assert explain(BOOK, key).evidence
