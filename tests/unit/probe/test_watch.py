"""Children that go wrong in every way, with real processes: none is waited for, none is left."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from stand_ins import AT_THIRD, BAD, WELL, command

from rdna_installer.errors import RdnaError
from rdna_installer.machine import watch as module
from rdna_installer.machine.watch import Ending, Limits, Watched, watch

pytestmark = pytest.mark.processes

OPS = ["copy", "add", "mm f32"]
LIMITS = Limits(total=30, silence=4, memory=200 << 20, output=1 << 20, term=0.3, kill=5)
ENDINGS = {
    "aborts": (Ending.KILLED_BY_SIGNAL, -6),
    "segfaults": (Ending.KILLED_BY_SIGNAL, -11),
    "hangs": (Ending.SILENT, -15),
    "ignores TERM": (Ending.SILENT, -9),
    "exits in the middle": (Ending.EXITED, 3),
    "exits with a message": (Ending.EXITED, 1),
    "prints garbage": (Ending.FLOODED, -15),
    "floods its report": (Ending.FLOODED, -15),
    "eats memory": (Ending.ATE_MEMORY, -15),
    "says nothing": (Ending.SILENT, -15),
}


def told(ops: list[str] = OPS) -> str:
    return json.dumps({"report": 0, "ops": ops}).replace(": 0,", ": {report},")


def run(body: str, limits: Limits = LIMITS, **more: object) -> Watched:
    return watch(command(body, told()), None, {}, limits, **more)  # type: ignore[arg-type]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("case", BAD)
def test_a_bad_child_ends(case: str) -> None:
    begun = time.monotonic()
    watched = run(BAD[case])
    assert (watched.ending, watched.code) == ENDINGS[case]
    assert gone(watched.pid)
    assert time.monotonic() - begun < 20
    assert max(map(len, (watched.out, watched.err, watched.report))) <= LIMITS.output


def test_every_bad_child_is_tested() -> None:
    assert ENDINGS.keys() == BAD.keys()


def test_a_good_child_and_what_it_reports_as_it_comes() -> None:
    pieces: list[bytes] = []
    watched = run(WELL, on_report=pieces.append)
    assert (watched.ending, watched.code) == (Ending.EXITED, 0)
    assert b"".join(pieces) == watched.report
    assert watched.report.splitlines()[-1] == b'{"done": true}'


def test_the_limit_of_the_whole() -> None:
    busy = "while True: say(start='copy'); time.sleep(0.05)"
    assert run(busy, Limits(total=0.5, silence=5, term=0.3)).ending is Ending.TIMED_OUT


def test_what_it_left_behind_ends_with_it(tmp_path: Path) -> None:
    body = f"pid = os.fork()\nif pid: open({str(tmp_path / 'pid')!r}, 'w').write(str(pid))\ntime.sleep(600)"
    run(body)
    time.sleep(0.2)
    left = int((tmp_path / "pid").read_text())
    stat = Path(f"/proc/{left}/stat")
    assert gone(left) or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_an_unkillable_child_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals that never arrive stand in for a process in uninterruptible sleep."""
    sent: list[int] = []
    monkeypatch.setattr(module, "_signal", lambda child, number: sent.append(number))
    body = AT_THIRD + "time.sleep(8)"
    watched = run(body, Limits(silence=0.5, term=0.2, kill=0.3))
    assert (watched.ending, watched.code, sent) == (Ending.UNKILLABLE, None, [15, 9])
    assert watched.state in ("S", "D", "R")
    assert b'"start": "mm f32"' in watched.report
    os.kill(watched.pid, 9)
    os.waitpid(watched.pid, 0)
    module._LOST[-1].returncode = -9  # type: ignore[attr-defined]  # reaped by us


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(RdnaError, match="cannot start"):
        watch(["/no/such/python"], None, {}, LIMITS)


def test_the_child_sees_the_variables_under_test_and_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSA_OVERRIDE_GFX_VERSION", "9.9.9")
    body = "say(about={k: v for k, v in os.environ.items() if k[:4] in ('HSA_', 'RDNA')})"
    watched = watch(command(body, told()), None, {"HSA_XNACK": "0"}, LIMITS)
    assert json.loads(watched.report.splitlines()[-1]) == {"about": {"HSA_XNACK": "0"}}
