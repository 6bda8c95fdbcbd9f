"""What speaks against new kernel options after a boot, and what becomes of the words for it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from check_samples import BEFORE, BOOT, CONF, facts, generation, kernel, managed, put

from rdna_installer.change import boot_counting
from rdna_installer.change.boot_counting import BootOutcome, BootResult, keep_result, publish_result, read_result
from rdna_installer.change.store import Store
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import ModprobeOption
from rdna_installer.plan.trial import TRIAL_CONF
from rdna_installer.workflow import boot_confirm

LOAD = "/var/lib/rdna-installer/trial.load"
TRIED = (managed(), managed(TRIAL_CONF, b"x"))
OPTION = ModprobeOption("amdgpu", "noretry", "1", f"{CONF}:3")


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def judge(
        running: str | None,
        *,
        faults: set[str] | None = frozenset(),
        first: bool = True,
        other: bool = True,
        **made: Any,
    ) -> Any:
        put(tmp_path, f"/sys/module/amdgpu/{'parameters/other' if other else 'uevent'}", "1")
        if running is not None:
            put(tmp_path, "/sys/module/amdgpu/parameters/noretry", f"{running}\n")
        monkeypatch.setattr(boot_confirm, "detect", lambda root, ask: facts(modprobe=(OPTION,)))
        monkeypatch.setattr(boot_confirm, "kernel_faults", lambda root: faults)
        current = generation(kernel("noretry", "1"), **{"managed": (managed(),), **made})
        return boot_confirm.judge(Sysroot(tmp_path), current, first=first)

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


@pytest.mark.parametrize(
    ("record", "wrong"),
    [
        (f"{BOOT} ended 0", False),
        (f"{BOOT} ended 1", True),
        (f"{BOOT} signal 9", True),
        (f"{BOOT} started", True),
        (f"{BEFORE} ended 0", True),
        (f"{BOOT} ended 0 and more", True),
        (f"{BOOT} ended", True),
        ("", True),
        (None, True),
        ("\0\udcff", True),
    ],
)
def test_a_trial_whose_load_did_not_end_well_is_not_confirmed(
    judged: Any, tmp_path: Path, record: str | None, wrong: bool
) -> None:
    if record is not None:
        put(tmp_path, LOAD, f"{record}\n".encode("utf-8", "surrogateescape"))
    lines = judged("1", managed=TRIED).wrong
    assert bool(lines) == wrong and all(line.startswith("trial:load: ") for line in lines)
    assert judged("1").wrong == (), "it matters to a trial only"


def test_a_module_that_shows_no_parameters_is_not_in_force(judged: Any, tmp_path: Path) -> None:
    """modprobe was killed when the module's directory had just appeared."""
    put(tmp_path, LOAD, f"{BOOT} ended 0\n")
    assert judged(None, managed=TRIED).wrong == ()
    shutil.rmtree(tmp_path / "sys/module/amdgpu/parameters")
    (line,) = judged(None, managed=TRIED, other=False).wrong
    assert line.startswith("kernel:noretry: wanted 1, found nothing")


@pytest.mark.parametrize("broken", ["folder", "bytes"])
def test_a_parameter_that_cannot_be_read_is_not_in_force(judged: Any, tmp_path: Path, broken: str) -> None:
    if broken == "folder":
        (tmp_path / "sys/module/amdgpu/parameters/noretry").mkdir(parents=True)
    else:
        put(tmp_path, "/sys/module/amdgpu/parameters/noretry", b"\xff\n")
    assert len(judged(None).wrong) == 1


@pytest.mark.parametrize("outcome", BootOutcome)
def test_a_result_can_be_read_again_and_is_told_at_logins_while_something_is_to_do(
    tmp_path: Path, outcome: BootOutcome
) -> None:
    (tmp_path / "run").mkdir()
    root = Sysroot(tmp_path)
    publish_result(root, BootResult(BootOutcome.FAILED, 3, "b", ("before",)))
    publish_result(root, BootResult(outcome, 3, "b", ("one\nand two", "three")))
    found = read_result(root)
    assert found is not None and (found.outcome, found.generation, found.lines[1]) == (outcome, 3, "three")
    message = tmp_path / "run/motd.d/rdna-installer"
    assert message.exists() == (outcome not in (BootOutcome.OK, BootOutcome.CONFIRMED))
    if message.exists():
        assert message.read_text().splitlines()[:2] == ["rdna-installer: one\\nand two", "rdna-installer: three"]


def test_a_kept_result_is_there_in_the_next_boot(tmp_path: Path) -> None:
    """Whose /run is empty; what this boot says comes first."""
    store = Store.open(Sysroot(tmp_path))
    store.make()
    keep_result(store, BootResult(BootOutcome.ROLLED_BACK, 3, "before", ("it had its boots",)))
    found = read_result(store.root)
    assert found is not None and (found.outcome, found.boot_id) == (BootOutcome.ROLLED_BACK, "before")
    (tmp_path / "run").mkdir()
    publish_result(store.root, BootResult(BootOutcome.OK, 3, "now", ()))
    found = read_result(store.root)
    assert found is not None and found.boot_id == "now"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"outcome": "mad"}', '{"lines": 3}', "\udcff"])
def test_a_damaged_result_is_none(tmp_path: Path, text: str) -> None:
    put(tmp_path, boot_counting.SYSTEM / boot_counting.RESULT, text.encode("utf-8", "surrogateescape"))
    assert read_result(Sysroot(tmp_path)) is None
