"""One transaction of a named scenario on a scratch root: what the fault harness starts, kills and starts again.

Usage: driver.py ROOT COMMAND [PLANTED[,PLANTED…]]. Prints the reference of an RdnaError and exits with its code.
"""

from __future__ import annotations

import os
import stat
import sys
import traceback
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "installer"))

import powercut

from rdna_installer.change import outcomes
from rdna_installer.change.chain import changes_to, rollback_wish
from rdna_installer.change.recover import finish_purge, purge, recover
from rdna_installer.change.staging import bring
from rdna_installer.change.store import Store
from rdna_installer.change.together import Follower, by_records, commit_together, follow, vote
from rdna_installer.change.transaction import commit, no_activation
from rdna_installer.errors import RdnaError
from rdna_installer.machine.folder import read_actual
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState, Generation, InitramfsTool, OnDrift, Step, StepKind, User, regular
from rdna_installer.plan.plan import make_change
from rdna_installer.record import replace

CONF = PurePosixPath("/etc/modprobe.d/rdna.conf")
SHELL = PurePosixPath("/etc/profile.d/rdna.sh")
NEW = PurePosixPath("/etc/environment.d/60-rdna.conf")  # its directory is missing
HOOK = PurePosixPath("/home/u/venv/hook/rdna.py")  # of the second owner; its directory is missing
PTH = PurePosixPath("/home/u/venv/theirs.pth")
LIBRARY = PurePosixPath("/home/u/venv/libMIOpen.so")  # a bulky one: never in memory, moved by links and copies
BUILT = PurePosixPath("/home/u/build/libMIOpen.so.1.0")
IMAGE = "boot/image"
REAL_SYNC = os.fsync  # the image's own tool is not what a planted defect is about
STEP = Step(StepKind.INITRAMFS, InitramfsTool.INITRAMFS_TOOLS, ("6.1",), "rebuild")


def seed(root: Path, *, libraries: bool = True) -> None:
    """The machine before us: one file to be replaced, one to be removed, one directory missing."""
    (root / "etc/modprobe.d").mkdir(parents=True)
    (root / "etc/profile.d").mkdir()
    (root / "var/lib").mkdir(parents=True)
    (root / "boot").mkdir()
    (root / "home/u/venv").mkdir(parents=True)
    (root / "home/u/venv/theirs.pth").write_bytes(b"# theirs\n")
    (root / "etc/modprobe.d/rdna.conf").write_bytes(b"options amdgpu foreign=1\n")
    (root / "etc/modprobe.d/rdna.conf").chmod(0o640)
    (root / "etc/profile.d/rdna.sh").write_bytes(b"# theirs\n")
    (root / "etc/profile.d/rdna.sh").chmod(0o755)
    (root / IMAGE).write_bytes(b"options amdgpu foreign=1\n")
    if not libraries:
        return
    (root / "home/u/build").mkdir()
    (root / "home/u/build/libMIOpen.so.1.0").write_bytes(b"patched" * 200_000)
    (root / "home/u/venv/libMIOpen.so").write_bytes(b"stock" * 300_000)
    (root / "home/u/venv/libMIOpen.so").chmod(0o755)


class Image:
    """A boot image that holds the bytes of CONF; building it is not atomic, like the real thing."""

    def __init__(self, root: Path, failures: int) -> None:
        self.path = root / IMAGE
        self.failures = failures

    def activate(self, step: Step, wanted: object) -> None:
        assert isinstance(wanted, dict)
        self._write(b"half")
        if self.failures:
            self.failures -= 1
            raise RdnaError("initramfs-failed", "update-initramfs failed")
        if CONF in wanted:
            self._write(wanted[CONF] or b"")

    def _write(self, content: bytes) -> None:
        with self.path.open("wb") as stream:
            stream.write(content)
            stream.flush()
            REAL_SYNC(stream.fileno())


def changes(root: Sysroot, *resources: FileState | FileState):
    made = [make_change(read_actual(root, r.path), r) for r in resources]
    return [change for change in made if change is not None]


def run(root: Path, command: str, fail: int = 0) -> None:
    sysroot = Sysroot(root)
    store = Store.open(sysroot)
    image = Image(root, fail)
    first = (regular(CONF, b"options amdgpu noretry=1\n"), FileState(SHELL), regular(NEW, b"HSA=1\n", 0o600))
    second = (regular(CONF, b"options amdgpu noretry=0\n"), regular(SHELL, b"export A=1\n"), FileState(NEW))
    if command in ("apply", "apply-failing"):
        commit(store, changes(sysroot, *first), Generation("apply"), [STEP], image.activate)
    elif command == "apply-files":
        commit(store, changes(sysroot, *first), Generation("apply"))
    elif command == "library":
        was, built = read_actual(sysroot, LIBRARY), read_actual(sysroot, BUILT)
        after = replace(was, digest=built.digest)
        bring(store, BUILT, after)
        commit(store, [make_change(was, after), *changes(sysroot, regular(CONF, b"x\n"))], Generation("apply"))
    elif command == "library-back":
        commit(store, changes_to(store, store.load(0).managed, OnDrift.REFUSE), rollback_wish(store, 0, None))
    elif command == "again":
        commit(store, changes(sysroot, *second), Generation("apply"), [STEP], image.activate)
    elif command == "rollback":
        back = changes_to(store, store.load(0).managed, OnDrift.REFUSE)
        commit(store, back, rollback_wish(store, 0, None), [STEP], image.activate)
    elif command.endswith("purge"):
        gone(sysroot, store, image, command)
    elif command.startswith("both"):
        together(sysroot, store, image, command, first, second)
    elif command == "recover":
        finish_purge(store)
        recover(store, image.activate)
        if (user := second_owner(sysroot)).exists:
            known = outcomes.read(store) if store.exists else None
            settled = outcomes.settled(store, known) if known else frozenset()
            recover(user, no_activation, by_records(settled))
            followed = known or outcomes.Outcomes()
            for line in followed.lines:  # as workflow/recovering.py strikes the parts that are done
                followed = followed.done(line.change, line.parts)
            if known and followed != known:
                outcomes.write(store, followed)
    else:
        raise SystemExit(f"unknown command {command}")


def gone(sysroot: Sysroot, store: Store, image: Image, command: str) -> None:
    """All put back, then every state removed, a user's first; again it goes on where it ended."""
    user = second_owner(sysroot)
    owners = (user, store) if command.startswith("both") else (store,)
    applied = [
        o
        for o in owners
        if o.exists and not o.purging and o.numbers() and o.manifest(max(o.numbers())).generation.managed
    ]
    if user in applied:
        run(sysroot.root, "both-rollback")
    elif applied:
        run(sysroot.root, "rollback")
    for owner in owners:
        purge(owner)


def second_owner(sysroot: Sysroot) -> Store:
    """A user's state; here with our own rights, so that one process makes all the calls that are counted."""
    user = User(os.geteuid(), os.getegid(), "u", PurePosixPath("/home/u"), "/bin/sh", frozenset())
    return Store(sysroot, PurePosixPath("/home/u/.local/state/rdna-installer"), user)


def together(sysroot: Sysroot, store: Store, image: Image, command: str, first: tuple, second: tuple) -> None:
    """One change over two owners: applied, applied again, rolled back."""
    user, mine = second_owner(sysroot), {"owner": os.geteuid(), "group": os.getegid()}
    if command == "both-rollback":
        ways = tuple(changes_to(each, each.load(0).managed, OnDrift.REFUSE) for each in (store, user))
        wishes = rollback_wish(store, 0, None), rollback_wish(user, 0, None)
    else:
        text = b"two = 2\n" if command == "both-again" else b"one\n"
        theirs = changes(sysroot, regular(HOOK, text, **mine), FileState(PTH))
        ways = changes(sysroot, *(second if command == "both-again" else first)), theirs
        wishes = Generation("apply"), Generation("apply")

    def ask(change: str, settled: frozenset[str]) -> Generation:
        from dataclasses import replace

        wish = replace(wishes[1], change=change, stands_for=wishes[1].stands_for or change)
        return vote(user, ways[1], wish, settled, replace_links=False)

    follower = Follower(7, "u", ask, lambda change, found: follow(user, change, found))
    commit_together(store, ways[0], wishes[0], [STEP], image.activate, [follower])


def plant(defect: str) -> None:
    """Break the product on purpose: the harness must notice."""
    from rdna_installer.change import finish

    if defect == "no-undo":
        finish.put_back = lambda store, record, state: ()
    elif defect == "mode-forgotten":
        from rdna_installer.machine import durable

        def forget(folder, name, kept, look):
            durable.create(folder, kept, look.content or b"", durable.ourselves(0o644))

        durable.keep = forget
    elif defect == "leftovers":
        finish.clear_staging = lambda folder, entry: None
    elif defect in ("no-file-sync", "no-folder-sync"):
        real = os.fsync

        def forget_some(fd):
            if stat.S_ISDIR(os.fstat(fd).st_mode) == (defect == "no-file-sync"):
                real(fd)

        os.fsync = forget_some
    elif defect == "no-swap-sync":
        from rdna_installer.machine import durable

        real_folders = durable.by_folder
        durable.by_folder = lambda root, places, **more: real_folders(root, places, **(more or {"loose": None}))
    elif defect == "no-target-sync":
        os.fsync = lambda fd: None if "/.rdna-installer." in os.readlink(f"/proc/self/fd/{fd}") else REAL_SYNC(fd)
    elif defect.startswith(("cut=", "commit=", "deaf=")):
        powercut.plant(*defect.split("="))
    elif defect:
        raise SystemExit(f"unknown defect {defect}")


def main(root: str, command: str, defect: str = "") -> int:
    for one in defect.split(","):
        plant(one)
    powercut.disk = root
    try:
        run(Path(root), command, fail=1 if command == "apply-failing" else 0)
    except RdnaError as err:
        print(err.reference, err.message, err.context, sep=" | ")
        return int(err.exit_code)
    except BaseException:
        traceback.print_exc()
        return 70
    finally:
        if powercut.counted:
            print("counted", powercut.counted, flush=True)
        if powercut.at_the_end:
            powercut.cut("cut")
    return 0


if __name__ == "__main__":
    code = main(*sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)  # the fault may hit standard output too; the code is what the harness wants to know
