"""Trial boots through the command line, on a scratch root that would boot with systemd; the boots are acted."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_sample import Cli
from trial_sample import LAYERED, OPTIONS, TRIAL, Acted, apply, dies, outcomes

from rdna_installer.change import transaction
from rdna_installer.machine import durable
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import boot_check, boot_confirm, boot_status, inspecting

pytestmark = pytest.mark.processes  # modinfo


def cut(where: str, work: Callable[[], object]) -> None:
    """Do something in a process that ends in the middle of its transaction."""

    def begin() -> None:
        place, name = (transaction.finish, "settle") if where == "finish" else (transaction, where)
        setattr(place, name, lambda *args: os._exit(9))
        work()

    assert dies(begin)


def with_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boot_check, "has_screen", lambda devices: True)


def status(cli: Cli, machine: Path) -> dict[str, object]:
    return json.loads(cli("status", "--json", "--root", str(machine)).out)  # type: ignore[no-any-return]


def test_apply_puts_new_options_on_trial_and_says_how_to_get_back(cli: Cli, machine: Path) -> None:
    done = apply(cli, machine)
    assert done.code == 0, done.err
    held = (machine / TRIAL).read_text().splitlines()
    assert held[-2:] == ["blacklist amdgpu", "install amdgpu /bin/true"]
    for words in ("rdna_installer=off", "modprobe.blacklist=amdgpu", "rdna-installer confirm", "black screen?"):
        assert words in done.err
    assert status(cli, machine)["trial"] == {"boots": 0, "limit": 2, "counted": []}


def test_status_says_a_trial_of_the_system_and_of_nobody_else(
    cli: Cli, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert apply(cli, machine).code == 0
    others = (inspecting.OwnerStatus("sam", None, ()), inspecting.OwnerStatus("eve", None, (), "it is damaged"))
    system = inspecting.read_status(Sysroot(machine))
    monkeypatch.setattr("rdna_installer.cli.status.read_status", lambda *_: (*system, *others))
    said = cli("status", "--root", str(machine)).out
    assert said.index("  on trial: ") < said.index("sam: nothing applied\n")
    assert said.endswith("sam: nothing applied\neve: not readable: it is damaged\n"), said


def test_applying_again_goes_on_with_the_trial(cli: Cli, machine: Path) -> None:
    assert apply(cli, machine).code == 0
    plan = cli("plan", "--detailed-exitcode", *LAYERED[:4], "--root", str(machine))
    assert plan.code == 0, plan.out


def test_without_a_screen_the_checks_alone_confirm(cli: Cli, machine: Path, boot: Acted) -> None:
    assert apply(cli, machine).code == 0
    assert outcomes(boot("counted")) == ["confirmed"]
    assert (machine / OPTIONS).exists() and not (machine / TRIAL).exists()
    assert status(cli, machine)["trial"] is None
    assert outcomes(boot()) == ["ok"]
    assert cli("plan", "--detailed-exitcode", *LAYERED[:4], "--root", str(machine)).code == 0


def test_a_boot_is_judged_where_run_takes_no_result(
    cli: Cli, machine: Path, boot: Acted, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert apply(cli, machine).code == 0

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "it is read-only")

    monkeypatch.setattr(durable, "publish", refuse)
    [confirmed] = boot("counted")
    assert confirmed.outcome.value == "confirmed"
    assert "/run/rdna-installer: the filesystem is read-only" in str(boot_status.tell(Sysroot(machine), confirmed))
    assert status(cli, machine)["boot"]["outcome"] == "confirmed"  # type: ignore[index]


def test_confirm_is_done_where_run_takes_no_result(cli: Cli, machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert apply(cli, machine).code == 0
    (machine / "run").mkdir(exist_ok=True)
    (machine / "run/rdna-installer").write_text("a file where the folder belongs")
    judged = boot_confirm.BootJudgement(boot_check.detect(Sysroot(machine), boot_check.Ask(search_sites=False)), ())
    monkeypatch.setattr(boot_confirm, "_require_tried", lambda *_: judged)
    done = cli("confirm", "--root", str(machine))
    assert done.code == 0 and "not kept for users without root" in " ".join(done.err.split()), done.err
    assert not (machine / TRIAL).exists()


def test_with_a_screen_somebody_must_log_in(
    cli: Cli, machine: Path, boot: Acted, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_screen(monkeypatch)
    assert apply(cli, machine).code == 0
    assert outcomes(boot("counted", login=7)) == ["waiting", "confirmed"]
    assert boot.naps == [boot_check.PAUSE] * 6  # of the seven looks each waits for the next, the first for nothing


def test_going_back_from_a_confirmed_trial_goes_behind_both(cli: Cli, machine: Path, boot: Acted) -> None:
    assert apply(cli, machine).code == 0
    assert outcomes(boot("counted")) == ["confirmed"]
    assert cli("rollback", "--yes", "--root", str(machine)).code == 0
    assert not (machine / OPTIONS).exists() and not (machine / TRIAL).exists()


@pytest.mark.parametrize("between", [True, False])
@pytest.mark.parametrize("way", [("rollback",), ("rollback", "--to", "1")])
def test_going_back_to_the_very_options_that_are_confirmed_tries_them_no_more(
    cli: Cli, machine: Path, boot: Acted, way: tuple[str, ...], between: bool
) -> None:
    """Left unconfirmed for two boots they would have been taken out."""
    root = ("--root", str(machine))
    assert apply(cli, machine).code == 0
    env = ("apply", "--yes", "--layer", "env", "--set", "HSA_XNACK=0", *root)
    assert between or cli(*env).code == 0
    assert outcomes(boot("counted")) == ["confirmed"]
    assert not between or cli(*env).code == 0
    before = (machine / OPTIONS).read_bytes()
    done = cli(*way, "--yes", *root)
    assert done.code == 0 and not (machine / "etc/profile.d/rdna-installer.sh").exists(), done
    assert (machine / OPTIONS).read_bytes() == before and not (machine / TRIAL).exists()
    assert "trial" not in done.err and "trial" not in cli("status", *root).out.replace("trial passed", "")
    assert cli("rollback", "--yes", *root).code == 0 and not (machine / OPTIONS).exists()


def test_checks_that_fail_confirm_nothing(cli: Cli, machine: Path, boot: Acted) -> None:
    assert apply(cli, machine).code == 0
    assert outcomes(boot("counted", wrong=("before:screen",))) == ["failed"]
    assert boot.naps == [boot_check.PAUSE] * boot_check.PATIENCE
    assert (machine / TRIAL).exists()
    assert "before:screen" in (machine / "run/motd.d/rdna-installer").read_text()
    assert status(cli, machine)["boot"]["outcome"] == "failed"  # type: ignore[index]


def test_the_third_boot_is_rolled_back_once(cli: Cli, machine: Path, boot: Acted) -> None:
    assert apply(cli, machine).code == 0
    (machine / "var/lib/rdna-installer/trial.boots").write_text("a\nb\n")
    results = boot("limit")
    assert outcomes(results) == ["rolled-back"]
    assert results[0].lines[-1].startswith("two boots passed without a login: rolled back: our kernel options are gone")
    assert not (machine / OPTIONS).exists() and not (machine / TRIAL).exists()
    number = status(cli, machine)["owners"][0]["generation"]["number"]  # type: ignore[index]
    assert outcomes(boot("limit")) == ["ok"], "nothing is on trial any more"
    assert status(cli, machine)["owners"][0]["generation"]["number"] == number  # type: ignore[index]


def test_a_failed_second_trial_leaves_the_first_options(cli: Cli, machine: Path, boot: Acted) -> None:
    assert apply(cli, machine).code == 0
    assert outcomes(boot("counted")) == ["confirmed"]
    first = (machine / OPTIONS).read_text()
    assert apply(cli, machine, "--unset", "noretry").code == 0
    assert (machine / TRIAL).exists()
    results = boot("limit")
    assert (
        outcomes(results) == ["rolled-back"] and "our kernel options are those of generation 2" in results[0].lines[-1]
    )
    assert (machine / OPTIONS).read_text() == first and not (machine / TRIAL).exists()


@pytest.mark.parametrize("confirmed", [True, False])
def test_the_switch_takes_all_kernel_options_back(cli: Cli, machine: Path, boot: Acted, confirmed: bool) -> None:
    assert apply(cli, machine).code == 0
    if confirmed:
        assert outcomes(boot("counted")) == ["confirmed"]
    assert outcomes(boot("" if confirmed else "rescue", cmdline="rdna_installer=off")) == ["rescued"]
    assert not (machine / OPTIONS).exists() and not (machine / TRIAL).exists()


def test_a_boot_that_cannot_be_counted_changes_nothing(cli: Cli, machine: Path, boot: Acted) -> None:
    assert apply(cli, machine).code == 0
    assert outcomes(boot("uncounted")) == ["uncounted"]
    assert (machine / TRIAL).exists()


@pytest.mark.parametrize(("where", "what"), [("finish", "finished"), ("swap", "undone")])
def test_a_power_cut_is_recovered_first_and_its_boot_not_counted(
    cli: Cli, machine: Path, boot: Acted, where: str, what: str
) -> None:
    cut(where, lambda: apply(cli, machine))
    (machine / "var/lib/rdna-installer/trial.boots").write_text("a\n")
    results = boot("counted" if where == "finish" else "")
    assert f"an interrupted change was {what}: generation 1 (apply)" in results[0].lines
    assert outcomes(results) == (["confirmed"] if where == "finish" else ["ok"])
    assert (machine / OPTIONS).exists() == (where == "finish") and not (machine / TRIAL).exists()
    assert not (machine / "var/lib/rdna-installer/trial.boots").exists()


@pytest.mark.parametrize(("where", "then"), [("finish", ["ok"]), ("swap", ["rolled-back"])])
def test_a_power_cut_in_the_automatic_rollback_ends_it_at_the_next_boot(
    cli: Cli, machine: Path, boot: Acted, where: str, then: list[str]
) -> None:
    assert apply(cli, machine).code == 0
    counter = machine / "var/lib/rdna-installer/trial.boots"
    counter.write_text("a\nb\n")
    cut(where, lambda: boot("limit"))
    assert counter.exists(), "the next boot must still know that the trial is over"
    assert outcomes(boot("limit" if (machine / TRIAL).exists() else "")) == then
    assert not (machine / OPTIONS).exists() and not (machine / TRIAL).exists()


def test_an_edited_file_does_not_stop_the_way_back(cli: Cli, machine: Path, boot: Acted) -> None:
    assert apply(cli, machine).code == 0
    (machine / OPTIONS).write_text("options amdgpu noretry=0\n")
    assert outcomes(boot("limit")) == ["rolled-back"]
    assert not (machine / OPTIONS).exists()


def test_new_options_start_a_new_count(cli: Cli, machine: Path) -> None:
    assert apply(cli, machine).code == 0
    boots = machine / "var/lib/rdna-installer/trial.boots"
    boots.write_text("a\n")
    assert apply(cli, machine, "--unset", "noretry").code == 0
    assert not boots.exists()


def test_purge_leaves_nothing_of_a_trial(cli: Cli, machine: Path, boot: Acted) -> None:
    assert apply(cli, machine).code == 0
    for name in ("trial.boots", "trial.load"):
        (machine / "var/lib/rdna-installer" / name).write_text("a\n")
    boot("counted", wrong=("before:screen",))
    assert cli("uninstall", "--purge", "--yes", "--root", str(machine)).code == 0
    assert not (machine / "var/lib/rdna-installer").exists() and not (machine / TRIAL).exists()


def test_trial_off_writes_no_trial_and_ends_a_running_one(cli: Cli, machine: Path) -> None:
    assert apply(cli, machine, "--trial", "off").code == 0
    assert (machine / OPTIONS).exists() and not (machine / TRIAL).exists()
    assert apply(cli, machine, "--unset", "noretry").code == 0
    assert (machine / TRIAL).exists()
    assert apply(cli, machine, "--unset", "noretry", "--trial", "off").code == 0
    assert (machine / OPTIONS).exists() and not (machine / TRIAL).exists()


def test_another_layer_leaves_a_running_trial_alone(cli: Cli, machine: Path) -> None:
    assert apply(cli, machine).code == 0
    assert cli("apply", "--profile", "layered", "--layer", "env", "--yes", "--root", str(machine)).code == 0
    assert (machine / TRIAL).exists()


def test_refused_where_nothing_would_count_boots(cli: Cli, machine: Path) -> None:
    (machine / "usr/local/sbin/rdna-installer-trial").unlink()
    refused = apply(cli, machine)
    assert (refused.code, "[no-boot-units]" in refused.err, "--trial off" in refused.err) == (3, True, True)
    assert not (machine / OPTIONS).exists()
    assert apply(cli, machine, "--trial", "off").code == 0


def test_going_back_into_a_trial_needs_them_too(cli: Cli, machine: Path) -> None:
    root = ("--root", str(machine))
    assert apply(cli, machine).code == 0
    assert cli("rollback", "--yes", *root).code == 0
    masked = machine / "etc/systemd/system/rdna-installer-trial.service"
    masked.parent.mkdir(parents=True)
    masked.symlink_to("/dev/null")
    refused = cli("rollback", "--yes", "--to", "1", *root)
    assert (refused.code, "[no-boot-units]" in refused.err) == (3, True)
    masked.unlink()
    assert cli("rollback", "--yes", "--to", "1", *root).code == 0
    assert (machine / OPTIONS).exists() and (machine / TRIAL).exists()


def test_without_systemd_there_is_no_trial_and_that_is_said(cli: Cli, sample: Path) -> None:
    refused = apply(cli, sample, "--trial", "on")
    assert (refused.code, "[no-trial]" in refused.err) == (3, True)
    done = apply(cli, sample)
    assert (done.code, "no trial boots" in done.out) == (0, True)
    assert not (sample / TRIAL).exists()


def test_confirm_needs_a_trial_and_a_boot(cli: Cli, machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nothing is on trial" in cli("confirm", "--root", str(machine)).out
    assert apply(cli, machine).code == 0
    refused = cli("confirm", "--root", str(machine))
    assert (refused.code, "[not-booted]" in refused.err) == (3, True)
