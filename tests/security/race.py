"""Swap a link in and out at full speed while root's transactions work in that very place.

    python tests/security/race.py [ATTEMPTS]     (as root)

One process of the hostile user exchanges site-packages, the hook's folder, a file in it and the state directory with
links to what is root's, as fast as it can. Root meanwhile applies and rolls back there, ATTEMPTS transactions. Prints
what came of them; exit 1 when anything outside was read, written, or changed owner or mode.
"""

from __future__ import annotations

import ctypes
import difflib  # noqa: F401 - as the program does it: sam may not be able to import
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "installer"))

from harness import snapshot

from rdna_installer.change.actual import read_actual
from rdna_installer.change.generations import Meta
from rdna_installer.change.rollback import rollback_changes, rollback_meta
from rdna_installer.change.store import Store
from rdna_installer.change.transaction import commit
from rdna_installer.errors import RdnaError
from rdna_installer.machine.process import as_user
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Change, File, Foreign, User
from rdna_installer.plan.change import make_change

SAM = User(12345, 12345, "sam", PurePosixPath("/home/sam"), "/bin/sh", frozenset())
SITE = PurePosixPath("/home/sam/site-packages")
FILES = (SITE / "_rdna_hook/__init__.py", SITE / "rdna_hook.pth")
SECRET = b"root's own secret\n"
AT_FDCWD, RENAME_EXCHANGE = -100, 2


def seed(root: Path) -> None:
    """Sam's site, and two folders of root's with files of the names that are written."""
    (root / "home/sam/site-packages/_rdna_hook").mkdir(parents=True)
    (root / "home/sam/.local/state/rdna-installer").mkdir(parents=True, mode=0o700)
    (root / "home/sam/site-packages/_rdna_hook/__init__.py").write_bytes(b"# sam's\n")
    (root / "home/sam/aside").mkdir()
    for folder, mode in (("etc/open", 0o755), ("etc/closed", 0o700)):
        for name in ("__init__.py", "rdna_hook.pth", "format", "current.json", "_rdna_hook/__init__.py", "lock", "log"):
            path = root / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(SECRET)
            path.chmod(0o600)
        (root / folder).chmod(mode)
    for path in (root / "home/sam", *(root / "home/sam").rglob("*")):
        os.chown(path, SAM.uid, SAM.gid)
    root.chmod(0o755)


def swap_for_ever(root: Path, turns: int) -> None:
    """The attacker: exchanges names with links and hard links; ends with its parent. Counts in shared memory."""
    os.setgroups([])
    os.setresgid(SAM.gid, SAM.gid, SAM.gid)
    os.setresuid(SAM.uid, SAM.uid, SAM.uid)
    exchange = ctypes.CDLL(None).renameat2
    home, chance = root / "home/sam", random.Random(os.getpid())
    names = [
        "site-packages",
        "site-packages/_rdna_hook",
        "site-packages/_rdna_hook/__init__.py",
        ".local/state/rdna-installer",
    ]
    pairs = []
    for number, name in enumerate(names * 2):
        bait = home / "aside" / str(number)
        file = name.endswith(".py")
        where = ("open", "closed")[number // len(names)]
        target = f"/etc/{where}" + ("/__init__.py" if file else "")
        bait.symlink_to(str(root) + target if number % 2 else target)
        pairs.append((str(home / name).encode(), str(bait).encode()))
    parent = os.getppid()
    while os.getppid() == parent:
        one, other = chance.choice(pairs)
        for _ in range(chance.randrange(2, 9, 2)):
            exchange(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE)
            os.pwrite(turns, b"x", os.lseek(turns, 1, os.SEEK_CUR))


def changes(sysroot: Sysroot, content: bytes) -> list[Change]:
    """What a plan made as root under the user's rights would say."""
    made = [make_change(read_actual(sysroot, p), File(p, content, 0o644, SAM.uid, SAM.gid)) for p in FILES]
    return [change for change in made if change is not None]


def attempt(sysroot: Sysroot, number: int) -> None:
    """One transaction with the user's rights, as apply and rollback do it."""
    store = Store.open(sysroot, SAM)
    if number % 3:
        commit(store, changes(sysroot, b"# %d\n" % number), Meta("apply"), replace_links=True)
    else:
        commit(store, rollback_changes(store, 0, Foreign.OVERWRITE), rollback_meta(store, 0, None), replace_links=True)


def main(attempts: int) -> int:
    """The script."""
    memory = Path("/dev/shm")
    work = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    work.chmod(0o755)
    root = work / "root"
    turns = os.memfd_create("turns")
    attacker = 0
    try:
        seed(root)
        before = _outside(root)
        attacker = os.fork()
        if attacker == 0:
            swap_for_ever(root, turns)
            os._exit(0)
        results: Counter[str] = Counter()
        for number in range(attempts):
            results[_one(root, number)] += 1
        os.kill(attacker, signal.SIGSTOP)
        wrong = _wrong(root, before)
    finally:
        if attacker:
            os.kill(attacker, signal.SIGKILL)
            os.waitpid(attacker, 0)
        shutil.rmtree(work)
    print(f"{attempts} transactions, {os.fstat(turns).st_size} exchanges: {dict(results.most_common())}")
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    bugs = [name for name in results if name.startswith("bug")]
    return 1 if wrong or bugs or not results["done"] else 0


def _one(root: Path, number: int) -> str:
    try:
        as_user(SAM, partial(attempt, Sysroot(root), number))
        for path in FILES:  # reading as root, as detection does; writing as root is refused in a user's folder
            _write_as_root(root, path)
    except RdnaError as err:
        return err.reference
    except OSError as err:
        return f"bug {type(err).__name__} {err}"[:60]
    return "done"


def _write_as_root(root: Path, path: PurePosixPath) -> None:
    from rdna_installer.machine import durable
    from rdna_installer.machine.folder import Folder

    try:
        with Folder.open(Sysroot(root), path.parent, writing=True) as folder:
            if root / "etc" not in folder.place.parents:
                durable.create(folder, "by-root", b"x", durable.ourselves())
    except (OSError, RdnaError):
        return


def _outside(root: Path) -> dict[str, tuple[object, ...]]:
    return {name: held for name, held in snapshot(root).items() if name.startswith("etc")}


def _wrong(root: Path, before: dict[str, tuple[object, ...]]) -> list[str]:
    now = _outside(root)
    found = [f"{name} changed" for name in {*now, *before} if now.get(name) != before.get(name)]
    for folder, _, files in os.walk(root / "home/sam"):
        for path in (Path(folder, name) for name in files):
            if path.lstat().st_uid != SAM.uid:
                found.append(f"{path} is root's")
            if not path.is_symlink() and SECRET in path.read_bytes():
                found.append(f"{path} holds a secret")
    return found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20000))
