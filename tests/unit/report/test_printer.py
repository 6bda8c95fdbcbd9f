"""No string that is not ours moves the cursor, turns text around or forges a line: every field, every view."""

from __future__ import annotations

import ast
import inspect
import io
import json
import os
import pty
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import CONTROLS, FORGED, SOUND, arguments, build, escaped

from rdna_installer import report
from rdna_installer.change import boot_counting
from rdna_installer.change.store import Store
from rdna_installer.errors import Problem
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState, HostFacts, Plan, regular
from rdna_installer.plan.plan import make_change
from rdna_installer.printable import Lines, printable, printable_lines, shown
from rdna_installer.report import asjson, console
from rdna_installer.workflow.bug import record_bug

PAINT = re.compile(r"\x1b\[(0|1|2|31|32|33|34)m")


def renderers() -> Iterator[Callable[..., str]]:
    """Every public function of report/*_text.py that takes a style last."""
    for file in sorted(Path(report.__file__).parent.glob("*_text.py")):
        module = import_module(f"rdna_installer.report.{file.stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            public = function.__module__ == module.__name__ and not name.startswith("_")
            if public and list(inspect.signature(function).parameters)[-1] == "style":
                yield function


def documents() -> Iterator[Callable[..., Any]]:
    """Every public function of asjson that makes a part of a document."""
    for name, function in inspect.getmembers(asjson, inspect.isfunction):
        if function.__module__ == asjson.__name__ and not name.startswith("_") and name != "dump":
            yield function


def named(function: Callable[..., Any]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


RENDERERS, DOCUMENTS = list(renderers()), list(documents())


def test_every_view_is_found() -> None:
    assert {named(f).split(".")[0] for f in RENDERERS} >= {
        "advise_text", "cache_text", "detect_text", "diagnose_text", "explain_text", "plan_text", "probe_text",
        "status_text", "verify_text",
    }  # fmt: skip
    assert len(DOCUMENTS) >= 12


@pytest.mark.parametrize("function", RENDERERS, ids=named)
def test_text_is_what_it_would_be_of_printable_records(
    function: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    console.show(function, *arguments(function, CONTROLS))
    said = capsys.readouterr().out
    console.show(function, *arguments(function, escaped(CONTROLS)))
    assert said == capsys.readouterr().out, "a control had an effect"
    assert all(line == escaped(line) for line in said.split("\n")), said
    assert not any(line.strip().startswith(FORGED) for line in said.split("\n")), said


@pytest.mark.parametrize("function", RENDERERS, ids=named)
def test_on_a_terminal_there_is_our_colour_and_nothing_else(
    function: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    said = on_a_terminal(lambda: console.show(function, *arguments(function, CONTROLS)), monkeypatch)
    assert all(line == escaped(line) for line in PAINT.sub("", said).split("\n")), said


def on_a_terminal(call: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> str:
    try:
        leader, follower = pty.openpty()
    except OSError:
        pytest.skip("no pseudo terminals here (a build root without /dev/pts): colours on one were not tested")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

        def fileno(self) -> int:
            return follower

    stream = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", stream)
        call()
    os.close(leader)
    os.close(follower)
    return stream.getvalue()


@pytest.mark.parametrize("function", DOCUMENTS, ids=named)
def test_json_is_valid_and_of_whole_characters(
    function: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    made = function(*arguments(function, CONTROLS))
    console.show_json(asjson.dump(made if isinstance(made, dict) else {"made": made}))
    text = capsys.readouterr().out
    assert text.isascii() and all(line.isprintable() for line in text.split("\n"))
    for part in strings(json.loads(text)):
        part.encode("utf-8")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


@pytest.mark.parametrize("text", ["\U0001f600", "\\ud83d", "\ud83d", "a\udcffb", "\ud83d\ude00"])
def test_json_keeps_what_is_a_character(text: str) -> None:
    read = json.loads(asjson.dump({"x": text}))["x"]
    assert read == text.encode("utf-8", "backslashreplace").decode()


@given(st.text(st.characters() | st.sampled_from(list(CONTROLS)), max_size=60))
def test_printable(text: str) -> None:
    result = printable(text)
    assert result.isprintable() and (result == text or not text.isprintable())
    assert printable(result) == result and printable_lines(text).count("\n") == text.count("\n")


def test_all_that_is_not_printable_is_escaped() -> None:
    for number in range(0x110000):
        char = chr(number)
        if char in "\x1b\x9b\n\r\t\x7f\u2028\u2029\u061c\u200e\u200f\ufeff" or 0x202A <= number <= 0x202E:
            assert printable(char) == char.encode("unicode_escape").decode()
        assert printable(f"x{char}").isprintable(), hex(number)


def test_shown_leaves_alone_what_is_sound() -> None:
    for kind in (HostFacts, Plan):
        sound = build(kind, SOUND)
        assert shown(sound) is sound
        planted = build(kind, CONTROLS)
        assert shown(planted) == shown(build(kind, escaped(CONTROLS))) and planted == build(kind, CONTROLS)


def test_a_diff_of_ours_has_its_lines_and_theirs_has_none() -> None:
    path = PurePosixPath("/etc/" + CONTROLS.replace("\0", ""))
    change = make_change(FileState(path, b"old\x1b[2J\n", 0o644, digest="x"), regular(path, b"new\nsecond\n"))
    assert change is not None
    lines = change.diff.splitlines()
    assert all(line == escaped(line) for line in lines) and "+new" in lines and "+second" in lines
    assert not any(line.startswith(FORGED) for line in lines)
    gone = make_change(FileState(path, b"\xff", 0o644, digest="x"), FileState(path))
    assert gone is not None and gone.diff.count("\n") == 1


@pytest.mark.parametrize("field", ["message", "context", "hint"])
def test_an_error(field: str, capsys: pytest.CaptureFixture[str]) -> None:
    console.explain(Problem("x", **{"message": "m", field: CONTROLS}))
    said = capsys.readouterr().err
    assert all(line == escaped(line) for line in said.split("\n"))
    assert not any(line.strip().removeprefix("do:").strip().startswith(FORGED) for line in said.split("\n")), said


def test_a_hint_of_several_lines_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    console.explain(Problem("x", "m", hint=Lines("one\n  two \x1b[2J")))
    assert capsys.readouterr().err == "error: m [x]\n  do:    one\n           two \\x1b[2J\n"


def test_progress_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    console.progress(CONTROLS)
    assert capsys.readouterr().err == f"{escaped(CONTROLS)}\n"


@pytest.mark.parametrize("boot", [CONTROLS, FORGED])
def test_the_login_message(tmp_path: Path, boot: str) -> None:
    (tmp_path / "run").mkdir()
    boot_counting.publish_result(
        Sysroot(tmp_path), boot_counting.BootResult(boot_counting.BootOutcome.FAILED, 1, boot, (boot,))
    )
    lines = (tmp_path / "run/motd.d/rdna-installer").read_text().split("\n")
    assert all(line == escaped(line) for line in lines)
    assert lines == [f"rdna-installer: {escaped(boot)}", "Details: rdna-installer status", ""]


def test_the_log_of_a_bug(tmp_path: Path) -> None:
    try:
        try:
            raise KeyError(CONTROLS)
        except KeyError as err:
            raise ValueError(CONTROLS) from err
    except ValueError as err:
        place = record_bug(err, str(tmp_path))
    lines = Path(place).read_text("utf-8").split("\n")
    assert all(line == escaped(line) for line in lines)
    assert any(line.startswith("ValueError: a\\x1b") for line in lines) and any("test_printer.py" in x for x in lines)
    assert not any(line.startswith(FORGED) for line in lines)


def test_the_log_of_the_state(tmp_path: Path) -> None:
    store = Store.open(Sysroot(tmp_path))
    store.make()
    store.log(CONTROLS)
    lines = (tmp_path / str(store.base).lstrip("/") / "log").read_text("utf-8").split("\n")
    assert len(lines) == 2 and all(line == escaped(line) for line in lines)


def test_hints_of_several_lines_are_lines() -> None:
    """A plain string is one line: its newlines are shown as escapes."""
    found = []
    for file in sorted(Path(report.__file__).parents[1].rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "hint" and not isinstance(node.value, ast.Call):
                texts = [n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)]
                found += [f"{file.name}:{node.value.lineno}"] * any("\n" in str(text) for text in texts)
    assert found == []


def test_what_passes_is_for_a_terminal_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    console.progress("\r12 s")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    console.progress("\r12 s")
    console.progress("[2/3] next")
    assert capsys.readouterr().err.split("\r")[1:] == [f"  {'12 s':<60}", f"{'[2/3] next':<62}\n"]


def test_a_command_can_be_typed_as_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    problem = Problem("a", "not finished", None, "to finish it: sudo rdna-installer recover")
    monkeypatch.setenv("PATH", "/nowhere")
    for argv0, name in (
        ("/home/kim/.local/bin/rdna-installer", None),
        ("rdna-installer", "rdna-installer"),
        ("x", "rdna-installer"),
    ):
        monkeypatch.setattr("sys.argv", [argv0])
        console.explain(problem)
        shown = f"  do:    to finish it:\n         sudo {name or argv0} recover\n"
        assert capfd.readouterr().err.endswith(shown)
        console.show(
            lambda style: "Next:\n  rdna-installer doctor\n1 file. Undo: sudo rdna-installer x\nsay rdna-installer x"
        )
        undo = f"1 file. Undo: sudo {name or argv0} x"
        assert capfd.readouterr().out == f"Next:\n  {name or argv0} doctor\n{undo}\nsay rdna-installer x\n"
        assert console.parted(f"look: {name or argv0} verify") == ["look:", f"{name or argv0} verify"]


def test_a_hint_and_its_command() -> None:
    assert console.parted("a: b: sudo rdna-installer x --y z") == ["a: b:", "sudo rdna-installer x --y z"]
    assert console.parted("then, as that user: rdna-installer x") == ["then, as that user:", "rdna-installer x"]
    for whole in ("run it again", "rdna-installer x", "see: `rdna-installer a` or `rdna-installer b`", "where: it is"):
        assert console.parted(whole) == [whole]
