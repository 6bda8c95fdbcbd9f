"""What is said where somebody would otherwise be surprised: parts decided alone, changes gone back from, a rescue."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cli_sample import Cli
from test_cli_findings import HOOK, SITE, as_root, by_sam, forge_fifo, killed_before_the_seal
from test_cli_owners import APPLY, STATE
from trial_sample import Acted, apply, dies, outcomes

from rdna_installer.change import together
from rdna_installer.change.boot_counting import read_note
from rdna_installer.cli.app import main
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState, Generation, Layer, Managed, regular
from rdna_installer.plan.trial import OPTIONS_CONF
from rdna_installer.workflow import boot_check, boot_confirm
from rdna_installer.workflow.committing import next_lines

pytestmark = pytest.mark.processes
OURS = ("apply", "--yes", "--layer", "python", *SITE)


def flat(text: str) -> str:
    return " ".join(text.split())


def killed_before_the_follow(root: Path) -> None:
    """Root's apply dies committed, with sam's part still held."""

    def work() -> None:
        together._tell = lambda *_: os._exit(9)
        main([*APPLY, "--root", str(root), *SITE])

    assert dies(work)
    assert (root / STATE / "tx").is_dir()


@as_root
@pytest.mark.parametrize("word", ["undo", "finish"])
def test_who_decides_alone_is_told_what_it_means_and_is_named_to_root(cli: Cli, shared: Path, word: str) -> None:
    (killed_before_the_seal if word == "finish" else killed_before_the_follow)(shared)
    said = flat(by_sam(cli, shared, "recover", "--decide", word)[1])
    assert "your own part only: root's ends with" in said and "sudo rdna-installer recover" in said, said
    done = cli("recover", "--root", str(shared))
    named = f"sam has {'undone' if word == 'undo' else 'finished'} the part of change 1 alone: it stays so"
    assert done.code == 0 and named in flat(done.out), done
    assert (shared / HOOK).exists() is (word == "finish")


@as_root
def test_of_parts_that_followed_nothing_is_said(cli: Cli, shared: Path) -> None:
    killed_before_the_follow(shared)
    done = cli("recover", "--root", str(shared))
    assert done.code == 0 and "alone" not in done.out, done
    killed = cli("rollback", "--yes", "--root", str(shared))
    assert killed.code == 0 and "alone" not in killed.out + killed.err, killed


@as_root
@pytest.mark.parametrize("who", ["sam", "root"])
def test_a_part_that_follows_late_hears_that_root_has_gone_back(cli: Cli, shared: Path, who: str) -> None:
    root = ("--root", str(shared))
    killed_before_the_follow(shared)
    held = (shared / STATE / "tx").rename(shared / STATE / "tx.kept")
    forge_fifo(shared / STATE)
    left = cli("rollback", "--yes", *root)
    assert left.code == 6 and "sam" in left.err, left
    (shared / STATE / "tx").unlink()
    held.rename(shared / STATE / "tx")
    if who == "sam":
        code, said = by_sam(cli, shared, "recover")
        assert code == 0, said
    else:
        done = cli("recover", *root)
        said = done.out
        assert done.code == 0, done
    assert "root has gone back from change 1 since; as sam: rdna-installer rollback" in flat(said)
    assert (shared / HOOK).exists()


def test_after_uninstall_rollback_says_how_all_comes_again(cli: Cli, sample: Path) -> None:
    root = ("--root", str(sample))
    assert cli(*APPLY, *root).code == 0
    assert cli("uninstall", "--yes", *root).code == 0
    said = cli("rollback", "--yes", *root)
    assert said.code == 0 and "nothing to go back to" in said.err, said
    assert "to bring it again: rdna-installer rollback --to 1" in flat(said.err), said


@as_root
def test_a_users_own_earlier_change_comes_back_with_roots_rollback_and_is_named(cli: Cli, shared: Path) -> None:
    assert by_sam(cli, shared, *OURS)[0] == 0
    before = (shared / HOOK).read_bytes()
    assert cli(*APPLY, "--root", str(shared), *SITE, "--conv", "gemm").code == 0
    done = cli("rollback", "--yes", "--root", str(shared))
    assert done.code == 0 and "change 1 of sam" in flat(done.out + done.err), done
    assert (shared / HOOK).exists() and before


@pytest.mark.parametrize("how", ["rescue", "limit"])
def test_after_a_rescue_nothing_recommends_a_rollback(cli: Cli, machine: Path, boot: Acted, how: str) -> None:
    """It would take the rest of that change."""
    root = ("--root", str(machine))
    assert apply(cli, machine).code == 0
    assert outcomes(boot(how, cmdline="rdna_installer=off" if how == "rescue" else "")) in (
        ["rescued"],
        ["rolled-back"],
    )
    for command in ("status", "verify", "confirm", "history"):
        done = cli(command, *root)
        recommended = [line for line in (done.out + done.err).splitlines() if "rdna-installer rollback" in line]
        assert recommended == [], done


@as_root
def test_root_without_sudo_detects_what_it_applied_to(cli: Cli, shared: Path) -> None:
    """Over ssh or in a root shell nobody is named who searches his home."""
    root = ("--root", str(shared))
    assert cli("apply", "--yes", "--layer", "python", *SITE, *root).code == 0
    facts = json.loads(cli("detect", "--json", *root).out)
    assert [site["python"] for site in facts["torch"]] == ["/home/sam/venv/bin/python"], facts
    assert "/home/sam/venv" in cli("detect", *root).out


@pytest.mark.parametrize("note", ["limit", "rescue", "uncounted", "blacklisted"])
def test_confirm_never_points_to_a_rollback_where_the_boot_check_will_do_it(
    machine: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, note: str
) -> None:
    """Between a rescue and its boot check a rollback would take the rest of that change too."""
    assert apply(cli, machine).code == 0
    (machine / "run/rdna-installer").mkdir(parents=True)
    (machine / "run/rdna-installer/trial").write_text(f"{note}\n")
    root = Sysroot(machine)
    root.live = True  # in this file as if it were: reading alone
    judged = boot_confirm.BootJudgement(boot_check.detect(Sysroot(machine), boot_check.Ask(search_sites=False)), ())
    monkeypatch.setattr(boot_confirm, "judge", lambda *a, **k: judged)
    monkeypatch.setattr(boot_confirm, "read_note", lambda _: read_note(Sysroot(machine)))
    monkeypatch.setattr(boot_confirm, "made_this_boot", lambda *a: False)
    generation = Generation("apply")
    with pytest.raises(RdnaError) as refused:
        boot_confirm._require_tried(root, generation)
    taken_by_itself = note in ("limit", "rescue")
    assert "this boot runs without" in refused.value.message
    assert ("rollback" in (refused.value.hint or "")) is not taken_by_itself
    assert ("by itself; see: rdna-installer status" in (refused.value.hint or "")) is taken_by_itself


@pytest.mark.parametrize("rescue", [True, False])
def test_that_the_switch_takes_confirmed_options_out_is_said_where_it_works(rescue: bool) -> None:
    there = Managed(OPTIONS_CONF, regular(OPTIONS_CONF, b"x\n"), FileState(OPTIONS_CONF), 1)
    lines = next_lines(frozenset({Layer.KERNEL}), [Generation("apply", managed=(there,))], rescue)
    assert any("rdna_installer=off" in line and "taken out" in line for line in lines) is rescue
