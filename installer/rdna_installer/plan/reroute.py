"""The ways out, each planned for before it is shown: where it leads, and which known fault waits there. Pure.

A way that ends where nothing runs, or no better than now, is never the first of them.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from rdna_installer.amd.case import Case, Consumer, Context
from rdna_installer.amd.conditions import judge, judge_rule
from rdna_installer.amd.kernels import Kernels
from rdna_installer.knowledge.routes import Gives, Kind, Route
from rdna_installer.model import Gpu, PythonSite, SiteVerdict, Torch, Verdict
from rdna_installer.plan.findings import Findings, Standing, standing
from rdna_installer.record import record, replace

ORDER = tuple(Verdict)  # best first
LAST = (Kind.CPU, Kind.HARDWARE)
NO_TORCH = Consumer(Kernels(frozenset(), "no torch"))


@record(frozen=True)
class Way:
    """A route as it would turn out here. ``leads_to`` None: nobody can plan for it (a build, other hardware)."""

    route: Route
    leads_to: SiteVerdict | None
    faults: tuple[str, ...]

    @property
    def known(self) -> str | None:
        """What is known to be wrong at its end, in one line."""
        ends = self.leads_to
        dead = [f"ends unusable here: {ends.why}"] if ends and ends.verdict is Verdict.UNUSABLE else []
        return " ".join([*dead, *self.faults]) or None


def ways(context: Context) -> tuple[Way, ...]:
    """The routes that fit a GPU and a site, best first, those that need a symptom included."""
    case, gpu = context.case, context.gpu
    seen = context if context.consumer else replace(context, consumer=NO_TORCH)
    fitting = [r for r in case.targets.routes_of(gpu.gfx) if judge(r.when, seen).holds is not False]
    now = _decide(case, gpu, context.site).verdict if context.site is not None and context.site.torch else None
    planned = [_planned(context, route) for route in fitting]
    return tuple(sorted(planned, key=lambda way: _rank(way, now)))


def _rank(way: Way, now: Verdict | None) -> int:
    """0 better than now (or not to be planned for), 1 with a known fault, 2 no better, 3 unusable, 4 other things."""
    if way.route.kind in LAST:
        return 4
    if way.leads_to is None:
        return 0
    if way.leads_to.verdict is Verdict.UNUSABLE:
        return 3
    if now is not None and ORDER.index(way.leads_to.verdict) >= ORDER.index(now):
        return 2
    return 1 if way.faults else 0


def _planned(context: Context, route: Route) -> Way:
    if route.gives is None:
        return Way(route, None, ())
    case, gpu = context.case, context.gpu
    then = _site(context.site, route.gives, gpu.gfx)
    request = replace(case.request, use=route.gives.use or case.request.use, set=(), conv=None)
    facts = replace(case.facts, sites=(then,))
    there = replace(case, request=request, facts=facts, measured=())
    before = faults_of(context)
    faults = tuple(text for text in faults_of(Context(there, gpu, there.consumer(then))) if text not in before)
    return Way(route, _decide(there, gpu, then), faults)


def _site(site: PythonSite | None, gives: Gives, gfx: str) -> PythonSite:
    """The program the route ends with, in the place of the one that is here or in a new one."""
    names = tuple(name.replace("{gfx}", gfx) for name in gives.kernels)
    torch = Torch(gives.torch, gives.rocm, names, gives.origin)
    if site is not None:
        return replace(site, torch=torch)
    place = PurePosixPath(f"/torch-{gfx}")
    return PythonSite(place / "bin/python", place, place / "lib", "3.12", 0, 0, torch)


def _decide(case: Case, gpu: Gpu, site: PythonSite) -> SiteVerdict:
    from rdna_installer.plan.site import decide_site  # which asks for routes itself

    return decide_site(replace(case, gpus=(gpu,)), site, Findings(routed=False))


def faults_of(context: Context) -> tuple[str, ...]:
    """Known faults of a program here or there: what rules only warn of. Those that set something cure theirs."""
    case, found = context.case, list[str]()
    for rule in case.rules if context.site is not None else ():
        if rule.settings or not rule.warn or standing(case, rule, None) is not Standing.APPLIES:
            continue
        if rule.when.rocm is None and rule.when.torch is None:
            continue  # about the machine, which stays as it is
        if judge_rule(rule, context).holds:
            found += rule.warn
    return tuple(found)
