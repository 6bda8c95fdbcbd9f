"""A real command over two owners takes the very steps of the model's coordinator, each synced before the next."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import check_commit
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "crash"))

import commands
import injector
import table

from rdna_installer.machine import durable

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: two owners were not traced"),
]
STATES = {"/var/lib/rdna-installer": "Sd", "/home/sam/.local/state/rdna-installer": "D0"}
LISTS = {"outcomes.committed": "commit", "outcomes.aborted": "absent"}
Step = tuple[str, str]


def of_model(*, fails: bool) -> list[Step]:
    """What the coordinator sets and syncs when nothing fails, or when the initramfs tool does."""
    model = check_commit.Model(1, 0)
    state, found = model.start, []
    while state[1] is not None:
        op, *body = model.code["C"][state[1][1]]
        if op in ("set", "sync"):
            found.append((body[0], body[1] if op == "set" else "sync"))
        ways = list(model.step(state, -1))
        state = ways[-1 if op == "may" and fails else 0][1]
    plain = [(var, "files" if var in ("St", "T0") and what != "sync" else what) for var, what in found]
    return _once(plain)


def _once(steps: list[Step]) -> list[Step]:
    """Without a step that says again what was just said; the list is said to be without the change only once."""
    seen: list[Step] = []
    for step in steps:
        if step == ("L", "absent") and step in seen:
            continue
        if not seen or step != seen[-1]:
            seen.append(step)
    return seen


def watch(log: Path) -> None:
    """Note each effect of this process and its children that the model knows. In a child only.

    The log is opened anew for each line: a child with another's rights keeps no descriptor of root's.
    """

    def note(what: str, *where: object) -> None:
        with log.open("a", encoding="utf-8") as out:
            out.write("\t".join([what, *map(str, where)]) + "\n")

    def noting(name: str) -> None:
        real = getattr(durable, name)

        def call(folder, *rest, **more):  # type: ignore[no-untyped-def]
            into = rest[2] if name == "move" and len(rest) > 2 and rest[2] is not None else folder
            note(name, folder.place, into.place, *[word for word in rest if isinstance(word, str)])
            real(folder, *rest, **more)

        setattr(durable, name, call)

    for name in ("move", "discard", "make_folder", "sync"):
        noting(name)
    real_image = commands.Image.__call__

    def build(self, *args):  # type: ignore[no-untyped-def]
        note("image")
        real_image(self, *args)

    commands.Image.__call__ = build  # type: ignore[method-assign]


def of_run(root: Path, lines: list[str]) -> Iterator[Step]:
    """The trace in the model's words."""
    listed = iter(["open", "ack"])
    back = False
    for line in lines:
        what, *rest = line.split("\t")
        if what == "image":
            yield from [("Si", "old" if back else "new"), ("Si", "sync")]
            continue
        place, into, *names = (word.removeprefix(str(root)) for word in rest)
        state, target = STATES.get(place), STATES.get(into)
        if what == "sync":
            owner = state or STATES.get(place.rpartition("/generations")[0])
            files = "T0" if place.startswith("/home/sam/venv") else "St"
            yield from [(owner, "sync"), ("L", "sync"), ("K0", "sync")] if owner else [(files, "sync")]
        elif what == "make_folder" and names[:1] == ["tx.new"]:
            yield state or "", "new"
        elif what == "move" and names[-1] == "outcomes.json":
            said = LISTS.get(names[0]) or next(listed)
            yield ("K0", "ack") if said == "ack" else ("L", said)
        elif what == "move" and names[:2] == ["tx.new", "tx"]:
            yield state or "", "tx"
        elif what == "move" and names[0] == "tx" and into.endswith("/generations"):
            yield state or "", "gen"
        elif what == "move" and names[-1] == "tx.back":
            back = True
            yield target or "", "back"
        elif what == "move" and names[-1] == "tx.old" and names[0].startswith("tx"):
            yield state or "", "none"
        elif what == "discard" and names == ["pending"]:
            yield "Sd", "set"
        elif not state and not target and "rdna-installer/" not in place + "/" and not _staging(what, names):
            yield ("T0" if place.startswith("/home/sam") else "St"), "files"


def _staging(what: str, names: list[str]) -> bool:
    return what == "make_folder" or (what == "discard" and names[0].startswith(".rdna-installer."))


def matched(model: list[Step], run: list[Step]) -> list[Step]:
    """The model's steps as they are found in the run, in order; a set that is out of order ends it."""
    found: list[Step] = []
    for step in run:
        wanted = model[len(found)] if len(found) < len(model) else None
        if step == wanted:
            found.append(step)
        elif step[1] != "sync" and step not in found and step in model:
            break
    return found


@pytest.mark.parametrize("failures", [0, 1], ids=["commit", "abort"])
def test_a_run_takes_the_steps_of_the_model(failures: int) -> None:
    commands.prepare()
    with tempfile.TemporaryDirectory() as work:
        Path(work).chmod(0o755)
        log = Path(work, "log")
        log.touch()
        log.chmod(0o666)
        root = Path(work, "root")
        commands.seed(root, sam=commands.SAM)

        def command() -> int:
            commands.stand_in(failures)
            watch(log)
            return commands.call(root, table.BOTH)

        done = injector.run(command)
        assert done.code == failures, done
        lines = log.read_text().splitlines()
    model = of_model(fails=bool(failures))
    assert len(model) >= 25
    assert matched(model, list(of_run(root, lines))) == model
    late = [line for line in lines if not line.startswith(f"sync\t{root}/etc")]
    assert matched(model, list(of_run(root, late))) != model, "a sync that is missing would be seen"
