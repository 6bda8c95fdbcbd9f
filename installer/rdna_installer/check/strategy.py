"""Whether the chosen convolution strategy is in force inside torch: asked of torch, in a child that imports it."""

from __future__ import annotations

import json
from typing import Any

from rdna_installer.errors import RdnaError
from rdna_installer.machine.bounds import Ended, How, Limits
from rdna_installer.machine.runner import runner_of
from rdna_installer.model import Check, PythonSite, Status, User

VARIABLE = "RDNA_CONV"
TIME_LIMIT = 120.0  # seconds; importing torch from a cold disk takes tens of them
ANSWER = "rdna-conv-answer "
# The hook acts when torch is imported; in_force is the dispatcher's own answer. The GPU is not touched.
PROGRAM = f"""
import json, sys
try:
    import torch
    conv = sys.modules.get("_rdna_hook.conv")
    answer = conv.current() if conv else {{"strategy": "native", "in_force": True, "overrides": [], "notices": []}}
    answer["hip"] = getattr(torch.version, "hip", None)
except BaseException as err:
    answer = {{"error": "%s: %s" % (type(err).__name__, err)}}
sys.stdout.write("\\n{ANSWER}" + json.dumps(answer) + "\\n")
"""


def check_strategy(site: PythonSite, wanted: str, asker: User) -> Check:
    """One line. Runs the interpreter as ``machine.runner`` has it for ``asker``; never raises because of it."""
    try:
        with runner_of(site, asker) as runner:
            closed = runner.closed(site)
            if closed is not None:
                return _line(site, Status.UNKNOWN, wanted, None, f"{closed} is closed to {runner.name}")
            ended = runner.run([str(site.python), "-c", PROGRAM], {}, Limits(TIME_LIMIT))
    except (RdnaError, OSError) as err:
        return _line(site, Status.UNKNOWN, wanted, None, f"it could not be asked: {err}")
    return _read(site, wanted, ended)


def _read(site: PythonSite, wanted: str, ended: Ended) -> Check:
    answer = _answer(ended.out.decode("utf-8", "replace"))
    if ended.how is How.NOT_STARTED:
        return _line(site, Status.FAILED, wanted, None, f"could not be started: {ended.why}")
    if ended.how in (How.LATE, How.UNKILLABLE):
        return _line(site, Status.UNKNOWN, wanted, None, f"torch was not imported within {TIME_LIMIT:.0f} s")
    if answer is None or ended.how is not How.ENDED:
        said = f"status {ended.code}" if ended.code is not None else ended.how.value
        return _line(site, Status.FAILED, wanted, None, f"importing torch ended with {said}")
    if "error" in answer:
        return _line(site, Status.FAILED, wanted, None, f"torch cannot be imported: {_word(answer['error'])}")
    return _judge(site, wanted, answer)


def _judge(site: PythonSite, wanted: str, answer: dict[str, Any]) -> Check:
    strategy, count = _word(answer.get("strategy")), len(answer["overrides"])
    running = f"{strategy} ({count} operations replaced)" if count else strategy
    said = "; ".join(map(_word, answer["notices"])) or None
    if strategy == wanted and answer.get("in_force") is True:
        return _line(site, Status.OK, wanted, running, said)
    if answer.get("hip") is None:
        said = "this torch is no ROCm build (any more): the strategy is left off"
    elif strategy == wanted:
        said = "something took operations back, or switched MIOpen on: " + (said or "it did not say so")
    return _line(site, Status.MISMATCH, wanted, running, said or "see RDNA_HOOK=verbose")


def _line(site: PythonSite, status: Status, wanted: str, running: str | None, hint: str | None) -> Check:
    return Check(f"conv:{site.python}", status, wanted, running, str(site.python), hint)


def _answer(text: str) -> dict[str, Any] | None:
    """Our line among what else was printed; its shape is checked, since it comes from the site's owner's program."""
    lines = [line for line in text.splitlines() if line.startswith(ANSWER)]
    try:
        answer = json.loads(lines[-1].removeprefix(ANSWER)) if lines else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict):
        return None
    lists = all(isinstance(answer.get(key), list) for key in ("overrides", "notices"))
    return answer if "error" in answer or lists else None


def _word(value: object) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(value))[:200]
