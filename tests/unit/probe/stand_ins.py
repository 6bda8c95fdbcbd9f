"""Tiny programs that stand in for a probe child and go wrong in one way each."""

from __future__ import annotations

import sys

HEAD = """
import json, os, signal, sys, time
told = json.loads(sys.argv[1])
def say(**fields): os.write(told["report"], (json.dumps(fields) + "\\n").encode())
def well(op): say(start=op); say(end=op, ok=True, worst=1e-7, ms=1.0)
say(about={"torch": "stand-in"})
"""
WELL = "[well(op) for op in told['ops']]; say(done=True)"
AT_THIRD = "[well(op) for op in told['ops'][:2]]; say(start=told['ops'][2])\n"
BAD = {
    "aborts": AT_THIRD + "os.abort()",
    "segfaults": AT_THIRD + "os.kill(os.getpid(), signal.SIGSEGV)",
    "hangs": AT_THIRD + "time.sleep(600)",
    "ignores TERM": "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + AT_THIRD + "time.sleep(600)",
    "exits in the middle": AT_THIRD + "sys.exit(3)",
    "exits with a message": AT_THIRD + "sys.exit('HIP error: out of resources')",
    "prints garbage": AT_THIRD + "\nwhile True: os.write(1, os.urandom(1 << 16))",
    "floods its report": AT_THIRD + "\nwhile True: os.write(told['report'], b'{\"start\": []}\\n' * 4096)",
    "eats memory": AT_THIRD
    + "held = []\nwhile True: held.append(bytearray(os.urandom(1 << 20) * 8)); time.sleep(0.01)",
    "says nothing": "time.sleep(600)",
}


def command(body: str, told: str) -> list[str]:
    return [sys.executable, "-S", "-c", HEAD + body, told]
