"""The user's own rules: the same schema, every mistake with file and line, nothing from a file others may write."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.load import load_book, user_rules
from rdna_installer.machine.sysroot import Sysroot

FOLDER = "/etc/rdna-installer/rules.d"
EVIDENCE = "  evidence: [{url: 'https://example.org', says: mine, strength: medium}]\n"
GOOD = "rules:\n- id: mine\n  why: because\n  settings: {kernel: {noretry: '1'}}\n" + EVIDENCE


def put(root: Path, text: str, name: str = "mine.yaml") -> Path:
    path = root / FOLDER.lstrip("/") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o755)
    path.write_text(text)
    path.chmod(0o644)
    return path


def load(root: Path) -> object:
    return load_book([FOLDER], Sysroot(root), owner=os.getuid())


def test_a_good_rule_is_added(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    book = load_book([FOLDER], Sysroot(tmp_path), owner=os.getuid())
    assert book.rules[-1].id == "mine"
    assert book.rules[-1].where == f"{FOLDER}/mine.yaml:2"


def test_other_files_are_not_rules(tmp_path: Path) -> None:
    put(tmp_path, "nonsense: [", ".hidden.yaml")
    put(tmp_path, "nonsense: [", "README")
    load(tmp_path)


def rule(lines: str) -> str:
    return f"rules:\n- id: mine\n  why: because\n{lines}{EVIDENCE}"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (rule("  wen: {}\n"), 4, "unknown key 'wen'"),
        (rule("  when: {gfx: [gfx9999]}\n"), 4, "unknown gfx target 'gfx9999'"),
        (rule("  when: {gfx: [gfx77x]}\n"), 4, "unknown gfx target 'gfx77x'"),
        (rule("  when:\n    moon: full\n"), 5, "unknown key 'moon' in when"),
        (rule("  when: {rocm: '6.3'}\n"), 4, "is no version range"),
        (rule("  when: {native: maybe}\n"), 4, "must be true or false"),
        (rule("  when: {use: both}\n"), 4, "training or inference"),
        (rule("  when: {origin: [mars]}\n"), 4, "'mars' is none of"),
        (rule("  when: {gpus: two}\n"), 4, "single or multiple"),
        (rule("  settings: {disk: {a: 1}}\n"), 4, "unknown layer 'disk'"),
        (rule("  settings: {kernel: {NORETRY: '1'}}\n"), 4, "is no name of the kernel layer"),
        (rule("  settings: {env: {'A B': '1'}}\n"), 4, "is no name of the env layer"),
        (rule("  settings:\n    kernel:\n      noretri: '1'\n"), 6, "noretri is in no catalogue"),
        (rule("  settings: {kernel: {noretry: '7'}}\n"), 4, "noretry takes an integer from -1 to 1"),
        (rule("  settings: {kernel: {gtt_size: '8192'}}\n"), 4, "gtt_size is never set"),
        (rule("  settings: {python: {LD_LIBRARY_PATH: /opt}}\n"), 4, "LD_LIBRARY_PATH is never set"),
        (rule("  settings: {python: {MIOPEN_FIND_MODE: banana}}\n"), 4, "MIOpen throws"),
        (rule("  settings: {env: {MIOPEN_DEBUG_CONV_GEMM: '0'}}\n"), 4, "belongs to one PyTorch"),
        (rule("  spoof: {gfx: gfx1030, grade: sure}\n"), 4, "'sure' is none of"),
        (rule("  spoof: {gfx: gfx1030, grade: forced}\n"), 4, "forced is for profiles"),
        (rule("  spoof: {gfx: gfx103x, grade: safe}\n"), 4, "one target, not a family"),
        (rule("  verdict: great\n"), 4, "'great' is none of"),
        (rule("  conv: magic\n"), 4, "conv 'magic' is none of"),
        (rule("  until: {moon: '1'}\n"), 4, "until names 'moon'"),
        ("rules:\n- id: mine\n  why: because\n", 2, "has no evidence"),
        ("rules:\n- why: because\n" + EVIDENCE, 2, "lacks 'id'"),
        ("rules:\n- id: Mine!\n  why: because\n" + EVIDENCE, 2, "must be lower-case"),
        ("rules:\n- id: rdna1-native\n  why: because\n" + EVIDENCE, 2, "already exists at"),
        ("rules:\n- id: mine\n  why: ''\n" + EVIDENCE, 3, "why is empty"),
        (GOOD.replace("strength: medium", "strength: measured-here"), 5, "cannot be claimed"),
        ("roles: []\n", 1, "unknown key 'roles'"),
        ("- a\n", 1, "must be a mapping"),
        ("rules:\n- text\n", 2, "rule must be a mapping"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 60 else "",
)
def test_mistakes_name_file_and_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    put(tmp_path, text)
    with pytest.raises(RdnaError) as caught:
        load(tmp_path)
    assert caught.value.reference == "bad-rule"
    assert says in caught.value.message
    assert caught.value.context == f"{FOLDER}/mine.yaml:{line}"


def test_a_misspelt_word_gets_a_hint(tmp_path: Path) -> None:
    put(tmp_path, rule("  setings: {}\n"))
    with pytest.raises(RdnaError) as caught:
        load(tmp_path)
    assert caught.value.hint == "did you mean settings?"


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_file_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    put(tmp_path, GOOD).chmod(mode)
    with pytest.raises(RdnaError) as caught:
        load(tmp_path)
    assert (caught.value.reference, caught.value.context) == ("untrusted-file", f"{FOLDER}/mine.yaml")


def test_a_directory_others_may_write_is_refused(tmp_path: Path) -> None:
    put(tmp_path, GOOD).parent.chmod(0o777)
    with pytest.raises(RdnaError) as caught:
        load(tmp_path)
    assert (caught.value.reference, caught.value.context) == ("untrusted-file", FOLDER)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_a_file_of_a_third_user_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, GOOD)
    os.chown(path, 4321, 4321)
    with pytest.raises(RdnaError, match="nobody but root and you"):
        load_book([FOLDER], Sysroot(tmp_path), owner=1000)
    load_book([FOLDER], Sysroot(tmp_path), owner=4321)


def test_a_rule_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / FOLDER.lstrip("/") / "mine.yaml").mkdir(parents=True)
    with pytest.raises(RdnaError) as caught:
        load(tmp_path)
    assert caught.value.context == f"{FOLDER}/mine.yaml"


@pytest.mark.parametrize(
    ("config", "where"),
    [
        (None, "/home/u/.config/rdna-installer/rules.d"),
        ("/srv/conf", "/srv/conf/rdna-installer/rules.d"),
        ("relative", "/home/u/.config/rdna-installer/rules.d"),
    ],
)
def test_where_a_users_rules_are(config: str | None, where: str) -> None:
    assert user_rules(PurePosixPath("/home/u"), config) == PurePosixPath(where)
