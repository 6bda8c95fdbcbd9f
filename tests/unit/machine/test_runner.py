"""Who runs whose interpreter: decided by everything that others could write, before anything runs."""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.machine import runner, whose
from rdna_installer.machine.bounds import Limits
from rdna_installer.machine.runner import runner_of
from rdna_installer.machine.whose import free_uid, owner_of_site
from rdna_installer.model import PythonSite, User

pytestmark = pytest.mark.processes

ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="not root: nothing was run with other rights")
SAM, EVE = 61401, 61402
ASKER = User(os.getuid(), os.getgid(), "me", PurePosixPath("/nonexistent"), "/bin/sh", frozenset())


@pytest.fixture
def site(open_path: Path) -> PythonSite:
    """Sam's, as python -m venv makes it."""
    prefix = open_path / "home/venv"
    packages = prefix / "lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    (prefix / "bin").mkdir()
    (prefix / "bin/python").symlink_to("/usr/bin/python3")
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (packages / "a.pth").write_text("")
    if ROOT:
        for path in (open_path / "home", *(open_path / "home").rglob("*")):
            os.chown(path, SAM, SAM, follow_symlinks=False)
    found = PurePosixPath(prefix), PurePosixPath(packages)
    uid = SAM if ROOT else os.getuid()
    return PythonSite(PurePosixPath(prefix / "bin/python"), found[0], found[1], "3.11", uid, uid, None)


def give(*path: str, uid: int = EVE) -> Callable[[Path], None]:
    return lambda base: os.chown(base.joinpath(*path), uid, uid, follow_symlinks=False)


def mode(number: int, *path: str) -> Callable[[Path], None]:
    return lambda base: os.chmod(base.joinpath(*path), number)


def acl(base: Path) -> None:
    """u::rwx u:EVE:rwx g::r-x m::rwx o::r-x, as the kernel keeps it; the group's bits of the mode are the mask."""
    entries = ((1, 7, 2**32 - 1), (2, 7, EVE), (4, 5, 2**32 - 1), (16, 7, 2**32 - 1), (32, 5, 2**32 - 1))
    value = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(base / PACKAGES, whose.ACL, value)
    except OSError:
        pytest.skip("a file system without ACLs: not tried with one")
    os.chown(base / PACKAGES, SAM, 0)  # a group that is trusted by itself


def evil_python(base: Path) -> None:
    (base / "home/venv/bin/python").unlink()
    (base / "eve").mkdir()
    (base / "eve/python").write_text("#!/bin/sh\n")
    os.chown(base / "eve", EVE, EVE)
    (base / "home/venv/bin/python").symlink_to("../../../eve/python")
    os.chown(base / "home/venv/bin/python", SAM, SAM, follow_symlinks=False)


PACKAGES = "home/venv/lib/python3.11/site-packages"
OTHERS = {
    "a group may write lib": mode(0o775, "home/venv/lib"),
    "all may write site-packages": mode(0o777, PACKAGES),
    "1777": mode(0o1777, PACKAGES),
    "an ACL": acl,
    "one .pth": give(PACKAGES, "a.pth"),
    "a .pth that all may write": mode(0o666, PACKAGES, "a.pth"),
    "bin": give("home/venv/bin"),
    "the interpreter": give("home/venv/bin/python"),
    "the interpreter's target": evil_python,
    "pyvenv.cfg": give("home/venv/pyvenv.cfg"),
    "lib/python3.11": give("home/venv/lib/python3.11"),
    "the folder above": give("home"),
    "all may write above": mode(0o777, "home"),
}


@needs_root
def test_the_only_owner_runs_it(site: PythonSite) -> None:
    assert owner_of_site(site) == SAM
    with runner_of(site, ASKER) as found:
        assert found.rights.uid == SAM and not found.rights.groups.count(0)


@needs_root
def test_a_sticky_folder_above_does_not_matter(site: PythonSite, open_path: Path) -> None:
    open_path.chmod(0o1777)
    assert owner_of_site(site) == SAM


@needs_root
@pytest.mark.parametrize("case", OTHERS)
def test_what_others_may_write_is_nobodys(site: PythonSite, open_path: Path, case: str) -> None:
    OTHERS[case](open_path)
    assert owner_of_site(site) is None


@needs_root
def test_a_group_of_the_owners_own_is_no_other(site: PythonSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """umask 002, as Fedora and Ubuntu have it for people with a group of their own."""
    os.chmod(site.site_packages, 0o775)
    assert owner_of_site(site) is None
    monkeypatch.setattr(whose, "_private_groups", lambda groups, users, uid: frozenset({SAM}))
    assert owner_of_site(site) == SAM


def test_private_groups() -> None:
    class Row:
        def __init__(self, **held: object) -> None:
            self.__dict__.update(held)

    users = [
        Row(pw_name="sam", pw_uid=1, pw_gid=1),
        Row(pw_name="eve", pw_uid=2, pw_gid=2),
        Row(pw_name="x", pw_uid=3, pw_gid=2),
    ]
    groups = [Row(gr_gid=1, gr_mem=["sam"]), Row(gr_gid=2, gr_mem=[]), Row(gr_gid=50, gr_mem=["sam"])]
    assert whose._private_groups(groups, users, 1) == {1}
    assert whose._private_groups(groups, users, 2) == frozenset()


@needs_root
def test_roots_own_is_run_by_nobody_with_a_place_of_their_own(
    site: PythonSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    monkeypatch.setattr(runner, "_device_groups", lambda: (44,))
    own = dataclasses.replace(site, owner=0)
    code = (
        "import os,getpass,tempfile; open(os.path.expanduser('~/x'), 'w')\n"
        "print(os.getresuid(), os.getresgid(), os.getgroups(), getpass.getuser())\n"
        "print(tempfile.gettempdir(), *[os.environ[n] for n in %r])"
    )
    with runner_of(own, ASKER, {PurePosixPath("f"): b"x"}, gpu=True) as found:
        done = found.run(["/usr/bin/python3", "-c", code % (runner.CACHES,)], {}, Limits(10))
        ids, places = done.out.decode().splitlines()
        uid = found.rights.uid
        assert ids == f"({uid}, {uid}, {uid}) ({uid}, {uid}, {uid}) [44] rdna-check"
        home = set(places.split())
        assert len(home) == 1 and os.stat(*home).st_uid == uid and os.stat(*home).st_mode & 0o777 == 0o700
        assert found.files is not None and (found.files / "f").read_bytes() == b"x"
        assert uid in whose.RANGE
        kept = found.files
    assert not os.path.exists(*home) and not kept.exists()


@needs_root
def test_two_runs_have_two_ids_and_none_that_is_used() -> None:
    with free_uid() as one, free_uid() as other:
        assert one != other
    left = set(os.listdir(whose.LOCKS))  # other tests run beside this one
    assert left.isdisjoint({f"uid-{one}", f"uid-{other}"})


@needs_root
def test_an_id_with_a_process_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whose, "RANGE", range(61500, 61502))
    sleeper = subprocess.Popen(["setpriv", "--reuid", "61500", "--clear-groups", "sleep", "60"])
    try:
        while "61500" not in Path(f"/proc/{sleeper.pid}/status").read_text().split("Uid:")[1].split()[0]:
            pass
        with free_uid() as uid:
            assert uid == 61501
            with pytest.raises(RdnaError, match="none of the user ids"), free_uid():
                pass
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.skipif(ROOT, reason="root runs it with its owner's rights")
def test_another_users_is_not_run_as_us(site: PythonSite) -> None:
    import dataclasses

    with pytest.raises(RdnaError, match="not run as you"), runner_of(dataclasses.replace(site, owner=4242), ASKER):
        pass
