"""Verdicts with their reasons, and the routes that would work where nothing runs now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rdna_installer.amd.case import Case, Context
from rdna_installer.knowledge.evidence import strongest
from rdna_installer.knowledge.rules import Rule
from rdna_installer.model import PythonSite, SiteVerdict, TorchKind, Verdict

if TYPE_CHECKING:
    from rdna_installer.plan.reroute import Way

ORDER = tuple(Verdict)  # best first
BUILT_FOR = {
    TorchKind.CUDA: "for NVIDIA GPUs (CUDA); it cannot use an AMD GPU",
    TorchKind.CPU: "for the CPU alone; it cannot use an AMD GPU",
    TorchKind.XPU: "for Intel GPUs (XPU); it cannot use an AMD GPU",
    TorchKind.UNKNOWN: "without ROCm, as far as its files say; it cannot use an AMD GPU",
}


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
    why = f"no PyTorch found. AMD's support of {gfx} ({target.chip}) on Linux: {target.support}"
    route = () if target.reachable is Verdict.NATIVE else routes(context)
    return SiteVerdict(None, target.reachable, why, None, route)


def without_rocm(case: Case, site: PythonSite) -> SiteVerdict:
    """A torch built for the CPU or for CUDA, or for what cannot be told."""
    version = site.torch.version if site.torch else "unknown"
    kind = site.torch.kind if site.torch else TorchKind.UNKNOWN
    why = f"torch {version} was built {BUILT_FOR[kind]}: `rdna-installer advise` names one that can"
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
