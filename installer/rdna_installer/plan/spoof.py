"""HSA_OVERRIDE_GFX_VERSION: only where a torch has no kernels for the true target, only as far as it is safe.

The variable makes every GPU of the process report another target. With several GPUs it is therefore set per KFD node
(ROCm 6.3 and later), or, before that, together with ROCR_VISIBLE_DEVICES in that one site, by the user's consent.
"""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.amd.case import Case, Context
from rdna_installer.amd.gpu import describe
from rdna_installer.gfx import OVERRIDE
from rdna_installer.knowledge.rules import Grade, Rule
from rdna_installer.knowledge.versions import Range
from rdna_installer.model import Experiment, Gpu, Layer, PythonSite, Setting, Verdict
from rdna_installer.plan.findings import MEASURED_RANK, Findings, rank
from rdna_installer.record import record

VISIBLE = "ROCR_VISIBLE_DEVICES"
PER_NODE = Range(">=6.3")  # libhsakmt commits 8135a1c, cf49353, 84567b64; first in branch rocm-rel-6.3
PREFERENCE = (Grade.FORCED, Grade.SAFE, Grade.RISKY, Grade.REFUSED)


@record(frozen=True)
class Choice:
    """What may be done about one GPU without kernels of its own; a measured risky spoof counts as safe."""

    gpu: Gpu
    rule: Rule
    reported: str
    value: str  # of the override
    grade: Grade
    rank: int


@record(frozen=True)
class Outcome:
    """How the overrides of a site came out; ``route`` is what the user can do where they did not."""

    verdict: Verdict
    why: str
    rule: str | None
    route: tuple[str, ...] = ()


def choose_spoof(context: Context, rules: Sequence[Rule]) -> Choice | None:
    """The best of the spoofs that apply to a GPU and whose kernels are in the site; None = no rule knows one."""
    names = (context.consumer.kernels.names if context.consumer else None) or ()
    best: dict[str, Choice] = {}
    for rule in rules:
        if rule.spoof is None or rule.spoof.gfx not in names:
            continue
        if not context.runs(rule.spoof.gfx):  # its rocBLAS has none
            continue
        counts = rank(context.case, rule, context.python)
        grade = Grade.SAFE if counts == MEASURED_RANK else rule.spoof.grade
        choice = Choice(context.gpu, rule, rule.spoof.gfx, rule.spoof.value, grade, counts)
        other = best.get(choice.reported)
        if other is None or (choice.rank, PREFERENCE.index(grade)) > (other.rank, PREFERENCE.index(other.grade)):
            best[choice.reported] = choice
    return min(best.values(), key=lambda choice: PREFERENCE.index(choice.grade), default=None)


def emit(case: Case, site: PythonSite, needs: Sequence[Choice], findings: Findings) -> Outcome:
    """Put the overrides of one site into the findings. ``needs`` are safe or forced choices, at least one."""
    left_out = [key for key in case.request.unset if key.startswith(OVERRIDE)]
    if left_out:
        return Outcome(Verdict.UNUSABLE, f"this site needs {left_out[0]}, which you left out", needs[0].rule.id)
    others = [gpu for gpu in case.facts.gpus if gpu not in [choice.gpu for choice in needs]]
    values = {choice.value for choice in needs}
    if len(values) == 1 and not others and not case.facts.hidden_nodes:
        _want(findings, site, OVERRIDE, needs[0])
        return _done(needs)
    rocm = site.torch.rocm if site.torch else None
    if rocm and PER_NODE.contains(rocm) and all(choice.gpu.kfd_node is not None for choice in needs):
        for choice in needs:
            _want(findings, site, f"{OVERRIDE}_{choice.gpu.kfd_node}", choice)
        return _done(needs)
    return _by_consent(case, site, needs, findings)


def _want(findings: Findings, site: PythonSite, key: str, choice: Choice, value: str | None = None) -> None:
    setting = Setting(Layer.PYTHON, str(site.python), key, value or choice.value, choice.rule.id)
    findings.want(setting, choice.rank)


def _done(needs: Sequence[Choice]) -> Outcome:
    forced = next((choice for choice in needs if choice.grade is Grade.FORCED), None)
    choice = forced or needs[0]
    why = (
        f"no kernels for {choice.gpu.gfx} inside, but for {choice.reported}, as which it is reported. {choice.rule.why}"
    )
    return Outcome(Verdict.EXPERIMENTAL if forced else Verdict.WORKS, why, choice.rule.id)


def _by_consent(case: Case, site: PythonSite, needs: Sequence[Choice], findings: Findings) -> Outcome:
    """Another GPU would be spoofed along: hide it from this site, if the user agrees and the GPU has an id."""
    choice = needs[0]
    unable = _unable(case, site, needs)
    if unable is not None:
        findings.reject(f"{OVERRIDE}={choice.value}", unable, choice.rule.id, str(site.python))
        return Outcome(Verdict.UNUSABLE, unable, choice.rule.id, _ways_out(case, choice))
    wanted = f"GPU-{choice.gpu.unique_id:016x}"
    if (VISIBLE, wanted) in case.request.set:
        _want(findings, site, OVERRIDE, choice)
        return _done(needs)
    command = f"rdna-installer apply --python {site.python} --set {VISIBLE}={wanted}"
    summary = (
        f"{OVERRIDE}={choice.value} for {describe(choice.gpu)} alone: with this ROCm it would hit every GPU, so the "
        f"others are hidden from this torch by {VISIBLE}={wanted}, if you agree"
    )
    findings.experiments[Experiment(choice.rule.id, summary, command, str(site.python))] = None
    why = f"{choice.gpu.gfx} would work as {choice.reported}, but before ROCm 6.3 the override hits every GPU"
    agree = f"agree to hide the other GPUs from this torch: {command}"
    return Outcome(Verdict.UNUSABLE, why, choice.rule.id, (agree, *_ways_out(case, choice)))


def _unable(case: Case, site: PythonSite, needs: Sequence[Choice]) -> str | None:
    rocm = site.torch.rocm if site.torch else None
    if rocm and PER_NODE.contains(rocm):
        return "several GPUs, and the KFD node numbers that per-node overrides need are not known here"
    if len(needs) > 1:
        return "several GPUs need an override, and before ROCm 6.3 it cannot be set per GPU"
    if not needs[0].gpu.unique_id:
        return (
            "before ROCm 6.3 the override hits every GPU, and this one has no unique id by which the others could "
            "be hidden"
        )
    return None


def _ways_out(case: Case, choice: Choice) -> tuple[str, ...]:
    ways = [f"a torch for ROCm >= 6.3, where the override can name one GPU ({choice.gpu.gfx})"]
    if any(gpu.integrated for gpu in case.facts.gpus if gpu is not choice.gpu):
        ways.append("switch the integrated GPU off in the firmware setup (BIOS)")
    return tuple(ways)
