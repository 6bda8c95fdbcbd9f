"""The hook, asked of each interpreter itself: staged files before commit, installed ones in ``verify``.

And of torch, in a child that imports it: whether the chosen convolution strategy is in force.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from rdna_installer.check.wanted import InForce
from rdna_installer.errors import LIMITS, Exit, RdnaError, explain
from rdna_installer.machine.asuser import look
from rdna_installer.machine.bounds import Ended, How, Limits
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, HostFacts, PythonSite, Status, User
from rdna_installer.record import field, record

if TYPE_CHECKING:
    from rdna_installer.machine.runner import Runner

SHAPE = {"loaded": bool, "table": dict, "seen": dict}
TIME_LIMIT = 20.0  # seconds; a start of Python takes well under one
ANSWER = "rdna-hook-answer "
# -I implies -E and -s; -S skips site-packages and with them every hook, by design of Python.
MODES: tuple[tuple[str, ...], ...] = ((), ("-I",))

# Runs in the interpreter under test (3.7 or later). Staged files go through site.addsitedir, which is what start-up
# does for site-packages; an installed hook of an earlier generation was kept quiet (RDNA_HOOK=0) and is forgotten.
PROBE = """
import os, sys
if len(sys.argv) > 1:
    for name in [n for n in sys.modules if n.split(".")[0] == "_rdna_hook"]:
        del sys.modules[name]
    del os.environ["RDNA_HOOK"]
    sys.path.insert(0, sys.argv[1])
    import site
    site.addsitedir(sys.argv[1])
answer = {"loaded": "_rdna_hook" in sys.modules}
try:
    import _rdna_hook as hook
    from _rdna_hook import apply_patch
    answer.update(table=hook.VARIABLES, seen={name: os.environ.get(name) for name in hook.VARIABLES})
except BaseException as err:
    answer["error"] = "%s: %s" % (type(err).__name__, err)
import json
sys.stdout.write("\\n" + MARK + json.dumps(answer) + "\\n")
"""
CONV_VARIABLE = "RDNA_CONV"
IMPORT_LIMIT = 120.0  # seconds; importing torch from a cold disk takes tens of them
CONV_ANSWER = "rdna-conv-answer "
# The hook acts when torch is imported; in_force is the dispatcher's own answer. The GPU is not touched.
CONV_PROBE = f"""
import json, sys
try:
    import torch
    conv = sys.modules.get("_rdna_hook.conv")
    answer = conv.current() if conv else {{"strategy": "native", "in_force": True, "overrides": [], "notices": []}}
    answer["hip"] = getattr(torch.version, "hip", None)
except BaseException as err:
    answer = {{"error": "%s: %s" % (type(err).__name__, err)}}
sys.stdout.write("\\n{CONV_ANSWER}" + json.dumps(answer) + "\\n")
"""


@record(frozen=True)
class HookResult:
    """What one interpreter said. ``detail`` is one line for the user, ``seen`` the variables as it has them."""

    status: Status
    detail: str
    seen: Mapping[str, str | None] = field(default_factory=dict)
    closed: str | None = None  # what its runner may not read: it was not run

    @property
    def ok(self) -> bool:
        """True when the hook is in force in that interpreter."""
        return self.status is Status.OK


def run_hook(
    site: PythonSite, user: User, staged: Mapping[PurePosixPath, bytes] | None = None, flags: Sequence[str] = ()
) -> HookResult:
    """Run the hook of ``site`` in its own interpreter, as ``machine.runner`` has it, in a clean environment.

    ``user``: who asks. ``staged``: contents by absolute path, of which those below the site's folder are tried instead
    of what is installed. ``flags``: options of Python (-I, -E, -s). Never raises because of that interpreter: one that
    is gone, broken, slow or closed to its runner is a result.
    """
    from rdna_installer.machine.runner import runner_of  # for a verify that asks nobody

    folder = site.site_packages
    below = {path.relative_to(folder): held for path, held in (staged or {}).items() if folder in path.parents}
    try:
        with runner_of(site, user, below) as runner:
            closed = runner.closed(site)
            if closed is not None:
                detail = f"give {runner.name}, as whom it has to run, access to {closed}"
                return HookResult(Status.UNKNOWN, detail, closed=closed)
            return _judge(site, _run(site, runner, flags))
    except (RdnaError, OSError) as err:
        return HookResult(Status.UNKNOWN, _unasked(err))


def _unasked(err: RdnaError | OSError) -> str:
    """Why nobody could be asked, and what helps."""
    known = explain(err, Exit.REFUSED) if isinstance(err, OSError) else err
    where = f": {known.context}" if known.context else ""
    return f"look why: it could not be asked ({known.message}{where}); {known.hint or 'run it again'}"


def _run(site: PythonSite, runner: Runner, flags: Sequence[str]) -> Ended:
    command = [str(site.python), "-B", *flags, "-c", f"MARK = {ANSWER!r}\n{PROBE}"]
    if runner.files is None:
        return runner.run(command, {}, Limits(TIME_LIMIT))
    return runner.run([*command, str(runner.files)], {"RDNA_HOOK": "0"}, Limits(TIME_LIMIT))


def _judge(site: PythonSite, ended: Ended) -> HookResult:
    stderr = ended.err.decode("utf-8", "replace").strip()
    if (unasked := _unstarted(ended)) is not None:
        return HookResult(Status.UNKNOWN, unasked)
    if (problem := _problem(site, ended)) is not None:
        return HookResult(Status.FAILED, problem)
    answer = _answer(ended.out, ANSWER, SHAPE)
    if answer is None or not ended.well:
        said = _last_line(stderr) or "it said nothing"
        return HookResult(Status.FAILED, f"{site.python} ended with status {ended.code}: {said}")
    return _verdict(answer, stderr)


def _unstarted(ended: Ended) -> str | None:
    """Why nothing is known: what failed is ours, not that interpreter's."""
    if ended.how is How.NOT_STARTED and ended.code in LIMITS:
        return _unasked(OSError(ended.code, ended.why))
    if ended.how is How.SIGNAL and ended.code is None:
        return _unasked(RdnaError("child-died", "its process ended before it began"))
    return None


def _problem(site: PythonSite, ended: Ended) -> str | None:
    """Why there is no answer at all."""
    pid, state = ended.left[0] if ended.left else (0, "")
    return {
        How.NOT_STARTED: f"could not be started: cannot start {site.python}: {ended.why}",
        How.LATE: f"{site.python} gave no answer within {TIME_LIMIT:.0f} s",
        How.FLOODED: f"{site.python} printed megabytes and was ended",
        How.UNKILLABLE: f"{site.python} hangs (process {pid}, state {state}): is it on a network or FUSE mount?",
    }.get(ended.how)


def _answer(said: bytes, mark: str, shape: Mapping[str, type]) -> dict[str, Any] | None:
    """The probe's line among whatever other start-up code printed, or None.

    It comes from a program of the site's owner and may be read by root: its shape is checked, not believed.
    """
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.startswith(mark)]
    try:
        answer = json.loads(lines[-1].removeprefix(mark)) if lines else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict):
        return None
    shape = {"error": str} if "error" in answer else shape
    return answer if all(isinstance(answer.get(key), kind) for key, kind in shape.items()) else None


def _verdict(answer: Mapping[str, Any], stderr: str) -> HookResult:
    if "error" in answer:
        return HookResult(Status.FAILED, f"the hook cannot be imported: {_last_line(answer['error'])}")
    wanted, seen = answer["table"], answer["seen"]
    different = [name for name, value in wanted.items() if seen.get(name) != value]
    if not answer["loaded"]:
        status, detail = Status.FAILED, "the start-up file did not run: rdna_hook.pth is missing or not read"
    elif "rdna_hook" in stderr:
        status, detail = Status.FAILED, f"the start-up file prints a message at every start: {_last_line(stderr)}"
    elif different:
        status, detail = Status.MISMATCH, _last_line("look: another start-up file sets " + ", ".join(different))
    else:
        status, detail = Status.OK, f"{len(wanted)} variable(s) in force"
    return HookResult(status, detail, seen)


def _last_line(text: str) -> str:
    """The last line, fit for one line of a terminal."""
    return _shown(text.splitlines()[-1] if text else "")


def _shown(value: object) -> str:
    return "".join(c if c.isprintable() else "?" for c in str(value))[:200]


def check_hooks(wanted: InForce, facts: HostFacts, root: Sysroot, user: User) -> Iterator[Check]:
    """One line for each chosen interpreter, and one that says where no hook can act."""
    sites = {str(site.python): site for site in facts.sites}
    # A place may be named by its folder: then it is that interpreter's line.
    unseen = {next((p for p in wanted.sites if p.startswith(f"{place}/")), place): why for place, why in facts.unseen}
    yield from (_line(p, Status.UNKNOWN, {}, hint=why) for p, why in unseen.items() if p not in wanted.sites)
    for python, variables in wanted.sites.items():
        site = sites.get(python)
        if python in unseen:
            yield _line(python, Status.UNKNOWN, variables, hint=unseen[python])
        elif not facts.live:
            yield _line(python, Status.NOT_APPLICABLE, variables, hint="not the running system")
        elif site is None:
            yield _gone(python, variables, root)
        else:
            answer = _ask(site, variables, user)
            yield answer
            if answer.status is Status.OK and CONV_VARIABLE in variables:  # importing torch costs seconds
                yield check_strategy(site, variables[CONV_VARIABLE], user)
    if wanted.sites and facts.live:
        hint = "it and programs that embed Python without site-packages do not read the start-up file"
        yield Check("hook:no-site", Status.NOT_APPLICABLE, hint=hint)


def _line(
    python: str, status: Status, variables: dict[str, str], running: str | None = None, hint: str | None = None
) -> Check:
    return Check(f"hook:{python}", status, _text(variables), running, python if running else None, hint)


def _text(variables: dict[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in sorted(variables.items()))


def _gone(python: str, variables: dict[str, str], root: Sysroot) -> Check:
    hint = f"it was not looked at; look: rdna-installer verify --python {python}"
    try:
        look(lambda: root.require_readable(python), None)
        there = look(lambda: root.exists(python), bool)
    except OSError as err:  # another's, seen without root
        there, hint = True, f"run it with sudo: it cannot be read ({err.strerror})"
    if there:
        return _line(python, Status.UNKNOWN, variables, hint=hint)
    hint = "this Python is gone (venv removed, or upgraded); make it again, then: rdna-installer apply --overwrite"
    return _line(python, Status.FAILED, variables, "gone", hint)


def _ask(site: PythonSite, variables: dict[str, str], user: User) -> Check:
    python = str(site.python)
    for flags in MODES:
        result = run_hook(site, user, flags=flags)
        running = _text({key: value for key, value in result.seen.items() if value is not None})
        if not result.ok:
            again = "; the line of its file says how to write it again" if result.status is Status.FAILED else ""
            return _line(python, result.status, variables, running or None, " ".join([*flags, result.detail]) + again)
        different = [key for key, value in variables.items() if result.seen.get(key) != value]
        if different:
            hint = f"another change wrote it ({', '.join(different)}); write it again as its file's line says"
            return _line(python, Status.MISMATCH, variables, running, hint)
    return _line(python, Status.OK, variables, running)


def check_strategy(site: PythonSite, wanted: str, asker: User) -> Check:
    """One line. Runs the interpreter as ``machine.runner`` has it for ``asker``; never raises because of it."""
    from rdna_installer.machine.runner import runner_of

    try:
        with runner_of(site, asker) as runner:
            closed = runner.closed(site)
            if closed is not None:
                return _conv_line(site, Status.UNKNOWN, wanted, None, f"give {runner.name} access to {closed}")
            ended = runner.run([str(site.python), "-c", CONV_PROBE], {}, Limits(IMPORT_LIMIT))
    except (RdnaError, OSError) as err:
        return _conv_line(site, Status.UNKNOWN, wanted, None, _unasked(err))
    return _read_strategy(site, wanted, ended)


def _read_strategy(site: PythonSite, wanted: str, ended: Ended) -> Check:
    answer = _answer(ended.out, CONV_ANSWER, {"overrides": list, "notices": list})
    if (unasked := _unstarted(ended)) is not None:
        return _conv_line(site, Status.UNKNOWN, wanted, None, unasked)
    if ended.how is How.NOT_STARTED:
        return _conv_line(site, Status.FAILED, wanted, None, f"look why it does not start: {ended.why}")
    if ended.how in (How.LATE, How.UNKILLABLE):
        return _conv_line(site, Status.UNKNOWN, wanted, None, f"wait: it was not imported within {IMPORT_LIMIT:.0f} s")
    if answer is None or ended.how is not How.ENDED:
        said = f"status {ended.code}" if ended.code is not None else ended.how.value
        return _conv_line(site, Status.FAILED, wanted, None, f"import torch there and look: it ended with {said}")
    if "error" in answer:
        return _conv_line(site, Status.FAILED, wanted, None, f"repair this torch: {_shown(answer['error'])}")
    return _judge_strategy(site, wanted, answer)


def _judge_strategy(site: PythonSite, wanted: str, answer: dict[str, Any]) -> Check:
    strategy, count = _shown(answer.get("strategy")), len(answer["overrides"])
    running = f"{strategy} ({count} operations replaced)" if count else strategy
    told = "; ".join(map(_shown, answer["notices"])) or None
    if strategy == wanted and answer.get("in_force") is True:
        return _conv_line(site, Status.OK, wanted, running, told)
    if answer.get("hip") is None:
        told = "install a ROCm build of torch there: the strategy is left off"
    elif strategy == wanted:
        told = "look which program took operations back, or turned MIOpen on again: " + (told or "it did not say so")
    return _conv_line(site, Status.MISMATCH, wanted, running, told or "see RDNA_HOOK=verbose")


def _conv_line(site: PythonSite, status: Status, wanted: str, running: str | None, hint: str | None) -> Check:
    return Check(f"conv:{site.python}", status, wanted, running, str(site.python), hint)
