"""Faults at every place of every command that changes the machine, and the table of what became of it.

    python tests/crash/table.py [--runs N] [--workers N] [--only NAME] [--planted DEFECT]

Needs strace. As root it tests a user's venv too. The real command line runs on a copy of the demo's machine; the only
stand-in is the boot image (see commands.py). N runs are chosen from all places and faults by a fixed seed; without it
there is a kill and one of the errors at every place, and 400 kills with a fault in the recovery: a quarter of an hour.
The exit code is 1 when anything at all was wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import commands
import injector
import workers
from harness import STATE, Fault, Outcome, snapshot

APPLY = ("apply", "--yes", "--profile", "layered")
SITE = ("--python", "/home/sam/venv")
USER_STATE = "home/sam/.local"
BOTH = (*APPLY, *SITE)
PURGE = ("uninstall", "--purge", "--yes")
AGAIN = (*BOTH, "--unset", "noretry", "--unset", "HSA_XNACK", "--conv", "gemm")
SEED = 20240521
ERRORS = ("ENOSPC", "EIO", "EROFS", "EACCES", "EDQUOT")
KINDS = {
    "kill": ("signal=SIGKILL", False),
    **{f"{name} once": (f"error={name}", False) for name in ERRORS},
    **{f"{name} from then on": (f"error={name}", True) for name in ERRORS},
}
LEFT = "left: the part of sam stays"
NESTED = "kill, then a fault in recover"
HEADS = ("command", "fault", "runs", "as before", "as after", "torn", "lied", "traceback", "leftovers")
Tree = dict[str, tuple[object, ...]]


@dataclass(frozen=True)
class Scenario:
    """``before``: commands that lead to the starting point; the last is killed at ``broken_off`` if that is given.

    ``follow`` False: faults only in the first process, root's, which does less than the user's and never comes as far.
    """

    name: str
    command: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    broken_off: Fault | None = None
    foreign: bool = False
    sam: int | None = None
    failures: int = 0
    follow: bool = True


SCENARIOS = (
    Scenario("apply (create)", APPLY),
    Scenario("apply (replace somebody's)", (*APPLY, "--overwrite"), foreign=True),
    Scenario("apply again (replace ours)", (*APPLY, "--unset", "noretry", "--unset", "HSA_XNACK"), (APPLY,)),
    Scenario("apply again (remove)", ("apply", "--yes"), (APPLY,)),
    Scenario("apply, activation fails", APPLY, failures=1),
    Scenario("rollback", ("rollback", "--yes"), (APPLY,)),
    Scenario("rollback --to 1", ("rollback", "--yes", "--to", "1"), (APPLY, ("rollback", "--yes"))),
    Scenario("uninstall --purge", ("uninstall", "--purge", "--yes"), ((*APPLY, "--overwrite"),), foreign=True),
    # Of the first apply: renameat 8 is the last swap, unlinkat 4 says that activation is done.
    Scenario("recover (half way)", ("recover",), (APPLY,), Fault("renameat", 8)),
    Scenario("recover (in activation)", ("recover",), (APPLY,), Fault("unlinkat", 4)),
    Scenario("apply after a kill", APPLY, (APPLY,), Fault("renameat", 8)),
    Scenario("apply, root and a user", BOTH, sam=commands.SAM),
    Scenario("both again", AGAIN, (BOTH,), sam=commands.SAM),
    Scenario("both rollback", ("rollback", "--yes"), (BOTH,), sam=commands.SAM),
    Scenario(
        "both rollback --to 1", ("rollback", "--yes", "--to", "1"), (BOTH, ("rollback", "--yes")), sam=commands.SAM
    ),
    Scenario("both uninstall", ("uninstall", "--yes"), (BOTH,), sam=commands.SAM),
    Scenario("both uninstall --purge", ("uninstall", "--purge", "--yes"), (BOTH,), sam=commands.SAM),
    # Of root's part: renameat 8 is its last swap, with sam's part held; 12 is the list's, which says committed.
    Scenario("both recover (undone)", ("recover",), (BOTH,), Fault("renameat", 8, follow=False), sam=commands.SAM),
    Scenario("both recover (finished)", ("recover",), (BOTH,), Fault("renameat", 12, follow=False), sam=commands.SAM),
    Scenario("both, activation fails", BOTH, sam=commands.SAM, failures=1),
    Scenario("the same, faults in root's part", BOTH, sam=commands.SAM, follow=False),
    Scenario("both rollback, root's part", ("rollback", "--yes"), (BOTH,), sam=commands.SAM, follow=False),
    Scenario("both uninstall --purge, root's part", PURGE, (BOTH,), sam=commands.SAM, follow=False),
)


@dataclass(frozen=True)
class Job:
    """One faulted run."""

    scenario: int
    kind: str
    fault: Fault
    nested: Fault | None = None


class Bench:
    """One scenario's starting point, its old and its new tree, and its places."""

    def __init__(self, scenario: Scenario, work: Path, planted: str) -> None:
        self.scenario, self.work, self.planted = scenario, work, planted
        self.base = work / "base"
        commands.seed(self.base, foreign=scenario.foreign, sam=scenario.sam)
        for argv in scenario.before[: -1 if scenario.broken_off else None]:
            done = injector.run(lambda argv=argv: self.call(self.base, argv))
            assert done.code == 0, done
        self.old = self.look(self.base)
        if scenario.broken_off:
            self.new = self.look(self.after(scenario.before[-1]))
            killed = injector.run(lambda: self.call(self.base, scenario.before[-1]), scenario.broken_off)
            assert killed.code == -9, killed
        else:
            self.new = self.look(self.after(scenario.command))
        self.found = self.look(self.base)
        self._require_sound()
        self.places = self._places(scenario.command)
        self.recover_places = self.places if scenario.broken_off else self._places(("recover",), self._middle())

    def _places(
        self, argv: tuple[str, ...], broken_off: Fault | None = None, *, follow: bool | None = None
    ) -> list[tuple[str, int]]:
        scratch = copy(self.base, self.work / "count")
        if broken_off:
            injector.run(lambda: self.call(scratch, self.scenario.command), broken_off)
        follow = self.scenario.follow if follow is None else follow
        found = injector.find_places(lambda: self.call(scratch, argv), self.work / "trace", follow=follow)
        shutil.rmtree(scratch)
        return found

    def _middle(self) -> Fault:
        """Where files are being swapped, by the count of renames; in root's process, for it takes a user's death."""
        places = self._places(self.scenario.command, follow=False)
        last = max(number for call, number in places if call == "renameat")
        return Fault("renameat", last * 2 // 3, follow=False)

    def call(self, root: Path, argv: tuple[str, ...]) -> int:
        failing = self.scenario.failures if argv == self.scenario.command else 0
        commands.stand_in(failing)
        if self.planted:
            import driver

            driver.plant(self.planted)
        return commands.call(root, argv)

    def after(self, argv: tuple[str, ...]) -> Path:
        """The tree after an undisturbed run (with an activation that works)."""
        root = copy(self.base, self.work / "probe")
        done = injector.run(lambda: (commands.stand_in(), commands.call(root, argv))[1])
        assert done.code == 0, done
        return root

    def _fresh(self) -> Path:
        """A machine for one run, in a place where its users may go."""
        folder = Path(tempfile.mkdtemp(dir=self.work))
        folder.chmod(0o755)
        return copy(self.base, folder / "root")

    def _require_sound(self) -> None:
        """Undisturbed it must come to its end: else every fault would hit a run that was refused anyway."""
        root = self._fresh()
        done = injector.run(lambda: self.call(root, self.scenario.command))
        assert done.code == (1 if self.scenario.failures else 0), done
        shutil.rmtree(root.parent)

    def look(self, root: Path) -> Tree:
        """Everything but our own states, and the folders a user's lies in."""
        return {name: held for name, held in snapshot(root).items() if not name.startswith(USER_STATE)}

    def run(self, job: Job) -> tuple[str, str]:
        """What became of it: one of HEADS' last six, and the details."""
        root = self._fresh()
        try:
            return self._judge(root, job)
        except TimeoutError as err:
            return "torn", f"hangs: {err}"
        finally:
            shutil.rmtree(root.parent)

    def _judge(self, root: Path, job: Job) -> tuple[str, str]:
        done = injector.run(lambda: self.call(root, self.scenario.command), job.fault)
        if done.code != -9 and (problem := self._lied(root, done)):
            return problem
        if job.nested:
            again = injector.run(lambda: self.call(root, ("recover",)), job.nested)
            if _bug(again):
                return "traceback", _end(again)
        again = injector.run(lambda: self.call(root, ("recover",)))
        if again.code != 0:
            return ("traceback" if _bug(again) else "torn"), f"recover: {_end(again)}"
        return self._found(root, may_leave=done.code in (6, -9) and LEFT in done.said)

    def _lied(self, root: Path, done: Outcome) -> tuple[str, str] | None:
        """An exit code is a promise about the tree, before anybody recovers."""
        if _bug(done):
            return "traceback", _end(done)
        now, recovering = self.look(root), self.scenario.command == ("recover",)
        ends = (self.old, self.new) if recovering else (self.new,)
        if done.code == 0 and now not in ends:
            return "lied", f"exit 0, but: {_difference(now, self.new)}"
        refused = done.code == 3 and now == self.found  # which an earlier kill may have left half way
        if done.code in (1, 3) and not recovering and not refused and now != self.old:
            return "lied", f"exit {done.code}, but: {_difference(now, self.old)}; {_end(done)}"
        return None

    def _found(self, root: Path, *, may_leave: bool) -> tuple[str, str]:
        now = self.look(root)
        left = [name for name in now if "/.rdna-installer." in name]
        left += [str(p) for state in (root / STATE, root / USER_STATE) for p in state.rglob("tx*")]
        if left:
            return "leftovers", str(left)
        status = injector.run(lambda: self.call(root, ("status", "--json")))
        drift = [o["drift"] for o in json.loads(status.said)["owners"] if o["drift"]] if status.code == 0 else status
        if drift:
            return "torn", f"status: {drift}"
        return self._side(now, may_leave=may_leave)

    def _side(self, now: Tree, *, may_leave: bool) -> tuple[str, str]:
        """All owners' parts are of one side; but of a way back it may be said that a user's part was left, whole."""
        if now in (self.old, self.new):
            return ("as after" if now == self.new else "as before"), ""
        sams = [{n: h for n, h in tree.items() if n.startswith("home/")} for tree in (now, self.old)]
        rest = [{n: h for n, h in tree.items() if not n.startswith("home/")} for tree in (now, self.new)]
        if may_leave and sams[0] == sams[1] and rest[0] == rest[1]:
            return "as after", ""
        return "torn", f"{_difference(now, self.old)} / {_difference(now, self.new)}"


def copy(source: Path, target: Path) -> Path:
    """A copy with its owners."""
    shutil.copytree(source, target, symlinks=True)
    if os.geteuid() == 0:
        for path in [source, *source.rglob("*")]:
            status = path.lstat()
            os.chown(target / path.relative_to(source), status.st_uid, status.st_gid, follow_symlinks=False)
            if not path.is_symlink():
                (target / path.relative_to(source)).chmod(status.st_mode)
    return target


def _bug(done: Outcome) -> bool:
    return done.code not in (0, 1, 3, 6, -9) or "Traceback" in done.said


def _end(done: Outcome) -> str:
    return f"exit {done.code}: {done.said[-700:]}"


def _difference(now: Tree, wanted: Tree) -> list[object]:
    return [
        (name, _short(now.get(name)), _short(wanted.get(name)))
        for name in {*now, *wanted}
        if now.get(name) != wanted.get(name)
    ]


def _short(held: tuple[object, ...] | None) -> str:
    return str(held)[:120]


def choose(benches: Sequence[Bench], runs: int | None) -> list[Job]:
    """``runs`` of all faults by a fixed seed; None: a kill and one of the errors everywhere, and 400 nested."""
    chance = random.Random(SEED)
    kills = [
        Job(i, "kill", Fault(*place, follow=bench.scenario.follow))
        for i, bench in enumerate(benches)
        for place in bench.places
    ]
    errors = [
        Job(job.scenario, kind, Fault(job.fault.call, job.fault.number, *KINDS[kind], follow=job.fault.follow))
        for job in kills
        for kind in KINDS
        if kind != "kill"
    ]
    nested = []
    for job in chance.sample(kills, min(400, len(kills))):
        kind = KINDS[chance.choice(list(KINDS))]
        place = chance.choice(benches[job.scenario].recover_places)
        nested.append(Job(job.scenario, NESTED, job.fault, Fault(*place, *kind)))
    if runs is None:
        kinds = len(KINDS) - 1
        return kills + [chance.choice(errors[n : n + kinds]) for n in range(0, len(errors), kinds)] + nested
    return chance.sample(kills + errors + nested, runs)


def table(results: Iterable[tuple[Job, str, str]], names: Sequence[str]) -> str:
    """In Markdown; the errors of one command are one row for once, one for sticky."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for job, found, _ in results:
        kind = job.kind.replace(job.kind.partition(" ")[0], "each error") if "once" in job.kind else job.kind
        kind = "each error from then on" if "from then on" in kind else kind
        counts.setdefault((names[job.scenario], kind), Counter())[found] += 1
    order = ("kill", "each error once", "each error from then on", NESTED)
    rows = [(*key, sum(counts[key].values()), *(counts[key][head] for head in HEADS[3:])) for key in counts]
    rows.sort(key=lambda row: (list(names).index(row[0]), order.index(row[1])))
    total = ("all", "", *(sum(int(row[n]) for row in rows) for n in range(2, len(HEADS))))
    lines = [HEADS, ["---"] * 2 + ["---:"] * 7, *rows, total]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main() -> int:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--planted", default="", help="a defect of driver.py that must be seen")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    chosen = parser.parse_args()
    commands.prepare()
    memory = Path("/dev/shm")
    work = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    work.chmod(0o755)
    try:
        scenarios = [s for s in SCENARIOS if (s.sam is None or os.geteuid() == 0) and chosen.only in s.name]
        benches = []
        for number, scenario in enumerate(scenarios):
            folder = work / str(number)
            folder.mkdir()
            benches.append(Bench(scenario, folder, chosen.planted))
        jobs = choose(benches, chosen.runs)
        results = workers.share(lambda job: (job, *benches[job.scenario].run(job)), jobs, chosen.workers)
    finally:
        shutil.rmtree(work)
    bad = [result for result in results if result[1] not in ("as before", "as after")]
    for job, found, details in bad:
        print(f"{scenarios[job.scenario].name}: {job.fault} {job.nested or ''}: {found}: {details}", file=sys.stderr)
    print(table(results, [s.name for s in scenarios]))
    counts = [(scenario.name, len(bench.places)) for scenario, bench in zip(scenarios, benches, strict=True)]
    print(f"\nplaces: {sum(n for _, n in counts)} ({', '.join(f'{name} {n}' for name, n in counts)})")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
