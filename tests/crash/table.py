"""Faults at every place of every command that changes the machine, and the table of what became of it.

    python tests/crash/table.py [--only NAME] [--sample N] [--seed N] [--workers N] [--results FILE] [--planted DEFECT]

As root it tests commands over two owners too, root and a user. The real command line runs on a copy of the demo's
machine; the only stand-in is the boot image (see commands.py), in two rows its tool (realtool.py). Whole, it kills at
every place: the process that makes the call, and of a user's calls also, at one place in four, everything at once. One
of the errors comes at one place in three, once or from then on, and 300 kills have a fault in the recovery after them.
--sample: so many of all that, by the seed. --results: what was found is kept there as it comes, and a run that was cut
off goes on from it; the table is of all that is there. --seconds: no run is begun after that. The exit code is 1 when
anything at all was wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parent))

import commands
import injector
import realtool
import seccomp
import workers
from harness import KILL, KILL_ALL, STATE, Fault, Outcome, copy, snapshot
from injector import Place

from rdna_installer.change.soundness import check
from rdna_installer.change.store import Store
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User

Argv = tuple[str, ...]
APPLY = ("apply", "--yes", "--profile", "layered")
USER = User(commands.SAM, commands.SAM, "sam", PurePosixPath("/home/sam"), "/bin/sh", frozenset())
USER_STATE = "home/sam/.local/state/rdna-installer"
USER_FOLDERS = "home/sam/.local"
BOTH = (*APPLY, "--python", "/home/sam/venv")
OURS = ("apply", "--yes", "--layer", "python", "--python", "/home/sam/venv")
BACK = ("rollback", "--yes")
UNINSTALL = ("uninstall", "--yes")
PURGE = ("uninstall", "--purge", "--yes")
MIOPEN = ("apply", "--yes", "--miopen", f"/{commands.BUILT}/libMIOpen.so.1", "--python", "/home/sam/venv")
OTHER = ("--unset", "noretry", "--unset", "HSA_XNACK")
AGAIN = (*BOTH, *OTHER, "--conv", "gemm")
RECOVER = ("recover",)
SEED = 20240521
ERRORS = ("ENOSPC", "EIO", "EROFS", "EACCES", "EDQUOT")
LEFT = "left: the part of sam stays"
ONCE, STICKY, NESTED = "error once", "error from then on", "kill, then a fault in recover"
KINDS = (KILL, KILL_ALL, ONCE, STICKY, NESTED)
FOUND = ("as before", "as after", "torn", "lied", "traceback", "leftovers")
HEADS = (
    *("command", "places: root's", "the user's", "killed", "all killed", "an error once", "an error from then on"),
    *("killed, then a fault in `recover`", *FOUND),
)
Tree = dict[str, tuple[object, ...]]


@dataclass(frozen=True)
class Break:
    """Where a command is broken off, all of it at once: the last such call of root's process, or of a user's."""

    call: str
    word: str
    user: bool = False

    def of(self, places: Iterable[Place]) -> Fault:
        found = [p for p in places if p.user == self.user and p.call == self.call and self.word in p.where]
        return found[-1].fault(KILL_ALL)


SWAPPED = Break("renameat", "/etc/")  # the last of root's files is about to be swapped; a user's are, and are held
INTO_TORCH = Break("renameat", "/torch/lib/")
ACTIVATED = Break("unlinkat", "/pending")  # the image is new; that this is so is about to be said
PUBLISHED = Break("renameat", "/outcomes.committed")  # the list is about to say "committed"
SEALED = Break("renameat", "/tx", user=True)  # it has said so; the user's part is about to follow


@dataclass(frozen=True)
class Scenario:
    """``before``: commands that lead to the starting point; the last is broken off at ``broken_off`` if that is given.

    ``sam``: his venv and its part are his. ``by_sam``: he runs the command. ``spoil``: done to the starting point.
    ``exits``: the code of an undisturbed run. ``planning``: faults before the first change, not after it.
    ``whole_hook``: with all of its modules, not the first four. ``miopen``: torch has one, and another was built.
    """

    name: str
    command: Argv
    before: tuple[Argv, ...] = ()
    broken_off: Break | None = None
    foreign: bool = False
    sam: bool = False
    failures: int = 0
    tool: bool = False
    by_sam: bool = False
    spoil: Callable[[Path], object] | None = None
    exits: int = 0
    planning: bool = False
    whole_hook: bool = False
    miopen: bool = False

    @property
    def recovers(self) -> bool:
        return self.command == RECOVER


def _closed(root: Path) -> None:
    """Sam's site takes nothing any more: his part can be planned, and fails when it is asked for."""
    for folder in (root / "home/sam/venv").rglob("site-packages"):
        folder.chmod(0o555)
        (folder / "_rdna_hook").chmod(0o555)


TEN = tuple((*APPLY, "--unset", name) for name in ("noretry", "HSA_XNACK") * 5)
KERNEL = (*APPLY, "--layer", "kernel")
SERVICE = (*APPLY, "--layer", "services", "--service", "ollama", "--set", "HSA_USE_SVM=0")
TWO = (*SERVICE, "--layer", "python", "--python", "/home/sam/venv")
OWN = ("apply", "--yes", "--layer", "services", "--service", "own", "--set", "HSA_USE_SVM=0")  # sam's, by himself
SCENARIOS = (
    Scenario("apply (create)", APPLY),
    Scenario("apply (replace somebody's)", (*APPLY, "--overwrite"), foreign=True),
    Scenario("apply again (replace ours)", (*APPLY, *OTHER), (APPLY,)),
    Scenario("apply again (remove)", ("apply", "--yes"), (APPLY,)),
    Scenario("apply, activation fails", APPLY, failures=1, exits=1),
    Scenario("apply, and it fails for the old files too", APPLY, failures=2, exits=6),
    Scenario("apply, the twelfth (forgets the first)", APPLY, (APPLY, *TEN)),
    Scenario("rollback", BACK, (APPLY,)),
    Scenario("rollback --to 1", (*BACK, "--to", "1"), (APPLY, BACK)),
    Scenario("uninstall --purge", PURGE, ((*APPLY, "--overwrite"),), foreign=True),
    Scenario("recover (half way)", RECOVER, (APPLY,), SWAPPED),
    Scenario("recover (in activation)", RECOVER, (APPLY,), ACTIVATED),
    Scenario("apply after a kill", APPLY, (APPLY,), SWAPPED),
    Scenario("services: apply", SERVICE),
    Scenario("services: apply again", (*SERVICE, "--set", "HSA_ENABLE_SDMA=0"), (SERVICE,)),
    Scenario("services: apply, the reload fails", SERVICE, failures=1, exits=1),
    Scenario("services: apply, and it fails for the old files too", SERVICE, failures=2, exits=6),
    Scenario("services: rollback", BACK, (SERVICE,)),
    Scenario("services: with the kernel layer", (*SERVICE, "--layer", "kernel")),
    Scenario("services: uninstall --purge", PURGE, (SERVICE,)),
    Scenario("services: recover (in the reload)", RECOVER, (SERVICE,), ACTIVATED),
    Scenario("another MIOpen: apply", MIOPEN, miopen=True),
    Scenario("another MIOpen: rollback", BACK, (MIOPEN,), miopen=True),
    Scenario("another MIOpen: recover", RECOVER, (MIOPEN,), INTO_TORCH, miopen=True),
    Scenario("another MIOpen, of sam: apply", MIOPEN, miopen=True, sam=True),
    Scenario("another MIOpen, of sam: rollback", BACK, (MIOPEN,), miopen=True, sam=True),
    Scenario("services: with a user's Python, apply", TWO, sam=True),
    Scenario("services: a user's own, apply", OWN, sam=True, by_sam=True),
    Scenario("services: root's and a user's, uninstall", (*UNINSTALL, "--owner", "all"), (SERVICE, OWN), sam=True),
    Scenario("boot image, by its tool: apply", KERNEL, tool=True),
    Scenario("boot image, by its tool: rollback", BACK, (KERNEL,), tool=True),
    Scenario("both: apply, what it reads and plans", BOTH, sam=True, planning=True),
    Scenario("both: apply", BOTH, sam=True),
    Scenario("both: apply, the whole hook", BOTH, sam=True, whole_hook=True),
    Scenario("both: apply again", AGAIN, (BOTH,), sam=True),
    Scenario("both: activation fails", BOTH, sam=True, failures=1, exits=1),
    Scenario("both: rollback", BACK, (BOTH,), sam=True),
    Scenario("both: rollback --to 1", (*BACK, "--to", "1"), (BOTH, BACK), sam=True),
    Scenario("both: uninstall", UNINSTALL, (BOTH,), sam=True),
    Scenario("both: uninstall --purge", PURGE, (BOTH,), sam=True),
    Scenario("both: recover (undone)", RECOVER, (BOTH,), SWAPPED, sam=True),
    Scenario("both: recover (finished)", RECOVER, (BOTH,), PUBLISHED, sam=True),
    Scenario("both: apply again while a part is held", AGAIN, (BOTH,), PUBLISHED, sam=True),
    Scenario("both: rollback, begun again without him", BACK, (BOTH,), sam=True, spoil=_closed, exits=6),
    Scenario("sam: apply", OURS, sam=True, by_sam=True),
    Scenario("sam: rollback", BACK, (BOTH,), sam=True, by_sam=True),
    Scenario("sam: recover", RECOVER, (BOTH,), SEALED, sam=True, by_sam=True, exits=3),
    Scenario("sam: recover --decide undo", (*RECOVER, "--decide", "undo"), (BOTH,), SWAPPED, sam=True, by_sam=True),
    Scenario("sam: recover --decide finish", (*RECOVER, "--decide", "finish"), (BOTH,), SWAPPED, sam=True, by_sam=True),
)


@dataclass(frozen=True)
class Job:
    """One faulted run."""

    scenario: int
    kind: str
    fault: Fault
    nested: Fault | None = None


class Bench:
    """One scenario's starting point, where it may end, and its places."""

    def __init__(self, scenario: Scenario, work: Path, planted: str) -> None:
        self.scenario, self.work, self.planted = scenario, work, planted
        self.base = work / "base"
        self._stopped: dict[int, injector.Stopped] = {}
        sam = commands.SAM if scenario.sam else None
        commands.seed(self.base, foreign=scenario.foreign, sam=sam, miopen=scenario.miopen)
        if scenario.tool:
            realtool.furnish(self.base)
        for argv in scenario.before[: -1 if scenario.broken_off else None]:
            self._must(self.base, argv, by_sam=argv == OWN)
        if scenario.spoil:
            scenario.spoil(self.base)
        self.old = self.look(self.base)
        if scenario.broken_off:
            self._break_off(scenario.before[-1], scenario.broken_off)
        self.found = self.look(self.base)
        self._ends()
        self.places = self._places()
        self.recover_places = self._recover_places()

    def _must(self, root: Path, argv: Argv, *, by_sam: bool = False) -> Tree:
        done = injector.run(lambda: self.call(root, argv, by_sam=by_sam))
        assert done.code == 0, done
        return self.look(root)

    def _break_off(self, argv: Argv, at: Break) -> None:
        scratch = copy(self.base, self.work / "whole")
        fault = at.of(injector.find_places(lambda: self.call(scratch, argv)))
        self.whole = self.look(scratch)
        shutil.rmtree(scratch)
        killed = injector.run(lambda: self.call(self.base, argv), fault)
        assert killed.code == -9, killed

    def _ends(self) -> None:
        """``done``: what exit 0 promises. ``old`` and ``new``: where all is in the end, after root's recover."""
        scenario, root = self.scenario, copy(self.base, self.work / "probe")
        if scenario.recovers and not scenario.by_sam:
            self.done = self.new = self.whole  # what is not finished is undone: either side is right for a fault
            self._must(root, RECOVER)
        else:
            if scenario.broken_off:
                recovered = copy(self.base, self.work / "recovered")
                self.old = self._must(recovered, RECOVER)
            exits = 0 if scenario.failures else scenario.exits
            done = injector.run(lambda: self.call(root, scenario.command, by_sam=scenario.by_sam))
            assert done.code == exits, done
            self.done = self.look(root)
            self.new = self._must(root, RECOVER)
        shutil.rmtree(root)
        if scenario.failures:  # undisturbed it must come to the end that is wanted
            root = copy(self.base, self.work / "probe")
            done = injector.run(lambda: self.call(root, scenario.command, failures=scenario.failures))
            assert done.code == scenario.exits, done
            shutil.rmtree(root)

    def call(self, root: Path, argv: Argv, *, failures: int = 0, by_sam: bool = False, pause: object = None) -> int:
        if self.scenario.tool:
            realtool.use(root)
        else:
            commands.stand_in(failures)
        if not self.scenario.whole_hook:
            commands.shorten_hook()
        if pause:
            commands.pause_at_commit(pause)  # type: ignore[arg-type]
        if self.planted:
            import driver

            driver.plant(self.planted)
        if by_sam:
            commands.become_sam()
        return commands.call(root, argv)

    @property
    def place(self) -> Path:
        """Where this process has its machine: always the same, for what is stopped at its commit knows it."""
        return self.work / f"run{os.getpid()}" / "root"

    def _fresh(self) -> Path:
        shutil.rmtree(self.place.parent, ignore_errors=True)
        self.place.parent.mkdir(mode=0o755)
        return copy(self.base, self.place)

    def _command(self, root: Path, fault: Fault | None = None, seen: list[Place] | None = None) -> Outcome:
        """The command itself, from its commit on where it has one."""
        scenario = self.scenario
        if scenario.broken_off or scenario.planning:  # there is something to do before any plan
            return injector.run(lambda: self.call(root, scenario.command, by_sam=scenario.by_sam), fault, seen)
        if os.getpid() not in self._stopped:
            self._stopped[os.getpid()] = injector.Stopped(
                lambda pause: self.call(
                    root, scenario.command, failures=scenario.failures, by_sam=scenario.by_sam, pause=pause
                )
            )
        return self._stopped[os.getpid()].run(fault, seen)

    def close(self) -> None:
        """What this process keeps for it."""
        if stopped := self._stopped.pop(os.getpid(), None):
            stopped.close()
        shutil.rmtree(self.place.parent, ignore_errors=True)

    def _places(self) -> list[Place]:
        found: list[Place] = []
        done = self._command(self._fresh(), seen=found)
        assert done.code == self.scenario.exits, done
        if self.scenario.planning:
            found = found[: next(n for n, place in enumerate(found) if place.process == 0)]
        assert len(found) > 10, f"seen were only {found}: {done}"
        return found

    def _recover_places(self) -> list[Place]:
        root, found = self._fresh(), list[Place]()
        if not self.scenario.recovers:
            mine = [place for place in self.places if place.process == 0 and place.call == "renameat"]
            if mine:
                self._command(root, mine[len(mine) * 2 // 3].fault(KILL_ALL))
        injector.run(lambda: self.call(root, RECOVER), seen=found)
        return found

    def look(self, root: Path) -> Tree:
        """Everything but our own states, the folders a user's lies in, and what the stand-in tool counts."""
        left_out = (USER_FOLDERS, realtool.CALLS)
        return {name: held for name, held in snapshot(root).items() if not name.startswith(left_out)}

    def run(self, job: Job) -> tuple[str, str]:
        """What became of it: one of FOUND, or "missed", and the details."""
        for _ in range(3):  # a run in which the fault did not come says nothing
            try:
                found = self._judge(self._fresh(), job)
            except TimeoutError as err:
                return "torn", f"hangs: {err}"
            if found:
                return found
        return "missed", "the fault never came"

    def _judge(self, root: Path, job: Job) -> tuple[str, str] | None:
        done = self._command(root, job.fault)
        if not done.struck:
            return None
        if done.code != -9 and (problem := self._lied(root, done)):
            return problem
        if job.nested:
            again = injector.run(lambda: self.call(root, RECOVER), job.nested)
            if _bug(again):
                return "traceback", _end(again)
        again = injector.run(lambda: self.call(root, RECOVER))
        if again.code != 0:
            return ("traceback" if _bug(again) else "torn"), f"recover: {_end(again)}"
        found = self._found(root, may_leave=done.code in (6, -9) and LEFT in done.said)
        return self._purged(root) or found if self.scenario.command == PURGE else found

    def _lied(self, root: Path, done: Outcome) -> tuple[str, str] | None:
        """An exit code is a promise about the tree, before anybody recovers."""
        if _bug(done):
            return "traceback", _end(done)
        now, recovering = self.look(root), self.scenario.command[0] == "recover"
        ends = (self.old, self.new, self.done) if recovering else (self.done,)
        if done.code == 0 and now not in ends:
            return "lied", f"exit 0, but: {_difference(now, self.done)}"
        refused = done.code == 3 and now == self.found  # which an earlier kill may have left half way
        if done.code in (1, 3) and not recovering and not refused and now != self.old:
            return "lied", f"exit {done.code}, but: {_difference(now, self.old)}; {_end(done)}"
        return None

    def _found(self, root: Path, *, may_leave: bool) -> tuple[str, str]:
        now = self.look(root)
        left = [name for name in now if "/.rdna-installer." in name]
        left += [str(p) for state in (root / STATE, root / USER_STATE) for p in state.glob("tx*")]
        if left:
            return "leftovers", str(left)
        for state in (STATE, USER_STATE):
            sound = check(Store(Sysroot(root), PurePosixPath("/" + state), USER if state == USER_STATE else None))
            if not sound.ok:
                return "torn", f"{state}: {sound.damaged} {sound.drift}"
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

    def _purged(self, root: Path) -> tuple[str, str] | None:
        """A purge that was cut off can be run again, and then everything is gone."""
        again = injector.run(lambda: self.call(root, PURGE))
        left = [str(p) for p in (root / STATE, root / USER_STATE) if p.exists()]
        if again.code != 0 or left or self.look(root) != self.new:
            return "torn", f"purge again: {left} {_difference(self.look(root), self.new)} {_end(again)}"
        return None


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


def choose(benches: Sequence[Bench], sample: int | None, seed: int) -> list[Job]:
    """All that the head of this file says, or so many of it; kills first, those of one scenario after each other."""
    chance = random.Random(seed)
    kills = [Job(i, KILL, place.fault(KILL)) for i, bench in enumerate(benches) for place in bench.places]
    jobs = [*kills, *_errors(benches, chance)]
    users = [(i, place) for i, bench in enumerate(benches) for place in bench.places if place.process]
    jobs += [Job(i, KILL_ALL, place.fault(KILL_ALL)) for i, place in chance.sample(users, len(users) // 4)]
    for job in chance.sample(kills, min(300, len(kills))):
        place = chance.choice(benches[job.scenario].recover_places)
        what = chance.choice((KILL, KILL_ALL, *ERRORS))
        jobs.append(Job(job.scenario, NESTED, job.fault, place.fault(what, sticky=chance.random() < 0.5)))
    chosen = jobs if sample is None else chance.sample(jobs, sample)
    return sorted(chosen, key=lambda job: (job.kind != KILL, job.scenario))


def _errors(benches: Sequence[Bench], chance: random.Random) -> Iterator[Job]:
    for i, bench in enumerate(benches):
        files = [place for place in bench.places if place.where.startswith("/")]  # a pipe does not fill up
        for place in chance.sample(files, (len(files) + 2) // 3):
            kind = chance.choice((ONCE, STICKY))
            yield Job(i, kind, place.fault(chance.choice(ERRORS), sticky=kind == STICKY))


def table(results: Sequence[tuple[Job, str, str]], scenarios: Sequence[Scenario], benches: Sequence[Bench]) -> str:
    """In Markdown, as docs/faults.md has it."""
    rows = []
    for number, (scenario, bench) in enumerate(zip(scenarios, benches, strict=True)):
        mine = [(job.kind, found) for job, found, _ in results if job.scenario == number]
        kinds, ends = Counter(kind for kind, _ in mine), Counter(found for _, found in mine)
        users = sum(place.user for place in bench.places)
        counts = (len(bench.places) - users, users, *(kinds[k] for k in KINDS), *(ends[f] for f in FOUND))
        if mine:
            rows.append((scenario.name, *counts))
    total = [sum(int(row[n]) for row in rows) for n in range(1, len(HEADS))]
    lines = [HEADS, ["---"] + ["--:"] * (len(HEADS) - 1), *rows, (f"**all {len(results)}**", *total)]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


class Runner:
    """Runs jobs in a worker and keeps what it finds; what a bench holds for a scenario is let go with its last job."""

    def __init__(self, benches: Sequence[Bench], chosen: argparse.Namespace) -> None:
        self.benches, self.kept, self.current = benches, chosen.results, -1
        self.until = time.monotonic() + chosen.seconds if chosen.seconds is not None else float("inf")

    def __call__(self, job: Job) -> tuple[Job, str, str] | None:
        if time.monotonic() >= self.until:
            return None
        if job.scenario != self.current and self.current >= 0:
            self.benches[self.current].close()
        self.current = job.scenario
        found = self.benches[job.scenario].run(job)
        name = self.benches[job.scenario].scenario.name
        if self.kept:
            with self.kept.open("a", encoding="utf-8") as out:
                out.write(json.dumps([_key(name, job), *found]) + "\n")
        if found[0] not in FOUND[:2]:
            print(f"{name}: {job.fault}, then {job.nested}: {found[0]}: {found[1]}", file=sys.stderr, flush=True)
        return (job, *found)


def _key(name: str, job: Job) -> str:
    return f"{name}: {job.kind}: {job.fault}, then {job.nested}"


def _before(jobs: Sequence[Job], benches: Sequence[Bench], kept: Path | None) -> list[tuple[Job, str, str]]:
    """What an earlier run has found of these jobs."""
    lines = kept.read_text().splitlines() if kept and kept.exists() else []
    known = {key: (found, details) for key, found, details in map(json.loads, lines)}
    keys = [(job, _key(benches[job.scenario].scenario.name, job)) for job in jobs]
    return [(job, *known[key]) for job, key in keys if key in known]


def _benches(chosen: argparse.Namespace, work: Path) -> list[Bench]:
    benches = []
    for scenario in SCENARIOS:
        lacks = (scenario.sam and os.geteuid() != 0) or (scenario.miopen and shutil.which("cc") is None)
        if lacks or chosen.only not in scenario.name:
            continue
        folder = work / str(len(benches))
        folder.mkdir()
        benches.append(Bench(scenario, folder, chosen.planted))
        benches[-1].close()
    return benches


def main() -> int:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--results", type=Path, help="kept here, and gone on from")
    parser.add_argument("--seconds", type=int, help="begin no run after that")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--planted", default="", help="a defect of driver.py that must be seen")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    chosen = parser.parse_args()
    if why := seccomp.missing():
        parser.error(why)
    commands.prepare()
    memory = Path("/dev/shm")
    work = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    work.chmod(0o755)
    try:
        benches = _benches(chosen, work)
        jobs = choose(benches, chosen.sample, chosen.seed)
        results = _before(jobs, benches, chosen.results)
        done = {job for job, _, _ in results}
        left = [job for job in jobs if job not in done]
        results += filter(None, workers.share(Runner(benches, chosen), left, chosen.workers))
    finally:
        shutil.rmtree(work)
    print(table(results, [bench.scenario for bench in benches], benches))
    places = [place for bench in benches for place in bench.places]
    print(f"\nplaces: {len(places)}, of these a user's {sum(place.user for place in places)}; ", end="")
    print(f"killed at {sum(job.kind == KILL and found != 'missed' for job, found, _ in results)}")
    return 0 if all(found in FOUND[:2] for _, found, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
