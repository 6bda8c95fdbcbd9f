"""MIOpen's own test program, where ROCm brought it: one convolution without torch. Pure."""

from __future__ import annotations

import re

from rdna_installer.machine.bounds import Ended, How
from rdna_installer.probe.reading import text
from rdna_installer.probe.trial import fault_of
from rdna_installer.probe.types import OpOutcome, Result

OP = "MIOpenDriver conv 3>16 32x32"
# The convolution that crashes on gfx1010, forward and both gradients (-F 0), checked against the CPU (-V 1), timed.
SHAPE = "-n 1 -c 3 -H 32 -W 32 -k 16 -y 3 -x 3 -p 0 -q 0 -u 1 -v 1 -l 1 -j 1 -m conv -g 1"
ARGUMENTS = ("conv", *SHAPE.split(), "-F", "0", "-V", "1", "-t", "1")
TIME = re.compile(r"^GPU Kernel Time .*Elapsed: ([0-9]+(?:\.[0-9]+)?) ms", re.MULTILINE)
RIGHT = "Verifies OK"
WRONG = re.compile(r"^.*(?:Convolution.*fail|verification failed).*$", re.MULTILINE | re.IGNORECASE)


def judge(ended: Ended) -> Result:
    """How it went, by its exit status and what it printed."""
    if ended.how is not How.ENDED:
        return fault_of(ended, OP)
    said = ended.out.decode("utf-8", "replace")
    failed = WRONG.search(said)
    if failed:
        return Result(OP, OpOutcome.WRONG, note=text(failed.group().strip()))
    if ended.code != 0 or RIGHT not in said:
        last = (ended.err.decode("utf-8", "replace") or said).strip().splitlines()[-1:]
        return Result(OP, OpOutcome.RAISED, note=text(f"status {ended.code}: {' '.join(last) or 'it said nothing'}"))
    times = [float(value) for value in TIME.findall(said)]
    return Result(OP, OpOutcome.OK, sum(times) if times else None)
