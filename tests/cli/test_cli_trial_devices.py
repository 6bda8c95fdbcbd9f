"""What worked before new kernel options stays known until the trial ends: a screen means that somebody must see it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cli_sample import Cli
from trial_sample import OPTIONS, TRIAL, Acted, apply, outcomes

from rdna_installer.change.store import Store
from rdna_installer.cli import apply as command
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import applying
from rdna_installer.workflow.planning import Job, Planned

pytestmark = pytest.mark.processes  # modinfo

SEEN = ("driver 0000:03:00.0", "screen 0000:03:00.0 DP-1")


@pytest.fixture
def screened(cli: Cli, machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The machine on trial; when it was applied, there was a picture."""
    plan = command.make_plan

    def live(job: Job) -> Planned:
        planned = plan(job)
        return replace(planned, facts=replace(planned.facts, live=True))

    with monkeypatch.context() as patch:
        patch.setattr(command, "make_plan", live)
        patch.setattr(applying, "working_devices", lambda facts, root: SEEN)
        patch.setattr(applying, "kernel_faults", lambda root: frozenset({"ring-timeout"}))
        assert apply(cli, machine).code == 0
    return machine


def recorded(machine: Path) -> tuple[str, ...]:
    current = Store.open(Sysroot(machine)).current()
    assert current is not None
    return current.devices


def test_it_is_in_the_generation_and_the_boot_waits(screened: Path, boot: Acted) -> None:
    assert recorded(screened) == (*SEEN, "fault ring-timeout")
    assert outcomes(boot("counted", login=7)) == ["waiting", "confirmed"]
    assert recorded(screened) == (*SEEN, "fault ring-timeout"), "for more changes in the same boot"


def test_another_layer_does_not_lose_it(cli: Cli, screened: Path, boot: Acted) -> None:
    done = cli("apply", "--profile", "layered", "--layer", "env", "--yes", "--root", str(screened))
    assert done.code == 0 and (screened / TRIAL).exists()
    assert outcomes(boot("counted", login=7)) == ["waiting", "confirmed"]


def test_going_back_into_the_trial_does_not_lose_it(cli: Cli, screened: Path, boot: Acted) -> None:
    assert cli("rollback", "--yes", "--root", str(screened)).code == 0
    assert not (screened / OPTIONS).exists()
    assert cli("rollback", "--to", "1", "--yes", "--root", str(screened)).code == 0
    assert (screened / TRIAL).exists()
    assert outcomes(boot("counted", login=7)) == ["waiting", "confirmed"]


def test_going_back_to_no_trial_remembers_nothing(cli: Cli, screened: Path, boot: Acted) -> None:
    """Else the next boot would miss a screen that somebody has unplugged long ago."""
    assert outcomes(boot("counted", login=7)) == ["waiting", "confirmed"]
    assert apply(cli, screened, "--unset", "noretry", "--trial", "off").code == 0
    assert cli("rollback", "--yes", "--root", str(screened)).code == 0
    assert recorded(screened) == ()
