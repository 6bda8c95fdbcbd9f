"""Decide for one torch site: its verdict, its settings, what is refused and what must be measured first."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from rdna_installer.amd.conditions import judge_rule
from rdna_installer.amd.gpu import describe
from rdna_installer.amd.kernels import Kernels, kernels_of
from rdna_installer.gfx import OVERRIDE
from rdna_installer.knowledge.rules import Grade, Rule
from rdna_installer.model import Gpu, Layer, PythonSite, SiteVerdict, Verdict
from rdna_installer.plan.scene import Findings, Scene, Standing
from rdna_installer.plan.spoof import Choice, choose_spoof, emit
from rdna_installer.plan.verdicts import routes, ruling, worst
from rdna_installer.record import record

ONLY_SITE = frozenset({Layer.PYTHON})


def about_sites(rule: Rule) -> bool:
    """Whether a rule speaks about torch sites, not (only) about the machine."""
    if rule.when.about_torch or rule.when.rocm is not None or rule.spoof or rule.verdict:
        return True
    return any(wanted.layer is Layer.PYTHON for wanted in rule.settings)


@record(frozen=True)
class _Place:
    """One GPU seen from one torch site."""

    scene: Scene
    gpu: Gpu
    site: PythonSite
    kernels: Kernels
    findings: Findings

    @property
    def python(self) -> str:
        """The site's name in settings and verdicts."""
        return str(self.site.python)

    @property
    def native(self) -> bool | None:
        """Whether the site has kernels for the GPU itself."""
        return self.kernels.run_on(self.gpu.gfx, self.scene.targets)

    def verdict(self, verdict: Verdict, why: str, rule: str | None) -> SiteVerdict:
        """A verdict, with the ways out where it needs them."""
        good = verdict in (Verdict.NATIVE, Verdict.WORKS)
        ways = () if good else routes(self.scene, self.gpu, self.site, self.kernels)
        return SiteVerdict(self.python, verdict, why, rule, ways)


def decide_site(scene: Scene, site: PythonSite, findings: Findings) -> SiteVerdict:
    """The verdict for a site whose torch is a ROCm build; everything else goes into the findings."""
    kernels = kernels_of(site, scene.facts, scene.targets)
    verdicts: list[tuple[Gpu, SiteVerdict]] = []
    spoofed: list[Choice] = []
    for gpu in scene.gpus:
        place = _Place(scene, gpu, site, kernels, findings)
        rules = _applying(place)
        rule = ruling(rules)
        if rule is not None and rule.verdict is not None:
            verdicts.append((gpu, place.verdict(rule.verdict, f"{describe(gpu)}: {rule.why}", rule.id)))
        if rule is not None and place.native:
            continue
        choice = None if place.native is not False else choose_spoof(scene, gpu, rules, kernels, place.python)
        if choice is not None and choice.grade in (Grade.SAFE, Grade.FORCED):
            spoofed.append(choice)
        else:
            verdicts.append((gpu, _as_it_is(place, choice)))
    if spoofed:
        verdicts.append((spoofed[0].gpu, _reported(scene, site, spoofed, findings)))
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
    return dataclasses.replace(decided, route=(way, *decided.route))


def _applying(place: _Place) -> list[Rule]:
    """The rules that hold for a GPU in a site and may act; their settings go into the findings."""
    scene, findings, python = place.scene, place.findings, place.python
    applying = []
    for rule in scene.rules:
        judged = judge_rule(rule, scene.context(place.gpu, place.site, place.kernels))
        if judged.holds is None:
            findings.unknown(rule, judged, python, ONLY_SITE)
        if not judged.holds or not about_sites(rule):
            continue
        standing = scene.standing(rule, python)
        if standing is Standing.APPLIES:
            applying.append(rule)
            _take(place, rule)
        else:
            _hold_back(place, rule, standing)
    return applying


def _take(place: _Place, rule: Rule) -> None:
    place.findings.want_rule(place.scene, rule, Layer.PYTHON, place.python)
    place.findings.say(rule)


def _hold_back(place: _Place, rule: Rule, standing: Standing) -> None:
    if standing is Standing.TO_MEASURE:
        place.findings.propose(rule, place.python)
        return
    reason = "measured on this machine, and it did not pass" if standing is Standing.FAILED else "refuted"
    keys = ", ".join(wanted.key for wanted in rule.settings) or rule.id
    place.findings.reject(keys, reason, rule.id, place.python)


def _as_it_is(place: _Place, choice: Choice | None) -> SiteVerdict:
    """The verdict for a GPU that is not reported as another one; ``choice`` is what was not done."""
    gfx = place.gpu.gfx
    source = place.kernels.said_of(gfx, place.scene.targets)
    if place.native is True:
        return place.verdict(Verdict.NATIVE, f"kernels for {gfx} are inside ({source})", None)
    if place.native is None:
        why = f"cannot tell whether this torch has kernels for {gfx}: {source}"
        return place.verdict(Verdict.EXPERIMENTAL, why, None)
    why = f"no kernels for {gfx} are inside ({source})"
    if choice is None:
        return place.verdict(Verdict.UNUSABLE, why, None)
    override = f"{OVERRIDE}={choice.value}"
    if choice.grade is Grade.RISKY:
        place.findings.propose(choice.rule, place.python, f"{override}: {choice.rule.why}")
    else:
        place.findings.reject(override, choice.rule.why, choice.rule.id, place.python)
    why += f", and it is not reported as {choice.reported}: {choice.rule.why}"
    return place.verdict(Verdict.UNUSABLE, why, choice.rule.id)


def _reported(scene: Scene, site: PythonSite, spoofed: Sequence[Choice], findings: Findings) -> SiteVerdict:
    """The verdict for the GPUs reported as others, after their overrides were put into the findings."""
    outcome = emit(scene, site, spoofed, findings)
    ways = outcome.route
    if outcome.verdict is Verdict.UNUSABLE:
        ways += routes(scene, spoofed[0].gpu, site, kernels_of(site, scene.facts, scene.targets))
    return SiteVerdict(str(site.python), outcome.verdict, outcome.why, outcome.rule, ways)
