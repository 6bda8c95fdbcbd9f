"""The thin layer over run_hook: who asks which interpreter, and what becomes of the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_samples import ME, PYTHON, facts, generation, put, python, site

from rdna_installer.check import hook
from rdna_installer.check.hook import check_hooks
from rdna_installer.check.wanted import wanted_of
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, HostFacts, PythonSite, Status, User

KEY = "HSA_OVERRIDE_GFX_VERSION"
WANTED = wanted_of(generation(python(KEY, "10.3.0")))
GOOD = hook.HookResult(Status.OK, "1 variable(s) in force", {KEY: "10.3.0"}, {KEY: "10.3.0"})
OLD = hook.HookResult(Status.OK, "1 variable(s) in force", {KEY: "9.0.0"}, {KEY: "9.0.0"})
BAD = hook.HookResult(Status.FAILED, "did not run at start-up")


def look(root: Path, host: HostFacts, user: User = ME) -> dict[str, Check]:
    return {c.id: c for c in check_hooks(WANTED, host, Sysroot(root), user)}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, tuple[str, ...]]]:
    """Who asked, with which flags; the answers are scripted by ``answers``."""
    calls: list[tuple[int, tuple[str, ...]]] = []

    def answer(site: PythonSite, user: User, staged: Any = None, flags: Any = ()) -> hook.HookResult:
        calls.append((user.uid, tuple(flags)))
        return answers.get(tuple(flags), GOOD)

    answers.clear()
    monkeypatch.setattr(hook, "run_hook", answer)
    return calls


answers: dict[tuple[str, ...], hook.HookResult] = {}


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({}, Status.OK, ""),
        ({(): BAD}, Status.FAILED, "did not run at start-up"),
        ({("-I",): BAD}, Status.FAILED, "-I did not run"),
        ({(): OLD}, Status.MISMATCH, "another change wrote it (HSA_OVERRIDE_GFX_VERSION)"),
    ],
)
def test_answers(tmp_path: Path, asked: list[Any], given: dict[Any, Any], status: Status, words: str) -> None:
    answers.update(given)
    checks = look(tmp_path, facts(sites=(site(),)))
    check = checks[f"hook:{PYTHON}"]
    assert (check.status, check.wanted, words in str(check.hint or "")) == (status, f"{KEY}=10.3.0", True)
    assert checks["hook:no-site"].status is Status.NOT_APPLICABLE


def test_python_gone(tmp_path: Path, asked: list[Any]) -> None:
    check = look(tmp_path, facts())[f"hook:{PYTHON}"]
    assert (check.status, check.running, asked) == (Status.FAILED, "gone", [])


def test_python_not_looked_at(tmp_path: Path, asked: list[Any]) -> None:
    put(tmp_path, PYTHON, "")
    assert look(tmp_path, facts())[f"hook:{PYTHON}"].status is Status.UNKNOWN


def test_a_python_that_is_closed_to_who_asks_is_not_gone(
    tmp_path: Path, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(root: Sysroot, inside: object) -> None:
        raise PermissionError(13, "Permission denied", str(inside))

    monkeypatch.setattr(Sysroot, "require_readable", closed)
    check = look(tmp_path, facts())[f"hook:{PYTHON}"]
    assert (check.status, check.hint) == (Status.UNKNOWN, "run it with sudo: it cannot be read (Permission denied)")


def test_below_a_root_nothing_is_started(tmp_path: Path, asked: list[Any]) -> None:
    checks = look(tmp_path, facts(sites=(site(),), live=False))
    assert ({c.status for c in checks.values()}, asked) == ({Status.NOT_APPLICABLE}, [])


def test_nothing_chosen(tmp_path: Path) -> None:
    assert list(check_hooks(wanted_of(None), facts(), Sysroot(tmp_path), ME)) == []
