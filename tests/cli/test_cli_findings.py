"""What was found wrong over several owners, each as it was found: torn commands, users in root's way, toggling."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_sample import SAM, Cli
from effort import here
from test_cli_main_job import tree
from test_cli_owners import APPLY, STATE, whole
from trial_sample import OPTIONS, TRIAL, Acted, apply, dies, outcomes

from rdna_installer.change import together
from rdna_installer.change.recover import recover
from rdna_installer.change.store import Store
from rdna_installer.change.transaction import no_activation
from rdna_installer.cli.app import BESIDE, main
from rdna_installer.machine import durable
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import applying, committing, owners, recovering, rolling_back

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="not root: nothing of another user's was tested")
pytestmark = pytest.mark.processes
SYSTEM = "var/lib/rdna-installer"
SITE = ("--python", "/home/sam/venv")
HOOK = "home/sam/venv/lib/python3.11/site-packages/rdna_hook.pth"


def is_sams(root: Sysroot, owner: owners.Owner) -> bool:
    return owner.user is not None and owner.user.uid == SAM


def by_sam(cli: Cli, root: Path, *argv: str) -> tuple[int, str]:
    """A command in a process of sam's own, for whom this is the machine and not a scratch root of his."""
    module = BESIDE.get(argv[0], argv[0])
    for late in ("pickle", f"rdna_installer.cli.{module}"):  # with sam's rights our own files may be closed
        importlib.import_module(late)
    said = os.memfd_create("said")
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(SAM, SAM, SAM)
        os.setresuid(SAM, SAM, SAM)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115 - a standard stream
        sys.stderr = open(2, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
        owners.system_uid = rolling_back.system_uid = lambda root: 0
        for module in (applying, committing, recovering, rolling_back):
            module.may_write = is_sams  # type: ignore[attr-defined]
        code = 99
        try:
            code = main([*argv, "--root", str(root)])
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.lseek(said, 0, os.SEEK_SET)
    with os.fdopen(said) as stream:
        return code, stream.read()


def killed_before_the_seal(root: Path) -> None:
    """Root's apply dies with sam's part in place and held."""

    def work() -> None:
        together.seal = lambda store, undo: os._exit(9)
        main([*APPLY, "--root", str(root), *SITE])

    assert dies(work)
    assert (root / STATE / "tx").is_dir()


@as_root
@pytest.mark.parametrize("who", ["root", "boot then sam"])
def test_a_killed_command_is_whole_again(cli: Cli, shared: Path, who: str) -> None:
    before = whole(shared)
    killed_before_the_seal(shared)
    if who == "root":
        done = cli("recover", "--root", str(shared))
        assert done.code == 0 and "of sam" in done.out and "of system" in done.out
    else:
        held = by_sam(cli, shared, "recover")
        assert held[0] == 6 and "change 1 of root is not decided" in " ".join(held[1].split()), held
        refused = by_sam(cli, shared, "apply", "--yes", "--layer", "python", *SITE)
        assert refused[0] == 3 and "not decided" in refused[1], refused
        assert recover(Store.open(Sysroot(shared)), no_activation)  # as the boot unit does
        assert (shared / STATE / "tx").is_dir()
        assert by_sam(cli, shared, "recover")[0] == 0
    assert whole(shared) == before
    assert cli("recover", "--root", str(shared)).out.endswith("nothing to recover\n")


@as_root
@pytest.mark.parametrize("word", ["undo", "finish"])
def test_a_user_may_decide_for_his_own_files(cli: Cli, shared: Path, word: str) -> None:
    killed_before_the_seal(shared)
    done = by_sam(cli, shared, "recover", "--decide", word)
    assert done[0] == 0, done
    assert (shared / HOOK).exists() is (word == "finish")
    assert cli("recover", "--root", str(shared)).code == 0
    assert (shared / HOOK).exists() is (word == "finish"), "root never follows"


def forge_format(state: Path) -> None:
    (state / "format").write_text("99\n")


def forge_fifo(state: Path) -> None:
    os.mkfifo(state / "tx")


def forge_undo(state: Path) -> None:
    (state / "tx").mkdir()
    (state / "tx/undo.json").write_bytes(b"\xff{")


def forge_current(state: Path) -> None:
    (state / "current.json").write_bytes(b"[" * 100_000)


WAYS_BACK = (("rollback",), ("rollback", "--to", "0"), ("uninstall",), ("uninstall", "--purge"))
FORGED = (forge_format, forge_fifo, forge_undo, forge_current)


@as_root
@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__)
@pytest.mark.parametrize(
    "command", [("rollback",), ("rollback", "--to", "0"), ("uninstall",), ("uninstall", "--purge")]
)
def test_no_file_of_a_user_stops_roots_way_back(
    cli: Cli, shared: Path, forge: Callable[[Path], None], command: tuple[str, ...]
) -> None:
    before = {name: held for name, held in whole(shared).items() if name.startswith("etc/")}
    assert cli(*APPLY, "--root", str(shared), *SITE).code == 0
    forge(shared / STATE)
    done = cli(*command, "--yes", "--root", str(shared))
    assert done.code == 6 and "left: the part of sam stays" in done.err, done
    assert {name: held for name, held in whole(shared).items() if name.startswith("etc/")} == before
    assert (shared / SYSTEM).exists() is ("--purge" not in command)
    assert cli("status", "--root", str(shared)).code == 0


@as_root
@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__)
def test_nor_the_recovery_of_a_killed_apply(cli: Cli, shared: Path, forge: Callable[[Path], None]) -> None:
    before = {name: held for name, held in whole(shared).items() if name.startswith("etc/")}
    killed_before_the_seal(shared)
    shutil.rmtree(shared / STATE / "tx")
    forge(shared / STATE)
    done = cli("recover", "--root", str(shared))
    assert done.code in (0, 6), done
    assert {name: held for name, held in whole(shared).items() if name.startswith("etc/")} == before
    assert not (shared / SYSTEM / "tx.new").exists() and not (shared / SYSTEM / "tx").exists()


@as_root
def test_a_user_may_say_no_to_apply_only(cli: Cli, shared: Path) -> None:
    forge_state = shared / STATE
    forge_state.mkdir(parents=True)
    for path in (forge_state.parent.parent, forge_state.parent, forge_state):
        os.chown(path, SAM, SAM)
    forge_format(forge_state)
    before = whole(shared)
    refused = cli(*APPLY, "--root", str(shared), *SITE)
    assert refused.code == 3 and "--owner system" in refused.err, refused
    assert whole(shared) == before
    done = cli(*APPLY, "--root", str(shared), *SITE, "--owner", "system")
    assert done.code == 0 and (shared / "etc/modprobe.d/rdna-installer.conf").exists(), done
    assert not (shared / HOOK).exists()


@as_root
def test_a_time_in_a_users_file_diverts_nothing(cli: Cli, shared: Path) -> None:
    """The latest command was found by users' own ``time`` once."""
    root = ("--root", str(shared))
    assert cli(*APPLY, *root, *SITE).code == 0
    assert cli("apply", "--yes", "--profile", "layered", "--layer", "env", "--unset", "HSA_XNACK", *root).code == 0
    for path in (shared / STATE).rglob("*.json"):
        path.write_text(path.read_text().replace('"time": "20', '"time": "99'))
    back = json.loads(cli("rollback", "--dry-run", "--json", *root).out)
    assert {c["path"].split("/")[1] for c in back["changes"]} == {"etc"}


def test_rollback_does_not_toggle(cli: Cli, sample: Path) -> None:
    root, before = ("--root", str(sample)), tree(sample)
    assert cli(*APPLY, *root).code == 0
    for _ in range(3):
        done = cli("rollback", "--yes", *root)
        assert done.code == 0 and tree(sample) == before
    assert "nothing to go back to" in done.err
    assert len(json.loads(cli("history", "--json", *root).out)["owners"][0]["generations"]) == 3


@pytest.mark.parametrize("how", ["rescue", "two boots"])
def test_what_a_boot_took_out_comes_back_only_on_trial(cli: Cli, machine: Path, boot: Acted, how: str) -> None:
    root = ("--root", str(machine))
    assert cli("apply", "--yes", "--profile", "layered", "--layer", "kernel", "--layer", "env", *root).code == 0
    note, line = ("rescue", "rdna_installer=off") if how == "rescue" else ("limit", "")
    assert outcomes(boot(note, cmdline=line)) == ["rescued" if how == "rescue" else "rolled-back"]
    assert not (machine / OPTIONS).exists() and (machine / "etc/profile.d/rdna-installer.sh").exists()
    for _ in range(2):
        assert cli("rollback", "--yes", *root).code == 0
        assert not (machine / OPTIONS).exists() and not (machine / TRIAL).exists()
    assert not (machine / "etc/profile.d/rdna-installer.sh").exists(), "the rest of that change"
    back = cli("rollback", "--yes", "--to", "1", *root)
    assert back.code == 0 and "on trial again" in back.err, back
    assert (machine / OPTIONS).exists() and (machine / TRIAL).exists()


def test_options_once_confirmed_and_taken_out_go_on_trial_again(cli: Cli, machine: Path, boot: Acted) -> None:
    root = ("--root", str(machine))
    assert apply(cli, machine).code == 0
    assert outcomes(boot("counted")) == ["confirmed"]
    assert outcomes(boot("", cmdline="rdna_installer=off")) == ["rescued"]
    assert cli("rollback", "--yes", "--to", "2", *root).code == 0
    assert (machine / OPTIONS).exists() and (machine / TRIAL).exists()


@as_root
def test_a_user_can_uninstall_his_own_layer(cli: Cli, shared: Path) -> None:
    assert cli(*APPLY, "--root", str(shared), *SITE).code == 0
    system = {name: held for name, held in whole(shared).items() if name.startswith("etc/")}
    done = by_sam(cli, shared, "uninstall", "--purge", "--yes")
    assert done[0] == 0, done
    assert not (shared / HOOK).exists() and not (shared / STATE).exists()
    assert {name: held for name, held in whole(shared).items() if name.startswith("etc/")} == system


@as_root
def test_root_without_sudo_sees_and_undoes_what_it_applied(cli: Cli, shared: Path) -> None:
    root, before = ("--root", str(shared)), whole(shared)
    assert cli("apply", "--yes", "--layer", "python", *SITE, *root).code == 0
    status = json.loads(cli("status", "--json", *root).out)["owners"]
    assert [(o["owner"], bool(o["generation"])) for o in status] == [("system", True), ("sam", True)]
    assert status[0]["generation"]["files"] == [], "no file of its own"
    assert [o["owner"] for o in json.loads(cli("status", "--json", "--owner", "system", *root).out)["owners"]] == [
        "system"
    ]
    assert cli("rollback", "--yes", "--owner", "sam", *root).code == 0
    assert whole(shared) == before
    assert cli("apply", "--yes", "--layer", "python", *SITE, *root).code == 0
    assert cli("uninstall", "--purge", "--yes", *root).code == 0
    assert whole(shared) == before and not (shared / STATE).exists() and not (shared / SYSTEM).exists()
    assert cli("status", "--owner", "nobody-here", *root).code == 2


@as_root
@pytest.mark.parametrize("whose", ["all", "sam", "system"])
def test_what_is_kept_is_forgotten_by_a_purge(cli: Cli, shared: Path, whose: str) -> None:
    """Who asks for both wants his edited files, and nothing of ours beside them."""
    root, before = ("--root", str(shared)), whole(shared)
    assert cli(*APPLY, *root, *SITE).code == 0
    hook, option = shared / HOOK, shared / "etc/modprobe.d/rdna-installer.conf"
    edited = [path for path, of in ((hook, "sam"), (option, "system")) if whose in ("all", of)]
    for path in edited:
        path.write_text("# mine\n")
    assert cli("uninstall", "--purge", "--yes", *root).code == 3
    done = cli("uninstall", "--purge", "--keep", "--yes", *root)
    assert done.code == 0 and "history could not" not in done.err and " stays" not in done.err, done
    assert not (shared / STATE).exists() and not (shared / SYSTEM).exists()
    after = whole(shared)
    assert {name for name in {*before, *after} if before.get(name) != after.get(name)} >= {
        str(path.relative_to(shared)) for path in edited
    }
    for path in edited:
        assert path.read_text() == "# mine\n"
        path.unlink()
    assert cli("uninstall", "--purge", "--yes", *root).code == 0


@as_root
def test_a_part_that_is_kept_whole_is_named(cli: Cli, shared: Path) -> None:
    """Root's rollback went on without it, and said nothing."""
    root = ("--root", str(shared))
    assert cli("apply", "--yes", "--layer", "python", *SITE, *root).code == 0
    hooks = [path for path in (shared / HOOK).with_name("_rdna_hook").rglob("*") if path.is_file()]
    for path in (shared / HOOK, *hooks):
        path.write_text("# mine\n")
    done = cli("rollback", "--yes", "--keep", *root)
    said = " ".join(done.err.split())
    assert done.code == 6 and "the part of sam stays" in said and "--keep leaves them" in said
    assert (shared / HOOK).read_text() == "# mine\n"
    again = cli("rollback", "--yes", "--to", "1", *root)
    assert again.code == 0 and "kept by itself" in " ".join(again.err.split())


@as_root
def test_purge_under_anybodys_sudo_is_of_all(cli: Cli, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of whom root's history knows nothing any more as well: after the package nothing takes that away."""
    with (shared / "etc/passwd").open("a") as file:
        file.write(f"ann:x:{SAM + 1}:{SAM + 1}::/home/ann:/bin/sh\n")
    root, before = ("--root", str(shared)), whole(shared)
    assert cli(*APPLY, *root, *SITE).code == 0
    assert cli("uninstall", "--purge", "--yes", "--owner", "system", *root).code == 0
    assert not (shared / SYSTEM).exists() and (shared / STATE).exists()
    monkeypatch.setenv("SUDO_UID", str(SAM + 1))
    done = cli("uninstall", "--purge", "--yes", *root)
    assert done.code == 0 and not (shared / STATE).exists() and whole(shared) == before, done


def test_an_interrupted_purge_is_finished_from_any_point(cli: Cli, sample: Path) -> None:
    before = tree(sample)
    assert cli(*APPLY, "--root", str(sample)).code == 0
    assert cli("uninstall", "--yes", "--root", str(sample)).code == 0
    kept = sample.with_name("kept")
    shutil.copytree(sample, kept, symlinks=True)
    effects = ("create", "move", "discard", "sync", "remove_tree", "write_tree", "remove_folder")
    for number in itertools.count(1):
        if not here(number, every=3):  # in the long run (tests/effort.py) at every point
            continue
        left = [number]

        def cut(effect: Callable[..., object], left: list[int] = left) -> Callable[..., object]:
            def call(*args: object, **words: object) -> object:
                left[0] -= 1
                return os._exit(9) if left[0] == 0 else effect(*args, **words)

            return call

        def work(cut: Callable[..., object] = cut) -> None:
            for name in effects:
                setattr(durable, name, cut(getattr(durable, name)))
            main(["uninstall", "--purge", "--yes", "--root", str(sample)])

        if not dies(work):
            break
        again = ("uninstall", "--purge", "--yes") if number % 2 else ("recover",)
        done = cli(*again, "--root", str(sample))
        assert done.code == 0, (number, done)
        assert cli("uninstall", "--purge", "--yes", "--root", str(sample)).code == 0
        assert not (sample / SYSTEM).exists() and tree(sample) == before, number
        shutil.rmtree(sample)
        shutil.copytree(kept, sample, symlinks=True)
    assert number > 12


def test_a_list_that_was_cut_off_while_it_was_prepared_is_never_put_in_force(cli: Cli, sample: Path) -> None:
    """Killed between a change's lists and the record that says that they are whole: found by tests/crash/table.py."""
    root = ("--root", str(sample))
    assert cli(*APPLY, *root).code == 0
    known = (sample / SYSTEM / "outcomes.json").read_bytes()
    (sample / SYSTEM / "tx.new").mkdir(mode=0o700)
    (sample / SYSTEM / "tx.new/outcomes.aborted").touch()
    assert cli("recover", *root).code == 0
    assert (sample / SYSTEM / "outcomes.json").read_bytes() == known
    assert cli("recover", "--check", *root).code == 0


def test_one_changed_digit_in_a_record_is_refused(cli: Cli, sample: Path) -> None:
    """It brought somebody's 0640 file back as 0666, with exit 0."""
    root, conf = ("--root", str(sample)), sample / "etc/modprobe.d/rdna-installer.conf"
    conf.write_bytes(b"# theirs\n")
    conf.chmod(0o640)
    assert cli(*APPLY, "--overwrite", *root).code == 0
    applied, record = tree(sample), sample / SYSTEM / "generations/1/manifest.json"
    text = record.read_text()
    assert '"mode": 416' in text, "0640"
    record.write_text(text.replace('"mode": 416', '"mode": 438', 1))
    done = cli("rollback", "--yes", *root)
    assert done.code == 3 and "recover --check" in done.err, done
    assert tree(sample) == applied
    checked = cli("recover", "--check", *root)
    assert checked.code == 4 and f"sh {sample}/{SYSTEM}/generations/1/restore.sh" in checked.out, checked


@as_root
def test_a_failed_command_leaves_nothing_of_a_user_after_purge(cli: Cli, shared: Path) -> None:
    before = whole(shared)
    killed_before_the_seal(shared)
    assert cli("recover", "--root", str(shared)).code == 0
    assert cli("uninstall", "--purge", "--yes", "--root", str(shared)).code == 0
    assert whole(shared) == before and not (shared / STATE).exists() and not (shared / SYSTEM).exists()


def test_killed_before_the_first_record_purge_leaves_nothing(cli: Cli, sample: Path) -> None:
    root, before = ("--root", str(sample)), tree(sample)

    def work() -> None:
        durable.move = lambda *args: os._exit(9)
        main([*APPLY, *root])

    assert dies(work)
    assert (sample / SYSTEM / ".format.new").exists()
    assert cli("uninstall", "--purge", "--yes", *root).code == 0
    assert not (sample / SYSTEM).exists() and tree(sample) == before


@as_root
@pytest.mark.parametrize("words", [("apply", *SITE), ("setup", *SITE, "--wheels", "/nowhere")])
def test_what_was_done_before_is_not_denied(
    cli: Cli, shared: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """A command that first recovers an earlier one has changed something before it refuses; so has install.sh."""
    root = ("--root", str(shared))
    said = cli("apply", *SITE, *root).err
    assert "nothing was changed" in said
    killed_before_the_seal(shared)
    said = " ".join(cli(*words, *root).err.split())
    assert "undone" in said and "nothing else was changed" in said and "nothing was changed" not in said, said
    monkeypatch.setenv("RDNA_INSTALLER_INSTALLED", "1")
    said = cli("apply", *SITE, *root).err
    assert "nothing else was changed" in said and "nothing was changed" not in said
