"""Decide for one torch site: its verdict, its settings, what is refused and what must be measured first."""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.amd.case import Case, Context
from rdna_installer.amd.conditions import judge_rule
from rdna_installer.amd.gpu import describe
from rdna_installer.gfx import OVERRIDE
from rdna_installer.knowledge.rules import Grade, Rule
from rdna_installer.model import Gpu, Layer, PythonSite, SiteVerdict, Verdict
from rdna_installer.plan.findings import Findings, Standing, standing
from rdna_installer.plan.spoof import Choice, choose_spoof, emit
from rdna_installer.plan.verdicts import routes, ruling, worst
from rdna_installer.record import replace

ONLY_SITE = frozenset({Layer.PYTHON})


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
            why = f"{describe(gpu)}: {rule.why}"
            verdicts.append((gpu, _verdict(context, findings, rule.verdict, why, rule.id)))
        if rule is not None and context.has_kernels:
            continue
        choice = None if context.has_kernels is not False else choose_spoof(context, rules)
        if choice is not None and choice.grade in (Grade.SAFE, Grade.FORCED):
            spoofed.append(choice)
        else:
            verdicts.append((gpu, _as_it_is(context, findings, choice)))
    if spoofed:
        verdicts.append((spoofed[0].gpu, _reported(case, site, spoofed, findings)))
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
        else:
            _hold_back(findings, rule, stands, python)
    return applying


def _hold_back(findings: Findings, rule: Rule, stands: Standing, python: str | None) -> None:
    if stands is Standing.TO_MEASURE:
        findings.propose(rule, python)
        return
    reason = "measured on this machine, and it did not pass" if stands is Standing.FAILED else "refuted"
    keys = ", ".join(wanted.key for wanted in rule.settings) or rule.id
    findings.reject(keys, reason, rule.id, python)


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


def _reported(case: Case, site: PythonSite, spoofed: Sequence[Choice], findings: Findings) -> SiteVerdict:
    """The verdict for the GPUs reported as others, after their overrides were put into the findings."""
    outcome = emit(case, site, spoofed, findings)
    ways = outcome.route
    if outcome.verdict is Verdict.UNUSABLE:
        ways += routes(Context(case, spoofed[0].gpu, case.consumer(site))) if findings.routed else ()
    return SiteVerdict(str(site.python), outcome.verdict, outcome.why, outcome.rule, ways)
