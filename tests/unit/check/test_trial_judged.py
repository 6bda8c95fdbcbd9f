"""What speaks against new kernel options after a boot, and what becomes of the words for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from check_samples import CONF, facts, generation, kernel, managed, put

from rdna_installer.change import boots
from rdna_installer.change.boots import BootResult, Outcome, publish_result, read_result
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import ModprobeOption
from rdna_installer.workflow import confirming

OPTION = ModprobeOption("amdgpu", "noretry", "1", f"{CONF}:3")


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def judge(running: str | None, *, faults: set[str] | None = frozenset(), first: bool = True, **made: Any) -> Any:
        put(tmp_path, "/sys/module/amdgpu/parameters/other", "1")
        if running is not None:
            put(tmp_path, "/sys/module/amdgpu/parameters/noretry", f"{running}\n")
        monkeypatch.setattr(confirming, "detect", lambda root, ask: facts(modprobe=(OPTION,)))
        monkeypatch.setattr(confirming, "kernel_faults", lambda root: faults)
        current = generation(kernel("noretry", "1"), managed=(managed(),), **made)
        return confirming.judge(Sysroot(tmp_path), current, first=first)

    return judge


def test_in_force_and_no_faults_is_right(judged: Any) -> None:
    assert judged("1").wrong == ()


def test_another_value_is_wrong_and_says_whose_it_is(judged: Any) -> None:
    (line,) = judged("0").wrong
    assert line.startswith("kernel:noretry: wanted 1, found 0 (")


def test_an_option_the_running_kernel_does_not_know_does_no_harm(judged: Any) -> None:
    assert judged(None).wrong == ()


@pytest.mark.parametrize(
    ("faults", "before", "wrong"),
    [
        ({"ring-timeout"}, (), True),
        ({"ring-timeout"}, ("fault ring-timeout",), False),
        ({"ring-timeout", "gpu-reset"}, ("fault ring-timeout",), True),
        (None, (), True),
    ],
)
def test_only_new_faults_count_and_an_unread_log_is_no_pass(
    judged: Any, faults: set[str] | None, before: tuple[str, ...], wrong: bool
) -> None:
    assert bool(judged("1", faults=faults, devices=before).wrong) == wrong


def test_what_worked_before_matters_only_until_a_boot_was_good(judged: Any) -> None:
    assert judged("1", devices=("screen 0000:03:00.0 DP-1",)).wrong != ()
    assert judged("1", devices=("screen 0000:03:00.0 DP-1",), first=False, faults={"gpu-lost"}).wrong == ()


@pytest.mark.parametrize("outcome", Outcome)
def test_a_result_can_be_read_again_and_is_told_at_logins_while_something_is_to_do(
    tmp_path: Path, outcome: Outcome
) -> None:
    (tmp_path / "run").mkdir()
    root = Sysroot(tmp_path)
    publish_result(root, BootResult(Outcome.FAILED, 3, "b", ("before",)))
    publish_result(root, BootResult(outcome, 3, "b", ("one\nand two", "three")))
    found = read_result(root)
    assert found is not None and (found.outcome, found.generation, found.lines[1]) == (outcome, 3, "three")
    message = tmp_path / "run/motd.d/rdna-installer"
    assert message.exists() == (outcome not in (Outcome.OK, Outcome.CONFIRMED))
    if message.exists():
        assert message.read_text().splitlines()[:2] == ["rdna-installer: one\\nand two", "rdna-installer: three"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"outcome": "mad"}', '{"lines": 3}', "\udcff"])
def test_a_damaged_result_is_none(tmp_path: Path, text: str) -> None:
    put(tmp_path, boots.SYSTEM / boots.RESULT, text.encode("utf-8", "surrogateescape"))
    assert read_result(Sysroot(tmp_path)) is None
