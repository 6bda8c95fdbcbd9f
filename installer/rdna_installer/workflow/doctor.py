"""doctor: what works, what does not, and the next command of each. Asks the others' judges, decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rdna_installer.detect.host import Ask
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, HostFacts, PythonSite, Report, Request, Status, Verdict
from rdna_installer.plan.summary import plural
from rdna_installer.plan.surroundings import surroundings
from rdna_installer.record import record
from rdna_installer.workflow.inspecting import look_over

OK, ATTENTION, PROBLEM, UNCHECKED, REBOOT = "ok", "attention", "problem", "not checked", "after reboot"
MARKS = {
    Status.FAILED: PROBLEM,
    Status.MISMATCH: ATTENTION,
    Status.UNKNOWN: UNCHECKED,
    Status.PENDING_REBOOT: REBOOT,
    Status.NOT_APPLICABLE: UNCHECKED,
}
COMMAND = re.compile(r"`([^`]+)`")
OTHERS = ("user-env:", "session:", "others:")
DEVICES = ("device:kfd", "device:render")
OURS = (
    *("generation", "activation", "file:", "kernel:", "image:", "env:", "hook", "state", "trial", "boot", "before"),
    *("unread:", "version:override:"),
)
ELSEWHERE = "this folder is not the running system"


@record(frozen=True)
class Topic:
    """One line: ``mark`` is one of the five words; ``command`` what to do next."""

    name: str
    mark: str
    text: str
    command: str | None = None


@record(frozen=True)
class Health:
    """The topics, and the card and system they are of."""

    gpu: str
    system: str
    topics: tuple[Topic, ...]

    @property
    def open(self) -> tuple[Topic, ...]:
        """What needs attention."""
        return tuple(topic for topic in self.topics if topic.mark in (ATTENTION, PROBLEM))


def examine(root: Sysroot, ask: Ask, system: str) -> Health:
    """A topic for each thing that has to work, from below to above."""
    facts, generation, _, report = look_over(root, ask)
    names = ", ".join(dict.fromkeys(gpu.name or gpu.gfx for gpu in facts.gpus)) or "No AMD GPU"
    topics = (
        _gpu(facts, report),
        _driver(facts),
        _firmware(root, facts),
        _of_checks("access", report, DEVICES, "you may use the card", facts, "rdna-installer verify"),
        _kernel(facts, report),
        _rocm(facts, report),
        *_torch(root, facts),
        _of_checks("settings", report, OTHERS, "no harmful setting of others was found", facts, "rdna-installer adopt"),
        _changes(facts, generation, report),
    )
    home = f"{facts.user.home}/"
    return Health(names, system, tuple(_at_home(topic, home) for topic in topics))


def _at_home(topic: Topic, home: str) -> Topic:
    """People post this: a home is ~."""
    return Topic(topic.name, topic.mark, topic.text.replace(home, "~/"), topic.command)


def _bad(report: Report, kinds: Sequence[str]) -> list[Check]:
    """The checks of a topic that are not right, the worst first."""
    order = list(MARKS)
    found = (c for c in report.checks if c.id.startswith(tuple(kinds)) and c.status in MARKS)
    return sorted(found, key=lambda check: order.index(check.status))


def _of_checks(
    name: str, report: Report, kinds: Sequence[str], well: str, facts: HostFacts, command: str | None
) -> Topic:
    """What ``verify`` says of a topic: its worst check, with the command its hint names."""
    bad = _bad(report, kinds)
    if not bad or (bad[0].status is Status.NOT_APPLICABLE and any(_right(report, kinds))):
        return Topic(name, OK, well)
    worst = bad[0]
    if worst.status is Status.NOT_APPLICABLE:
        return Topic(name, UNCHECKED, (worst.hint or well) if facts.live else ELSEWHERE)
    more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
    where = ": ".join(text for text in (worst.source, worst.running) if text) or worst.id
    named = COMMAND.search(worst.hint or "") if kinds is DEVICES else None
    reason = (worst.hint or "").split(": ", 1)[-1] if kinds is OTHERS else worst.hint or ""
    return Topic(name, MARKS[worst.status], f"{where}{more}. {reason}", named[1] if named else command)


def _right(report: Report, kinds: Sequence[str]) -> Iterable[Check]:
    return (c for c in report.checks if c.id.startswith(tuple(kinds)) and c.status is Status.OK)


def _gpu(facts: HostFacts, report: Report) -> Topic:
    if not facts.gpus:
        unknown = "; ".join(f"{d.vendor}:{d.device}: {d.why}" for d in facts.unidentified)
        return Topic("GPU", PROBLEM, unknown or "no AMD GPU found", "lspci -d 1002:")
    memory = (f", {g.vram_bytes / (1 << 30):.0f} GB" if g.vram_bytes else "" for g in facts.gpus)
    shown = "; ".join(f"{g.name or 'AMD GPU'} ({g.gfx}){size}" for g, size in zip(facts.gpus, memory, strict=True))
    bad = [check for check in _bad(report, ("device:gpu",)) if check.status is Status.FAILED]
    return Topic("GPU", PROBLEM, f"{shown}: {bad[0].hint}", "rdna-installer verify") if bad else Topic("GPU", OK, shown)


def _driver(facts: HostFacts) -> Topic:
    around = next((text for kind, text in surroundings(facts) if kind in ("wsl", "container")), None)
    if not facts.live:
        return Topic("driver", UNCHECKED, ELSEWHERE)
    if facts.amdgpu.loaded or facts.amdgpu.builtin:
        return Topic("driver", OK, "amdgpu is loaded")
    if around:
        return Topic("driver", UNCHECKED, around)
    return Topic("driver", PROBLEM, "amdgpu is not loaded", "sudo modprobe amdgpu")


def _firmware(root: Sysroot, facts: HostFacts) -> Topic:
    if not facts.live:
        return Topic("firmware", UNCHECKED, ELSEWHERE)
    from rdna_installer.workflow.diagnosing import Diagnosing, diagnose_journal

    try:
        found = diagnose_journal(Diagnosing(root, Ask(search_sites=False))).findings
    except RdnaError as err:
        return Topic("firmware", UNCHECKED, err.message, "sudo rdna-installer doctor")
    missing = [finding for finding in found if finding.signature == "firmware-file-missing"]
    if missing:
        return Topic("firmware", PROBLEM, missing[0].excerpt, "rdna-installer diagnose --kernel-log")
    return Topic("firmware", OK, "the kernel log of this boot names no missing file")


def _kernel(facts: HostFacts, report: Report) -> Topic:
    release = facts.running_kernel or (facts.kernels[-1].release if facts.kernels else None)
    if release is None:
        return Topic("kernel", UNCHECKED, "no kernel found in /lib/modules")
    known = [check.hint for check in report.checks if check.id.startswith("kernel:known:") and check.hint]
    return Topic("kernel", ATTENTION if known else OK, ". ".join([release, *known]))


def _rocm(facts: HostFacts, report: Report) -> Topic:
    found = ", ".join(f"{install.version} in {install.path}" for install in facts.rocm)
    return _of_checks(
        "ROCm", report, ("version:rocm:",), found or "not installed; PyTorch may bring its own", facts, None
    )


def _torch(root: Sysroot, facts: HostFacts) -> Iterable[Topic]:
    """Each PyTorch by the plan's own verdict."""
    from rdna_installer.workflow.planning import decide

    sites = [site for site in facts.sites if site.torch]
    if not sites:
        return [Topic("PyTorch", ATTENTION, "none found", "rdna-installer advise")]
    if not facts.gpus:
        return [Topic("PyTorch", UNCHECKED, "no card was found that it could use")]
    try:
        verdicts = {v.site: v for v in decide(root, facts, Request()).policy.sites}
    except RdnaError as err:
        return [Topic("PyTorch", UNCHECKED, err.message)]
    return [_site(site, verdicts[str(site.python)].verdict) for site in sites if str(site.python) in verdicts]


def _site(site: PythonSite, verdict: Verdict) -> Topic:
    named = f"{site.torch.version if site.torch else ''} in {site.prefix}"
    if verdict is Verdict.UNUSABLE:
        return Topic("PyTorch", PROBLEM, f"{named} does not work with this card", "rdna-installer advise")
    likely = "may work with this card" if verdict is Verdict.EXPERIMENTAL else "works with this card"
    return Topic("PyTorch", OK, f"{named}, {likely}")


def _changes(facts: HostFacts, generation: Generation | None, report: Report) -> Topic:
    if generation is None or not generation.managed:
        return Topic("changes", OK, "rdna-installer has changed nothing here", "rdna-installer plan")
    counts = f"{plural(len(generation.settings), 'setting')}, {plural(len(generation.managed), 'file')}, as applied"
    return _of_checks("changes", report, OURS, counts, facts, "rdna-installer verify")
