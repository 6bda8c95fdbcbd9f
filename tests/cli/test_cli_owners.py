"""Root applying to a user's venv: two owners, two transactions, all or nothing over both."""

from __future__ import annotations

import errno
import fcntl
import grp
import json
import os
import pwd
import shutil
import signal
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TypeVar

import pytest
from cli_sample import SAM, Cli
from test_cli_main_job import tree

from rdna_installer.change import together
from rdna_installer.detect.users import user_of
from rdna_installer.machine import asuser
from rdna_installer.machine.asuser import as_user
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Generation, User
from rdna_installer.workflow import committing
from rdna_installer.workflow.owners import find_owners

APPLY = ("apply", "--yes", "--profile", "layered")
T = TypeVar("T")
STATE = "home/sam/.local/state/rdna-installer"

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: writing with another user's rights was not tested"),
]


def whole(root: Path) -> dict[str, tuple[str, int, str]]:
    return {name: entry for name, entry in tree(root).items() if not name.startswith("home/sam/.local")}


def test_both_are_applied_and_rolled_back_together(cli: Cli, shared: Path) -> None:
    root = ("--root", str(shared), "--python", "/home/sam/venv")
    before = whole(shared)
    done = cli(*APPLY, *root)
    assert done.code == 0 and "of sam" in done.err and "of system" in done.err, done
    hook = shared / "home/sam/venv/lib/python3.11/site-packages/_rdna_hook/__init__.py"
    assert (hook.stat().st_uid, (shared / STATE).stat().st_uid) == (SAM, SAM)
    assert (shared / STATE).stat().st_mode & 0o777 == 0o700
    assert (shared / "etc/modprobe.d/rdna-installer.conf").stat().st_uid == 0

    back = json.loads(cli("rollback", "--json", "--dry-run", "--root", str(shared)).out)
    sites = ["site-packages" in c["path"] for c in back["changes"]]
    assert any(sites) and not all(sites), "the user's and the system's are among them"
    assert cli("rollback", "--yes", "--root", str(shared)).code == 0
    assert whole(shared) == before
    again = cli("rollback", "--yes", "--root", str(shared))
    assert again.code == 0 and "nothing to go back to" in again.err, "what was left does not come back by itself"
    assert whole(shared) == before
    assert cli("rollback", "--yes", "--to", "1", "--root", str(shared)).code == 0, "forward again, together"
    assert hook.exists() and (shared / "etc/modprobe.d/rdna-installer.conf").exists()


def test_a_failing_system_part_takes_the_user_part_back(cli: Cli, shared: Path) -> None:
    before = whole(shared)
    (shared / "etc/profile.d").chmod(0o777)  # anybody could swap what root writes there
    result = cli(*APPLY, "--root", str(shared), "--python", "/home/sam/venv")
    assert result.code == 3 and "[unsafe-directory]" in result.err, result
    (shared / "etc/profile.d").chmod(0o755)
    assert whole(shared) == before


def test_a_user_part_that_cannot_be_taken_back_is_said(cli: Cli, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 3 or 1 would say that nothing is left. Root's recover takes it back once it can."""
    before = whole(shared)
    folder = shared / "etc/profile.d"

    def full(*args: object) -> object:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/home/sam")

    def fails(*args: object) -> object:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(folder))

    with monkeypatch.context() as patch:
        patch.setattr(committing, "follow", full)
        patch.setattr(together, "seal", fails)
        result = cli(*APPLY, "--root", str(shared), "--python", "/home/sam/venv")
    assert result.code == 6 and "[undo-incomplete]" in result.err, result
    said = " ".join(result.err.split())
    assert "not the part of sam (" in said and "recover" in said, said
    assert (shared / STATE / "tx").is_dir() and not (shared / "etc/modprobe.d/rdna-installer.conf").exists()
    assert cli("recover", "--root", str(shared)).code == 0
    assert whole(shared) == before


def test_a_link_in_the_users_site_never_leads_root_out(cli: Cli, shared: Path) -> None:
    site = shared / "home/sam/venv/lib/python3.11/site-packages"
    (site / "_rdna_hook").symlink_to("/etc")
    before = {name: entry for name, entry in whole(shared).items() if name.startswith("etc/")}
    result = cli(*APPLY, "--root", str(shared), "--python", "/home/sam/venv")
    assert result.code in (1, 3) and "Traceback" not in result.err, result
    assert {name: entry for name, entry in whole(shared).items() if name.startswith("etc/")} == before


def test_a_user_who_has_nothing_applied_has_nothing_to_undo(cli: Cli, shared: Path) -> None:
    asked = ("rollback", "--yes", "--owner", "sam", "--root", str(shared))
    assert "[nothing-to-roll-back]" in cli(*asked).err
    none = cli(*asked, "--to", "0")
    assert (none.code, "nothing is applied here" in none.out + none.err) == (0, True), none


def test_rollback_after_a_failed_command_goes_back_from_what_is_in_force(cli: Cli, shared: Path) -> None:
    """What the failed one did for the user and took back again is no step of its own."""
    root, folder, before = (
        ("--root", str(shared), "--python", "/home/sam/venv"),
        shared / "etc/profile.d",
        whole(shared),
    )
    folder.chmod(0o777)
    assert cli(*APPLY, *root).code == 3
    assert "[nothing-to-roll-back]" in cli("rollback", "--yes", "--root", str(shared)).err
    folder.chmod(0o755)
    assert cli(*APPLY, *root).code == 0
    applied = whole(shared)
    folder.chmod(0o777)
    assert cli("rollback", "--yes", "--root", str(shared)).code == 3
    folder.chmod(0o755)
    assert whole(shared) == applied
    assert cli("rollback", "--yes", "--root", str(shared)).code == 0
    assert whole(shared) == before


def test_a_file_of_roots_in_a_venv_is_named_with_what_frees_it(cli: Cli, shared: Path) -> None:
    """Neither the user nor root, who works there with his rights, could put it back as it was."""
    before, root = whole(shared), ("--root", str(shared))
    assert cli(*APPLY, *root, "--python", "/home/sam/venv").code == 0
    place = "/home/sam/venv/lib/python3.11/site-packages/_rdna_hook/__init__.py"
    os.chown(shared / place[1:], 0, 0)
    back = ("rollback", "--yes", "--overwrite", "--owner", "sam", *root)
    done = cli(*back)
    assert done.code == 3 and "[not-yours]" in done.err, done
    assert f"\n         sudo chown -h sam {place}\n" in done.err, done.err
    everything = cli("rollback", "--yes", "--overwrite", *root)
    said = " ".join(everything.err.split())
    assert everything.code == 6 and f"the part of sam stays ({place} belongs to uid 0, not to sam)" in said, said
    os.chown(shared / place[1:], SAM, SAM)
    assert cli(*back).code == 0
    assert whole(shared) == before


def test_a_users_purge_that_was_broken_off_is_ended_too(cli: Cli, shared: Path) -> None:
    before, root = tree(shared), ("--root", str(shared))
    assert cli(*APPLY, *root, "--layer", "python", "--python", "/home/sam/venv").code == 0
    assert cli("uninstall", "--yes", *root).code == 0
    (shared / STATE / "purging").touch()
    os.chown(shared / STATE / "purging", SAM, SAM)
    done = cli("recover", *root)
    assert done.code == 0 and "finished: uninstall --purge of sam\n" in done.out, done
    assert not (shared / STATE).exists()
    assert cli("uninstall", "--purge", "--yes", *root).code == 0
    assert {k: v for k, v in tree(shared).items() if ".local" not in k} == before


NOTHING_TO_DO = (("history",), ("status",), ("recover", "--check"), ("recover",), ("adopt", "--yes"), ("confirm",))
REFUSED = (
    *(
        ("rollback", "--yes"),
        ("rollback", "--yes", "--to", "0"),
        ("uninstall", "--yes"),
        ("uninstall", "--purge", "--yes"),
    ),
    *(("plan",), ("apply", "--yes"), (*APPLY, "--unset", "noretry")),
)


def test_another_user_of_a_scratch_root_changes_nothing_that_is_roots(cli: Cli, shared: Path) -> None:
    assert cli(*APPLY, "--root", str(shared)).code == 0
    before = whole(shared)
    for words in (*NOTHING_TO_DO, *REFUSED):
        os.seteuid(SAM)
        try:
            done = cli(*words, "--root", str(shared))
        finally:
            os.seteuid(0)
        assert done.code == (3 if words in REFUSED else 0), (words, done)
        assert whole(shared) == before, words


@pytest.mark.parametrize("number", [0, 42, SAM, 61302])
def test_a_group_of_another_root_opens_nothing_here(
    cli: Cli, shared: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The passwd file of an image says group 0 (or shadow's number): work for its users has no such group here."""
    (shared / "etc/passwd").write_text(f"root:x:0:0::/root:/bin/sh\nsam:x:{SAM}:{number}:Sam:/home/sam:/bin/bash\n")
    monkeypatch.setattr(grp, "getgrgid", lambda gid: {0: "root", 42: "shadow"}[gid])
    user = user_of(Sysroot(shared), SAM)
    ids = as_user(user, lambda: [*os.getresgid(), *os.getgroups()], list[int])
    expected = number if number > 42 else SAM
    assert set(ids) == {expected}
    assert cli(*APPLY, "--root", str(shared), "--python", "/home/sam/venv").code == 0
    made = [*(shared / "home/sam").rglob("*rdna*")]
    assert made and {(path.stat().st_uid, path.stat().st_gid) for path in made} == {(SAM, expected)}
    assert cli("rollback", "--to", "0", "--yes", "--root", str(shared)).code == 0


@pytest.mark.parametrize(
    ("uid", "gid", "acting"), [(0, 0, 0), (1000, 1000, 1000), (1000, 0, 1000), (1001, 1000, 1001), (42, 42, 65534)]
)
def test_whose_group_it_is_here(
    tmp_path: Path, uid: int, gid: int, acting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine with ann (1000, of her own group), a group root and a group shadow."""
    monkeypatch.setattr(grp, "getgrgid", lambda gid: {0: "root", 42: "shadow", 1000: "ann"}[gid])
    monkeypatch.setattr(
        pwd, "getpwuid", lambda uid: {1000: pwd.struct_passwd(("ann", "x", 1000, 1000, "", "/", ""))}[uid]
    )
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text(f"sam:x:{uid}:{gid}:::\n")
    assert user_of(Sysroot(tmp_path), uid).gid == acting
    (tmp_path / "etc/passwd").unlink()
    assert user_of(Sysroot(tmp_path), 42).gid == 65534


EVE = SAM + 1
WAYS = (
    ("uninstall",),
    ("rollback",),
    ("rollback", "--to", "0"),
    ("rollback", "--owner", "all"),
    ("uninstall", "--owner", "all", "--purge"),
)


@pytest.fixture
def two(cli: Cli, shared: Path) -> Path:
    """Two users with a part each, and a system that has none."""
    shutil.copytree(shared / "home/sam", shared / "home/eve", symlinks=True)
    for path in (shared / "home/eve", *(shared / "home/eve").rglob("*")):
        os.chown(path, EVE, EVE, follow_symlinks=False)
    with (shared / "etc/passwd").open("a") as stream:
        stream.write(f"eve:x:{EVE}:{EVE}:Eve:/home/eve:/bin/bash\n")
    pythons = ("--python", "/home/sam/venv", "--python", "/home/eve/venv")
    assert cli(*APPLY, "--layer", "python", *pythons, "--root", str(shared)).code == 0
    shutil.rmtree(shared / "var/lib/rdna-installer")
    assert sorted(hooks(shared)) == ["eve", "sam"]
    return shared


def hooks(root: Path) -> list[str]:
    return [path.parts[-6] for path in root.glob("home/*/venv/lib/python3.11/site-packages/_rdna_hook")]


@pytest.mark.parametrize("words", WAYS, ids=" ".join)
def test_root_takes_back_all_where_the_system_has_nothing(cli: Cli, two: Path, words: tuple[str, ...]) -> None:
    done = cli(*words, "--yes", "--root", str(two))
    assert (done.code, hooks(two)) == (0, []), done
    assert cli("recover", "--check", "--root", str(two)).code == 0


@pytest.mark.parametrize("words", WAYS, ids=" ".join)
def test_a_user_whose_part_stays_is_left_and_named(cli: Cli, two: Path, words: tuple[str, ...]) -> None:
    (two / STATE / "current.json").write_text("spoilt")
    done = cli(*words, "--yes", "--root", str(two))
    assert (done.code, hooks(two)) == (6, ["sam"]), done
    assert "the part of sam stays" in done.err, done.err


def test_parts_of_several_owners_are_refused_without_the_system(two: Path) -> None:
    """One of them would be done, and all be said to be."""
    root = Sysroot(str(two))
    owners = find_owners(root, User(0, 0, "root", PurePosixPath("/root"), "/bin/sh", frozenset()), chosen="all")
    parts = [committing.Part(owner, (), Generation(reason="none")) for owner in owners if owner.user]
    with pytest.raises(ValueError, match="system"):
        committing.commit_all(parts, root, print, links=False)
    assert sorted(hooks(two)) == ["eve", "sam"]


@pytest.mark.parametrize("killed", range(5))
def test_a_kill_while_several_go_back_leaves_all_or_none(cli: Cli, two: Path, killed: int) -> None:
    """The system had no state: it is begun by this change, and decides over it all the same."""
    child = os.fork()
    if child == 0:
        calls = iter(range(5))

        def kill_at(real: Callable[..., T]) -> Callable[..., T]:
            def step(*args: object, **more: object) -> T:
                if next(calls) == killed:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **more)

            return step

        together._ask, together._follows = kill_at(together._ask), kill_at(together._follows)
        together.seal = kill_at(together.seal)
        cli("uninstall", "--yes", "--root", str(two))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    done = cli("recover", "--root", str(two))
    assert (done.code, hooks(two)) == (0, ["eve", "sam"] if killed < 3 else []), done
    assert cli("uninstall", "--yes", "--root", str(two)).code == 0
    assert hooks(two) == []


def test_a_purge_that_leaves_a_users_state_is_not_whole(cli: Cli, two: Path) -> None:
    assert cli("uninstall", "--yes", "--root", str(two)).code == 0
    with (two / STATE / "lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = cli("uninstall", "--purge", "--yes", "--json", "--root", str(two))
    assert done.code == 6 and "left: the state of sam stays" in done.err, done
    assert "the state of sam stays" in json.loads(done.out)["left"][0], done.out
    assert (two / STATE).is_dir() and not (two / STATE.replace("sam", "eve")).exists()


@pytest.mark.parametrize("who", ["sam", "eve"])
def test_a_user_who_is_busy_has_begun_nothing(cli: Cli, two: Path, who: str) -> None:
    """Eve is asked after sam, whose part is in place and goes back; nothing is left for `recover`."""
    before = whole(two)
    again = ("apply", "--yes", "--layer", "python", "--set", "MIOPEN_FIND_MODE=FAST", "--root", str(two))
    with (two / STATE.replace("sam", who) / "lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = cli(*again)
    assert (done.code, "[busy]" in done.err) == (3, True), done
    assert f"the part of {who}: another rdna-installer is running" in " ".join(done.err.split()), done.err
    assert "recover" not in done.err
    assert {n: e for n, e in whole(two).items() if "/.local/" not in n} == {
        n: e for n, e in before.items() if "/.local/" not in n
    }
    assert "nothing to recover" in cli("recover", "--root", str(two)).out
    assert cli(*again).code == 0


def test_an_answer_that_is_none_of_ours_may_have_left_something(
    cli: Cli, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = whole(shared)
    real = asuser._outcome

    def lies(work: Callable[[], object], encode: Callable[[object], object]) -> dict[str, object]:
        told = real(work, encode)
        return {"answer": 7} if (shared / STATE / "tx").exists() else told

    monkeypatch.setattr(asuser, "_outcome", lies)
    done = cli(*APPLY, "--root", str(shared), "--python", "/home/sam/venv")
    monkeypatch.undo()
    assert "[child-lied]" in done.err and whole(shared) == before, done


@pytest.mark.parametrize("words", [("uninstall",), ("uninstall", "--purge"), ("rollback", "--to", "0")], ids=" ".join)
def test_a_hook_of_ours_without_a_record_is_no_end(cli: Cli, two: Path, words: tuple[str, ...]) -> None:
    """Its history is where a variable of sam's own session says, or has gone."""
    (two / STATE).rename(two / "home/sam/elsewhere")
    done = cli(*words, "--yes", "--json", "--root", str(two))
    assert (done.code, hooks(two)) == (6, ["sam"]), done
    assert "_rdna_hook/__init__.py stays" in json.loads(done.out)["left"][0], done.out
    assert "nothing is applied here" not in done.err
    again = cli(*APPLY, "--python", "/home/sam/venv", "--set", "MIOPEN_FIND_MODE=FAST", "--root", str(two))
    assert again.code == 3 and "[drift]" in again.err and "its history is not found" in " ".join(again.err.split())
    (two / "home/sam/elsewhere").rename(two / STATE)
    assert cli(*words, "--yes", "--root", str(two)).code == 0
    assert hooks(two) == []


def test_a_file_of_the_systems_without_a_record_is_no_end(cli: Cli, shared: Path) -> None:
    assert cli(*APPLY, "--root", str(shared)).code == 0
    shutil.rmtree(shared / "var/lib/rdna-installer")
    done = cli("uninstall", "--yes", "--root", str(shared))
    assert done.code == 6 and "/etc/profile.d/rdna-installer.sh stays" in done.err, done


def test_a_venv_whose_owner_has_no_account_stops_nobody(cli: Cli, shared: Path) -> None:
    """There is no place for a history of his: his venv is left out and named; what is asked for by name is refused."""
    for path in (shared / "home/sam/venv", *(shared / "home/sam/venv").rglob("*")):
        os.chown(path, 54321, 54321, follow_symlinks=False)
    done = cli(*APPLY, "--root", str(shared))
    said = " ".join(done.out.split())
    assert done.code == 0 and "/home/sam/venv/bin/python is left out" in said and "uid 54321" in said, done.out
    assert not hooks(shared) and (shared / "etc/profile.d/rdna-installer.sh").exists()
    asked = cli(*APPLY, "--python", "/home/sam/venv", "--set", "MIOPEN_FIND_MODE=FAST", "--root", str(shared))
    assert asked.code == 3 and "[no-home]" in asked.err and "uid 54321" in asked.err, asked
