"""Swap a link in and out at full speed while root's transactions work in that very place.

    python tests/security/race.py [ATTEMPTS [PROCESSES]]     (as root)

One process of the hostile user exchanges site-packages, the hook's folder, a file in it and the state directory with
links to what is root's, as fast as it can. Root meanwhile applies and rolls back there, ATTEMPTS transactions. Prints
what came of them; exit 1 when anything outside was read, written, or changed owner or mode, or when what one of them
left behind was not made good by `recover` as soon as there was peace.
"""

from __future__ import annotations

import difflib  # noqa: F401 - as the program does it: sam may not be able to import
import os
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "installer"))

import workers
from harness import snapshot
from swapper import Swapper

from rdna_installer.change.chain import changes_to, rollback_wish
from rdna_installer.change.recover import recover
from rdna_installer.change.store import TRANSIENT, Store
from rdna_installer.change.transaction import commit, no_activation
from rdna_installer.errors import KNOWN, Exit, RdnaError
from rdna_installer.machine.asuser import as_user
from rdna_installer.machine.folder import read_actual
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Change, Generation, OnDrift, User, regular
from rdna_installer.plan.plan import make_change

SAM = User(12345, 12345, "sam", PurePosixPath("/home/sam"), "/bin/sh", frozenset())
SITE = PurePosixPath("/home/sam/site-packages")
FILES = (SITE / "_rdna_hook/__init__.py", SITE / "rdna_hook.pth")
SECRET = b"root's own secret\n"
PART = 500  # transactions on one machine
PROOFS = 50  # transactions between two looks in peace; every incomplete one gets its own


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


def bait(root: Path) -> list[tuple[str, str]]:
    """Names, and where the links lead that they are exchanged with: by a path in our root, and in the real one."""
    names = (".local/state/rdna-installer", "site-packages", "site-packages/_rdna_hook")
    pairs = []
    for where in ("/etc/open", "/etc/closed"):
        for prefix in ("", str(root)):
            pairs += [(name, prefix + where) for name in names]
            pairs.append((f"{names[-1]}/__init__.py", f"{prefix}{where}/__init__.py"))
    return pairs


def changes(sysroot: Sysroot, content: bytes) -> list[Change]:
    """What a plan made as root under the user's rights would say."""
    made = [make_change(read_actual(sysroot, p), regular(p, content, 0o644, SAM.uid, SAM.gid)) for p in FILES]
    return [change for change in made if change is not None]


def attempt(sysroot: Sysroot, number: int) -> None:
    """One transaction with the user's rights, as apply and rollback do it."""
    store = Store.open(sysroot, SAM)
    if number % 3:
        commit(store, changes(sysroot, b"# %d\n" % number), Generation("apply"), replace_links=True)
    else:
        back = changes_to(store, store.load(0).managed, OnDrift.OVERWRITE)
        commit(store, back, rollback_wish(store, 0, None), replace_links=True)


def settled(sysroot: Sysroot, number: int) -> None:
    """In peace: `recover` ends whatever was left, and the next transaction works. Raises RdnaError, AssertionError."""
    store = Store.open(sysroot, SAM)
    recover(store, no_activation)
    home = sysroot.root / "home/sam"
    left = [p for p in home.rglob("*") if p.name.startswith(".rdna-installer.") or p.name in TRANSIENT]
    for path in left:
        path.rename(home / "aside" / f"left-{path.name[-10:]}")  # told of once
    assert not left, f"left after recover: {[str(path.relative_to(home)) for path in left]}"
    commit(store, changes(sysroot, b"# peace %d\n" % number), Generation("apply"), replace_links=True)
    for path in FILES:
        held = (sysroot.root / path.relative_to("/")).read_bytes()
        assert held == b"# peace %d\n" % number, f"{path} is not as it was applied"


@dataclass
class Race:
    """What came of some transactions."""

    results: Counter[str]
    exchanges: int
    wrong: list[str]


def race(attempts: int) -> Race:
    """So many, on a machine of their own."""
    memory = Path("/dev/shm")
    work = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    work.chmod(0o755)
    root = work / "root"
    done = Race(Counter(), 0, [])
    seed(root)
    before = _outside(root)
    swapper = Swapper(root / "home/sam", bait(root), SAM.uid)
    try:
        for number in range(attempts):
            result, code = _one(root, number)
            done.results[result] += 1
            if code is Exit.INCOMPLETE or number % PROOFS == 0:
                done.results["(made good in peace)"] += 1
                with swapper.resting():
                    done.wrong += _made_good(root, number, result)
        with swapper.resting():
            done.wrong += _wrong(root, before)
        done.exchanges = swapper.turns
    finally:
        swapper.end()
        shutil.rmtree(work)
    print(f"{attempts} transactions, {done.exchanges} exchanges, wrong: {done.wrong}", file=sys.stderr, flush=True)
    return done


def main(attempts: int, processes: int) -> int:
    """The script."""
    parts = [min(PART, attempts - begun) for begun in range(0, attempts, PART)]
    races = workers.share(race, parts, processes)
    results = sum((done.results for done in races), Counter[str]())
    wrong = [line for done in races for line in done.wrong]
    wrong += [name for name in results if name.startswith("bug")]
    wrong += [] if results["done"] else ["not one was done: nothing was raced for"]
    exchanges = sum(done.exchanges for done in races)
    print(f"{attempts} transactions, {exchanges} exchanges, {len(wrong)} wrong: {dict(results.most_common())}")
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    return 1 if wrong else 0


def _one(root: Path, number: int) -> tuple[str, Exit]:
    try:
        as_user(SAM, partial(attempt, Sysroot(root), number), None)
        for path in FILES:  # reading as root, as detection does; writing as root is refused in a user's folder
            _write_as_root(root, path)
    except RdnaError as err:
        return err.reference, err.exit_code
    except OSError as err:
        if err.filename is not None and err.errno in KNOWN:  # as the command line explains it
            return KNOWN[err.errno][0], Exit.FAILED
        return f"bug {type(err).__name__} {err}"[:60], Exit.BUG
    return "done", Exit.OK


def _made_good(root: Path, number: int, result: str) -> list[str]:
    try:
        as_user(SAM, partial(settled, Sysroot(root), number), None)
    except (RdnaError, AssertionError, OSError) as err:
        where = f" ({err.context})" if isinstance(err, RdnaError) else ""
        return [f"transaction {number}: {result}; then in peace: {err}{where}"]
    return []


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
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(given + [20000, 2][len(given) :])))
