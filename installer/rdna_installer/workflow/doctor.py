"""doctor: what works, what does not, and the next command of each. Asks the others' judges, decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rdna_installer.detect.host import Ask
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Generation, HostFacts, Report, Request, Status, Verdict
from rdna_installer.plan.summary import plural
from rdna_installer.plan.surroundings import surroundings
from rdna_installer.printable import parted
from rdna_installer.record import record, replace
from rdna_installer.workflow.inspecting import look_over

OK, ATTENTION, PROBLEM, UNCHECKED, REBOOT = "ok", "attention", "problem", "not checked", "after reboot"
MARKS = {  # the worst first
    Status.FAILED: PROBLEM,
    Status.MISMATCH: ATTENTION,
    Status.UNKNOWN: UNCHECKED,
    Status.PENDING_REBOOT: REBOOT,
    Status.PENDING_RESTART: ATTENTION,
    Status.NOT_APPLICABLE: UNCHECKED,
}
OTHERS, DEVICES, KNOWN = ("user-env:", "session:", "others:"), ("device:kfd", "device:render"), "kernel:known:"
OURS = (
    "environment:",
    *("generation", "activation", "file:", "kernel:", "image:", "env:", "hook", "state", "trial", "boot", "before"),
    *("unread:", "version:override:", "service:"),
)
VERIFY, ADVISE = "rdna-installer verify", "rdna-installer advise"
WORKS = {
    Verdict.UNUSABLE: (PROBLEM, "does not work with this card", ADVISE),
    Verdict.EXPERIMENTAL: (OK, "may work with this card", None),
}


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
    home = f"{facts.user.home}/"  # people post this
    topics = topics_of(root, facts, generation, report)
    return Health(names, system, tuple(replace(t, text=t.text.replace(home, "~/")) for t in topics))


def topics_of(root: Sysroot, facts: HostFacts, generation: Generation | None, report: Report) -> tuple[Topic, ...]:
    """The topics, from what ``look_over`` has found."""
    rocm = ", ".join(f"{r.version} in {r.path}" for r in facts.rocm) or "not installed; PyTorch may bring its own"
    changed = generation is not None and bool(generation.managed)
    counts = "rdna-installer has changed nothing here"
    if generation is not None and changed:
        counts = f"{plural(len(generation.settings), 'setting')}, {plural(len(generation.managed), 'file')}, as applied"
    return (
        _gpu(facts, report),
        *_of_the_kernel(root, facts, report),
        _of_checks("access", report, DEVICES, "you may use the card", VERIFY),
        _of_checks("ROCm", report, ("version:rocm:",), rocm, None),
        *_torch(root, facts),
        _of_checks("settings", report, OTHERS, "no harmful setting of others was found", "rdna-installer adopt"),
        _of_checks("changes", report, OURS if changed else ("state",), counts, VERIFY),
    )


def _of_checks(name: str, report: Report, kinds: Sequence[str], well: str, command: str | None) -> Topic:
    """What ``verify`` says of a topic: its worst check, with the command its hint names."""
    found = [c for c in report.checks if c.id.startswith(tuple(kinds)) and not c.id.startswith(KNOWN)]
    bad = sorted((c for c in found if c.status in MARKS), key=lambda check: list(MARKS).index(check.status))
    if not bad or (bad[0].status is Status.NOT_APPLICABLE and len(bad) < len(found)):
        return Topic(name, OK, well)
    worst, hint = bad[0], bad[0].hint or ""
    if worst.status is Status.NOT_APPLICABLE:
        return Topic(name, UNCHECKED, hint or well)
    same = [c for c in bad if MARKS[c.status] == MARKS[worst.status]]
    more = f" (and {len(same) - 1} more)" if len(same) > 1 else ""
    said = (worst.id[5:],) if worst.id.startswith("file:") else (worst.source, worst.running)
    where = ": ".join(text for text in said if text) or worst.id
    reason, *named = [hint] if ": --" in hint else parted(hint.removeprefix("remove it: ") if kinds is OTHERS else hint)
    command = named[0] if named and (kinds is DEVICES or worst.id == "state") else command
    return Topic(name, MARKS[worst.status], f"{where}{more}: {reason.removesuffix(':')}", command)


def _gpu(facts: HostFacts, report: Report) -> Topic:
    unknown = "; ".join(f"{d.vendor}:{d.device}: {d.why}" for d in facts.unidentified)
    if not facts.gpus:
        return Topic("GPU", PROBLEM, unknown or "no AMD GPU found", "sudo lspci -d 1002:")
    shown = "; ".join(
        f"{g.name or 'AMD GPU'} ({g.gfx}){f', {g.vram_bytes / (1 << 30):.0f} GB' if g.vram_bytes else ''}"
        for g in facts.gpus
    )
    bad = [c for c in report.checks if c.id.startswith("device:gpu") and c.status is Status.FAILED]
    return Topic("GPU", PROBLEM, f"{shown}: {bad[0].hint}", VERIFY) if bad else Topic("GPU", OK, shown)


def _of_the_kernel(root: Sysroot, facts: HostFacts, report: Report) -> Iterator[Topic]:
    around = next((text for kind, text in surroundings(facts) if kind in ("wsl", "container")), None)
    if not facts.live:
        yield from (Topic(name, UNCHECKED, "this folder is not the running system") for name in ("driver", "firmware"))
    elif facts.amdgpu.loaded or facts.amdgpu.builtin:
        yield Topic("driver", OK, "amdgpu is loaded")
    else:
        unloaded = Topic("driver", PROBLEM, "amdgpu is not loaded", "sudo modprobe amdgpu")
        yield Topic("driver", UNCHECKED, around) if around else unloaded
    if facts.live:
        yield _firmware(root)
    release = facts.running_kernel or (facts.kernels[-1].release if facts.kernels else None)
    known = [c.hint for c in report.checks if c.id.startswith(KNOWN) and c.hint]
    mark = UNCHECKED if release is None else ATTENTION if known else OK
    text = ". ".join([release or "no kernel found in /lib/modules", *known])
    yield Topic("kernel", mark, text, "rdna-installer plan" if known else None)


def _firmware(root: Sysroot) -> Topic:
    from rdna_installer.workflow.diagnosing import Diagnosing, diagnose_journal

    try:
        found = diagnose_journal(Diagnosing(root, Ask(search_sites=False))).findings
    except RdnaError as err:
        return Topic("firmware", UNCHECKED, err.message, "sudo rdna-installer doctor")
    missing = [finding.excerpt for finding in found if finding.signature == "firmware-file-missing"]
    if missing:
        return Topic("firmware", PROBLEM, missing[0], "rdna-installer diagnose --kernel-log")
    return Topic("firmware", OK, "the kernel log of this boot names no missing file")


def _torch(root: Sysroot, facts: HostFacts) -> Iterator[Topic]:
    from rdna_installer.workflow.planning import decide

    named = {str(s.python): f"{s.torch.version} in {s.prefix}" for s in facts.sites if s.torch}
    if not named:
        yield Topic("PyTorch", ATTENTION, "none found", ADVISE)
    elif not facts.gpus:
        yield Topic("PyTorch", UNCHECKED, "no card was found that it could use")
    else:
        try:
            verdicts = decide(root, facts, Request()).policy.sites
        except RdnaError as err:
            yield Topic("PyTorch", UNCHECKED, err.message)
            return
        for site in verdicts:
            mark, words, command = WORKS.get(site.verdict, (OK, "works with this card", None))
            yield Topic("PyTorch", mark, f"{named.get(site.site or '', '')}, {words}", command)
