"""The sample machine with systemd and our boot files, and boots that are acted: for the tests of trials."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_sample import Cli, Result

from rdna_installer.change.boot_counting import BootResult
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import boot_check, boot_confirm, boot_status

PROJECT = Path(__file__).resolve().parents[2]
LAYERED = ("--profile", "layered", "--layer", "kernel", "--yes")
OPTIONS, TRIAL = "etc/modprobe.d/rdna-installer.conf", "etc/modprobe.d/rdna-installer-trial.conf"


def put_boot_files(root: Path) -> None:
    """As install.sh does, and an init that is systemd."""
    (root / "sbin").mkdir(exist_ok=True)
    (root / "sbin/init").symlink_to("/lib/systemd/systemd")
    units = root / "usr/local/lib/systemd/system"
    shutil.copytree(PROJECT / "templates/systemd", units)
    for start in ("sysinit.target.wants/rdna-installer-rescue", "sysinit.target.wants/rdna-installer-trial"):
        (units / start).parent.mkdir(exist_ok=True)
        (units / f"{start}.service").symlink_to(f"../{Path(start).name}.service")
    (units / "multi-user.target.wants").mkdir()
    (units / "multi-user.target.wants/rdna-installer-boot.service").symlink_to("../rdna-installer-boot.service")
    (root / "usr/local/sbin").mkdir(parents=True)
    (units / "rdna-installer-trial").rename(root / "usr/local/sbin/rdna-installer-trial")


class Acted:
    """Boots of one machine, one call each."""

    def __init__(self, machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.machine, self.monkeypatch, self.naps = machine, monkeypatch, list[float]()

    def __call__(
        self, note: str = "", wrong: tuple[str, ...] = (), login: int | None = None, cmdline: str = ""
    ) -> list[BootResult]:
        """What the early script noted, what the checks will say, when somebody logs in (looks at the seat)."""
        run = self.machine / "run/rdna-installer"
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir(parents=True)
        if note:
            (run / "trial").write_text(f"{note}\n")
        (self.machine / "proc/cmdline").write_text(f"quiet {cmdline}\n")
        looks = iter(range(10**6))

        def judge(root: Sysroot, generation: object, *, first: bool) -> boot_confirm.BootJudgement:
            facts = boot_check.detect(root, boot_check.Ask(search_sites=False))
            bad = tuple(boot_confirm.Check(word, boot_confirm.Status.FAILED) for word in wrong)
            return boot_confirm.BootJudgement(facts, bad)

        self.monkeypatch.setattr(boot_check, "judge", judge)
        seen = lambda: login is not None and next(looks) >= login  # noqa: E731
        self.monkeypatch.setattr(boot_check, "somebody_is_at_the_seat", seen)
        root = Sysroot(self.machine)
        results = []
        self.naps.clear()
        for result in boot_check.boot_check(root, lambda text: None, self.naps.append):
            boot_status.tell(root, result)
            results.append(result)
        return results


def apply(cli: Cli, machine: Path, *words: str) -> Result:
    return cli("apply", *LAYERED, *words, "--root", str(machine))


def dies(work: Callable[[], object]) -> bool:
    """Do something in another process; whether it ended itself with 9 before it was done."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9), code
    return code == 9


def outcomes(results: list[BootResult]) -> list[str]:
    return [result.outcome.value for result in results]
