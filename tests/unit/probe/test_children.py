"""Children that go wrong in every way, with real processes: none is waited for, none is left."""

from __future__ import annotations

import json
import os
import time

import pytest
from stand_ins import BAD, WELL, command

from rdna_installer.machine.bounds import Ended, How, Limits, Rights
from rdna_installer.machine.runner import Runner

pytestmark = pytest.mark.processes

OPS = ["copy", "add", "mm f32"]
LIMITS = Limits(total=30, silence=4, memory=200 << 20, output=1 << 20, report=1 << 20)
ME = Runner(Rights(os.getuid(), os.getgid()), "me", {})
ENDINGS = {
    "aborts": (How.SIGNAL, -6),
    "segfaults": (How.SIGNAL, -11),
    "hangs": (How.SILENT, None),
    "ignores TERM": (How.SILENT, None),
    "exits in the middle": (How.ENDED, 3),
    "exits with a message": (How.ENDED, 1),
    "prints garbage": (How.FLOODED, None),
    "floods its report": (How.FLOODED, None),
    "eats memory": (How.MEMORY, None),
    "says nothing": (How.SILENT, None),
}


def told(ops: list[str] = OPS) -> str:
    return json.dumps({"report": 0, "ops": ops}).replace(": 0,", ": {report},")


def run(body: str, limits: Limits = LIMITS, **more: object) -> Ended:
    return ME.run(command(body, told()), {}, limits, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", BAD)
def test_a_bad_child_ends(case: str) -> None:
    begun = time.monotonic()
    done = run(BAD[case])
    assert (done.how, done.code) == ENDINGS[case]
    assert time.monotonic() - begun < 20
    assert max(map(len, (done.out, done.err, done.report))) <= LIMITS.output


def test_every_bad_child_is_tested() -> None:
    assert ENDINGS.keys() == BAD.keys()


def test_a_good_child_and_what_it_reports_as_it_comes() -> None:
    pieces: list[bytes] = []
    done = run(WELL, on_report=pieces.append)
    assert (done.how, done.code) == (How.ENDED, 0)
    assert b"".join(pieces) == done.report
    assert done.report.splitlines()[-1] == b'{"done": true}'


def test_the_limit_of_the_whole() -> None:
    busy = "while True: say(start='copy'); time.sleep(0.05)"
    assert run(busy, Limits(total=0.5, silence=5)).how is How.LATE


def test_a_program_that_is_not_there() -> None:
    assert ME.run(["/no/such/python"], {}, LIMITS).how is How.NOT_STARTED


def test_the_child_sees_the_variables_under_test_and_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSA_OVERRIDE_GFX_VERSION", "9.9.9")
    body = "say(about={k: v for k, v in os.environ.items() if k[:4] in ('HSA_', 'RDNA')})"
    done = ME.run(command(body, told()), {"HSA_XNACK": "0"}, LIMITS)
    assert json.loads(done.report.splitlines()[-1]) == {"about": {"HSA_XNACK": "0"}}
