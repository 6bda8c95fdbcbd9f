"""Decide for one torch site: its verdict with the reason, its settings, what is refused or must be measured first,
and the ways that would work where nothing runs now.

HSA_OVERRIDE_GFX_VERSION only where a torch has no kernels for the true target, only as far as it is safe. It makes
every GPU of the process report another target. With several GPUs it is therefore set per KFD node (ROCm 6.3 and
later), or, before that, together with ROCR_VISIBLE_DEVICES in that one site, by the user's consent.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rdna_installer.amd.case import Case, Context, describe
from rdna_installer.amd.conditions import judge_rule
from rdna_installer.gfx import OVERRIDE
from rdna_installer.knowledge.evidence import strongest
from rdna_installer.knowledge.rules import Grade, Rule
from rdna_installer.knowledge.when import Range
from rdna_installer.model import Experiment, Gpu, Layer, PythonSite, Setting, SiteVerdict, TorchKind, Verdict
from rdna_installer.plan.findings import MEASURED_RANK, Findings, Standing, rank, standing
from rdna_installer.plan.gpuset import VISIBLE
from rdna_installer.record import record, replace

if TYPE_CHECKING:
    from rdna_installer.plan.reroute import Way

ONLY_SITE = frozenset({Layer.PYTHON})
PER_NODE = Range(">=6.3")  # libhsakmt commits 8135a1c, cf49353, 84567b64; first in branch rocm-rel-6.3
ORDER = tuple(Verdict)  # best first
BUILT_FOR = {
    TorchKind.CUDA: "for NVIDIA GPUs (CUDA); it cannot use an AMD GPU",
    TorchKind.CPU: "for the CPU alone; it cannot use an AMD GPU",
    TorchKind.XPU: "for Intel GPUs (XPU); it cannot use an AMD GPU",
    TorchKind.UNKNOWN: "without ROCm, as far as its files say; it cannot use an AMD GPU",
}
PREFERENCE = (Grade.FORCED, Grade.SAFE, Grade.RISKY, Grade.REFUSED)


def about_sites(rule: Rule) -> bool:
    """Whether a rule speaks about torch sites, not (only) about the machine."""
    if rule.when.about_torch or rule.when.rocm is not None or rule.spoof or rule.verdict:
        return True
    return any(wanted.layer is Layer.PYTHON for wanted in rule.settings)


def decide_site(case: Case, site: PythonSite, findings: Findings) -> SiteVerdict:
    """The verdict for a site whose torch is a ROCm build; everything else goes into the findings."""
    consumer = case.consumer(site)
    verdicts: list[tuple[Gpu, SiteVerdict]] = []
    spoofed: list[Choice] = []
    for gpu in case.gpus:
        context = Context(case, gpu, consumer)
        rules = _applying(context, findings)
        rule = ruling(rules)
        if rule is not None and rule.verdict is not None:
            why = rule.why if len(case.gpus) == 1 else f"{describe(gpu)}: {rule.why}"
            verdicts.append((gpu, _verdict(context, findings, rule.verdict, why, rule.id)))
        if rule is not None and context.has_kernels:
            continue
        choice = None if context.has_kernels is not False else choose_spoof(context, rules)
        if choice is not None and choice.grade in (Grade.SAFE, Grade.FORCED):
            spoofed.append(choice)
        else:
            verdicts.append((gpu, _as_it_is(context, findings, choice)))
    if spoofed:
        found = emit(case, site, spoofed, findings)
        if found.verdict is Verdict.UNUSABLE and findings.routed:
            found = replace(found, route=(*found.route, *routes(Context(case, spoofed[0].gpu, consumer))))
        verdicts.append((spoofed[0].gpu, found))
    return _for_all(verdicts)


def _for_all(verdicts: Sequence[tuple[Gpu, SiteVerdict]]) -> SiteVerdict:
    """The worst verdict; where another GPU would do, how to decide for that one comes first."""
    decided = worst(verdict for _, verdict in verdicts)
    dead = [gpu for gpu, verdict in verdicts if verdict.verdict is Verdict.UNUSABLE]
    usable = [gpu for gpu, _ in verdicts if gpu not in dead]
    if decided.verdict is not Verdict.UNUSABLE or not usable:
        return decided
    name = usable[0].pci or usable[0].kfd_node
    way = f"decide for {describe(usable[0])} alone: --gpu {name}"
    return replace(decided, route=(way, *decided.route))


def _verdict(context: Context, findings: Findings, verdict: Verdict, why: str, rule: str | None) -> SiteVerdict:
    """A verdict, with the ways out where it needs them."""
    good = verdict in (Verdict.NATIVE, Verdict.WORKS)
    ways = () if good or not findings.routed else routes(context)
    return SiteVerdict(context.python, verdict, why, rule, ways)


def _applying(context: Context, findings: Findings) -> list[Rule]:
    """The rules that hold for a GPU in a site and may act; their settings go into the findings."""
    case, python = context.case, context.python
    applying = []
    for rule in case.rules:
        judged = judge_rule(rule, context)
        if judged.holds is None:
            findings.unknown(rule, judged, python, ONLY_SITE)
        if not judged.holds or not about_sites(rule):
            continue
        stands = standing(case, rule, python)
        if stands is Standing.APPLIES:
            applying.append(rule)
            findings.want_rule(case, rule, Layer.PYTHON, python)
            findings.say(rule)
        elif stands is Standing.TO_MEASURE:
            findings.propose(rule, python)
        else:
            reason = "measured on this machine, and it did not pass" if stands is Standing.FAILED else "refuted"
            findings.reject(", ".join(wanted.key for wanted in rule.settings) or rule.id, reason, rule.id, python)
    return applying


def _as_it_is(context: Context, findings: Findings, choice: Choice | None) -> SiteVerdict:
    """The verdict for a GPU that is not reported as another one; ``choice`` is what was not done."""
    gfx = context.gpu.gfx
    source = context.consumer.kernels.said_of(gfx, context.case.targets) if context.consumer else "no torch"
    if context.has_kernels is True:
        return _verdict(context, findings, Verdict.NATIVE, f"kernels for {gfx} are inside ({source})", None)
    if context.has_kernels is None:
        why = f"cannot tell whether this torch has kernels for {gfx}: {source}"
        return _verdict(context, findings, Verdict.EXPERIMENTAL, why, None)
    why = f"no kernels for {gfx} are inside ({source})"
    if choice is None:
        return _verdict(context, findings, Verdict.UNUSABLE, why, None)
    override = f"{OVERRIDE}={choice.value}"
    if choice.grade is Grade.RISKY:
        findings.propose(choice.rule, context.python, f"{override}: {choice.rule.why}")
    else:
        findings.reject(override, choice.rule.why, choice.rule.id, context.python)
    why += f", and it is not reported as {choice.reported}: {choice.rule.why}"
    return _verdict(context, findings, Verdict.UNUSABLE, why, choice.rule.id)


@record(frozen=True)
class Choice:
    """What may be done about one GPU without kernels of its own; a measured risky spoof counts as safe."""

    gpu: Gpu
    rule: Rule
    reported: str
    value: str  # of the override
    grade: Grade
    rank: int


def choose_spoof(context: Context, rules: Sequence[Rule]) -> Choice | None:
    """The best of the spoofs that apply to a GPU and whose kernels are in the site; None = no rule knows one."""
    names = (context.consumer.kernels.names if context.consumer else None) or ()
    best: dict[str, Choice] = {}
    for rule in rules:
        # The rocBLAS of a torch with kernels may have none.
        if rule.spoof is None or rule.spoof.gfx not in names or not context.runs(rule.spoof.gfx):
            continue
        counts = rank(context.case, rule, context.python)
        grade = Grade.SAFE if counts == MEASURED_RANK else rule.spoof.grade
        choice = Choice(context.gpu, rule, rule.spoof.gfx, rule.spoof.value, grade, counts)
        other = best.get(choice.reported)
        if other is None or (choice.rank, PREFERENCE.index(grade)) > (other.rank, PREFERENCE.index(other.grade)):
            best[choice.reported] = choice
    return min(best.values(), key=lambda choice: PREFERENCE.index(choice.grade), default=None)


def emit(case: Case, site: PythonSite, needs: Sequence[Choice], findings: Findings) -> SiteVerdict:
    """Put the overrides of one site into the findings: how they came out, and what to do where they did not.

    ``needs`` are safe or forced choices, at least one.
    """
    python = str(site.python)
    left_out = [key for key in case.request.unset if key.startswith(OVERRIDE)]
    if left_out:
        why = f"this Python needs {left_out[0]}, which you left out"
        return SiteVerdict(python, Verdict.UNUSABLE, why, needs[0].rule.id, ())
    others = [gpu for gpu in case.facts.gpus if gpu not in [choice.gpu for choice in needs]]
    values = {choice.value for choice in needs}
    if len(values) == 1 and not others and not case.facts.hidden_nodes:
        _want_override(findings, site, OVERRIDE, needs[0])
        return _as_reported(site, needs)
    rocm = site.torch.rocm if site.torch else None
    if rocm and PER_NODE.contains(rocm) and all(choice.gpu.kfd_node is not None for choice in needs):
        for choice in needs:
            _want_override(findings, site, f"{OVERRIDE}_{choice.gpu.kfd_node}", choice)
        return _as_reported(site, needs)
    return _by_consent(case, site, needs, findings)


def _want_override(findings: Findings, site: PythonSite, key: str, choice: Choice) -> None:
    findings.want(Setting(Layer.PYTHON, str(site.python), key, choice.value, choice.rule.id), choice.rank)


def _as_reported(site: PythonSite, needs: Sequence[Choice]) -> SiteVerdict:
    forced = next((choice for choice in needs if choice.grade is Grade.FORCED), None)
    choice = forced or needs[0]
    why = f"no code for {choice.gpu.gfx} inside, but for {choice.reported}: it is reported as that. {choice.rule.why}"
    return SiteVerdict(str(site.python), Verdict.EXPERIMENTAL if forced else Verdict.WORKS, why, choice.rule.id, ())


def _by_consent(case: Case, site: PythonSite, needs: Sequence[Choice], findings: Findings) -> SiteVerdict:
    """Another GPU would be spoofed along: hide it from this site, if the user agrees and the GPU has an id."""
    choice = needs[0]
    unable = _unable(case, site, needs)
    if unable is not None:
        findings.reject(f"{OVERRIDE}={choice.value}", unable, choice.rule.id, str(site.python))
        return SiteVerdict(str(site.python), Verdict.UNUSABLE, unable, choice.rule.id, _ways_out(case, choice))
    wanted = f"GPU-{choice.gpu.unique_id:016x}"
    if (VISIBLE, wanted) in case.request.set:
        _want_override(findings, site, OVERRIDE, choice)
        return _as_reported(site, needs)
    command = f"rdna-installer apply --python {shlex.quote(str(site.python))} --set {VISIBLE}={wanted}"
    summary = (
        f"{OVERRIDE}={choice.value} for {describe(choice.gpu)} alone: with this ROCm it would hit every GPU, so the "
        f"others are hidden from this torch by {VISIBLE}={wanted}, if you agree"
    )
    findings.experiments[Experiment(choice.rule.id, summary, command, str(site.python))] = None
    why = f"{choice.gpu.gfx} would work as {choice.reported}, but before ROCm 6.3 the override changes every GPU"
    agree = f"agree to hide the other GPUs from this torch: {command}"
    return SiteVerdict(str(site.python), Verdict.UNUSABLE, why, choice.rule.id, (agree, *_ways_out(case, choice)))


def _unable(case: Case, site: PythonSite, needs: Sequence[Choice]) -> str | None:
    rocm = site.torch.rocm if site.torch else None
    if rocm and PER_NODE.contains(rocm):
        return "several GPUs, and the KFD node numbers that per-node overrides need are not known here"
    if len(needs) > 1:
        return "several GPUs need an override, and before ROCm 6.3 it cannot be set per GPU"
    hit = "before ROCm 6.3 the override changes every GPU, and this one"
    return None if needs[0].gpu.unique_id else f"{hit} has no unique id by which the others could be hidden"


def _ways_out(case: Case, choice: Choice) -> tuple[str, ...]:
    ways = [f"a torch for ROCm >= 6.3, where the override can name one GPU ({choice.gpu.gfx})"]
    if any(gpu.integrated for gpu in case.facts.gpus if gpu is not choice.gpu):
        ways.append("switch the integrated GPU off in the firmware setup (BIOS)")
    return tuple(ways)


def worst(verdicts: Iterable[SiteVerdict]) -> SiteVerdict:
    """The worst, the first of equals. A site is as good as its worst GPU; --gpu decides for one."""
    return max(verdicts, key=lambda verdict: ORDER.index(verdict.verdict))


def best(verdicts: Iterable[SiteVerdict]) -> Verdict:
    """The verdict of the machine: that of its best site."""
    return min((v.verdict for v in verdicts), key=ORDER.index)


def ruling(rules: Sequence[Rule]) -> Rule | None:
    """The rule whose verdict counts: the one with the strongest evidence, the worse verdict among equals."""
    judging = [(rule.strength.rank, ORDER.index(rule.verdict), rule) for rule in rules if rule.verdict]
    return max(judging, key=lambda entry: entry[:2])[2] if judging else None


def without_torch(context: Context) -> SiteVerdict:
    """What would be, where no torch is installed."""
    gfx = context.gpu.gfx
    target = context.case.targets.targets.get(gfx)
    if target is None:
        why = f"no PyTorch found, and nothing is known about {gfx}"
        return SiteVerdict(None, Verdict.UNUSABLE, why, None, routes(context))
    why = f"no PyTorch found. AMD's support for {gfx} ({target.chip}) on Linux: {target.support}"
    route = () if target.reachable is Verdict.NATIVE else routes(context)
    return SiteVerdict(None, target.reachable, why, None, route)


def without_rocm(case: Case, site: PythonSite) -> SiteVerdict:
    """A torch built for the CPU or for CUDA, or for what cannot be told."""
    version = site.torch.version if site.torch else "unknown"
    kind = site.torch.kind if site.torch else TorchKind.UNKNOWN
    why = f"torch {version} was built {BUILT_FOR[kind]}: see one that can: rdna-installer advise"
    return SiteVerdict(str(site.python), Verdict.UNUSABLE, why, None, routes(Context(case, case.gpus[0])))


def routes(context: Context) -> tuple[str, ...]:
    """The ways out for a GPU, best first. Without a site, those for a torch without kernels."""
    from rdna_installer.plan.reroute import ways

    return tuple(_text(way, context.gpu.gfx) for way in ways(context) if way.route.symptom is None)


def _text(way: Way, gfx: str) -> str:
    route = way.route
    source = max(route.evidence, key=lambda e: e.strength.rank)
    parts = [route.says]
    if len(route.commands) == 1:
        parts.append(f": {route.commands[0]}")
    details = ["commands: rdna-installer advise"] if len(route.commands) > 1 else []
    details += [f"cost: {route.cost}"] if route.cost else []
    details += [f"risk: {route.risk}"] if route.risk else []
    details += [f"known: {way.known}"] if way.known else []
    details.append(f"evidence: {strongest(route.evidence).value}, {source.url}")
    return ("".join(parts) + f" ({'; '.join(details)})").replace("{gfx}", gfx)
