"""Facts + rules + wishes -> policy: what to set, why, what not, and what to expect. Pure.

Precedence: measured here, then --set and --unset, then the profile, then rules by the strength of their evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rdna_installer.amd.case import ASKED, Case, Context, Measured, describe
from rdna_installer.amd.conditions import Judgement, judge_rule
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.rules import Profile, Rule
from rdna_installer.knowledge.targets import Horizon
from rdna_installer.model import Gpu, HostFacts, Layer, Policy, Request, Setting, SiteVerdict, Verdict
from rdna_installer.plan.findings import MEASURED_RANK, Findings, Standing, standing
from rdna_installer.plan.gpuset import beside, choose
from rdna_installer.plan.site import about_sites, best, decide_site, without_rocm, without_torch, worst

MACHINE = frozenset({Layer.KERNEL, Layer.ENV})
RECOMMENDED = "recommended"
MIOPEN = "MIOPEN_"
SWITCH = "MIOPEN_DEBUG_"
NO_CURE = "what you asked for by name is set, but it makes nothing run here that does not run without it"
RELEASE = r"([0-9]{1,3})\.([0-9]{1,3})"


def resolve(facts: HostFacts, book: Book, request: Request, measured: tuple[Measured, ...] = ()) -> Policy:
    """Decide. Raises RdnaError (no-gpu, gpu-not-found, unknown-profile, refused or unknown --set …)."""
    gpus = choose(facts, request.gpu)
    profile = book.profile(request.profile)
    case = Case(facts, book, request, gpus, measured=measured)
    findings = Findings()
    findings.warnings.update(dict.fromkeys(profile.warnings))
    _wish(case, findings)
    _decide_machine(case, findings)
    sites = _decide_sites(case, findings)
    _answer_profile(case, profile, findings)
    findings.warnings.update(dict.fromkeys(newer(facts, book.targets.horizon)))
    settings = _read_ones(case, _settle(case, findings))
    if own := {rule.id for rule in book.rules if rule.where.startswith("/")}:
        from rdna_installer.plan.userset import said_of_own

        said_of_own(case, own, settings, findings)
    if request.gpu is None:
        findings.warnings.update(dict.fromkeys(beside(case, settings)))
    if any(s.key.startswith(SWITCH) and (s.rule in ASKED or profile.id != RECOMMENDED) for s in settings):
        from rdna_installer.plan.solvers import said_of_switches

        findings.warnings.update(dict.fromkeys(said_of_switches(case, settings)))
    asked = _asked(case, profile, settings)
    if asked and best(sites) is Verdict.UNUSABLE:
        findings.warnings[NO_CURE] = None
    return Policy(
        profile=request.profile,
        verdict=best(sites),
        gpus=gpus,
        sites=tuple(sites),
        settings=tuple(settings),
        rejected=tuple(findings.rejected),
        experiments=tuple(e for e in findings.experiments if not e.command.endswith(f"--profile {profile.id}")),
        warnings=tuple(findings.warnings),
        asked=asked,
        reasons=tuple((rule.id, rule.why) for rule in case.rules if rule.id in {s.rule for s in settings}),
    )


def _wish(case: Case, findings: Findings) -> None:
    if case.request.set or case.request.unset or case.request.conv is not None:
        from rdna_installer.plan.userset import wishes  # needs the catalogues, which most plans do not

        wishes(case, findings)
    if case.request.gtt_gib is not None:
        from rdna_installer.plan.userset import wish_gtt

        wish_gtt(case, case.request.gtt_gib, findings)


def _decide_sites(case: Case, findings: Findings) -> list[SiteVerdict]:
    sites = [site for site in case.facts.sites if site.torch is not None]
    if not sites:
        return [worst(without_torch(Context(case, gpu)) for gpu in case.gpus)]
    decided = []
    for site in sites:
        rocm = site.torch is not None and site.torch.for_rocm
        decided.append(decide_site(case, site, findings) if rocm else without_rocm(case, site))
    return decided


def _decide_machine(case: Case, findings: Findings) -> None:
    """The kernel and env layers: only what holds for every AMD GPU of the machine, since every one gets it."""
    for rule in case.rules:
        judged = {gpu: judge_rule(rule, Context(case, gpu)) for gpu in case.facts.gpus}
        answers = [judged[gpu].holds for gpu in case.gpus]
        if True not in answers:
            for gpu in case.gpus:
                if judged[gpu].holds is None:
                    findings.unknown(rule, judged[gpu], None, MACHINE)
            continue
        if not about_sites(rule) or any(wanted.layer in MACHINE for wanted in rule.settings):
            _say_or_propose(case, rule, findings)
        _want_machine(case, rule, judged, findings)


def _say_or_propose(case: Case, rule: Rule, findings: Findings) -> None:
    stands = standing(case, rule, None)
    if stands is Standing.APPLIES:
        findings.say(rule)
    elif stands is Standing.TO_MEASURE:
        findings.propose(rule, None)
    else:
        findings.reject(rule.id, f"{stands.value}: {rule.why}", rule.id)


def _want_machine(case: Case, rule: Rule, judged: dict[Gpu, Judgement], findings: Findings) -> None:
    if standing(case, rule, None) is not Standing.APPLIES:
        return
    others = [gpu for gpu, answer in judged.items() if answer.holds is not True]
    if not others:
        for layer in (Layer.KERNEL, Layer.ENV):
            findings.want_rule(case, rule, layer)
        return
    for wanted in rule.settings:
        if wanted.layer in MACHINE and wanted.layer in case.request.layers:
            reason = f"it would also change {describe(others[0])}, for which it is not meant"
            findings.reject(f"{wanted.key}={wanted.value}", reason, rule.id)


def _answer_profile(case: Case, profile: Profile, findings: Findings) -> None:
    """Says what of a chosen profile found no place, so that nothing of it vanishes silently."""
    fitting = [rule for rule in profile.rules if _fits(case, rule)]
    if profile.rules and not fitting:
        targets = ", ".join(dict.fromkeys(gpu.gfx for gpu in case.gpus))
        findings.warnings[f"profile {profile.id} has nothing for {targets}"] = None
    if any(site.torch and site.torch.for_rocm for site in case.facts.sites):
        return
    for rule in fitting:
        for wanted in rule.settings:
            if wanted.layer is Layer.PYTHON and Layer.PYTHON in case.request.layers:
                reason = "no PyTorch for ROCm was found; name one with --python"
                findings.reject(f"{wanted.key}={wanted.value}", reason, rule.id)


def _fits(case: Case, rule: Rule) -> bool:
    return any(not rule.when.gfx or gpu.gfx in rule.when.gfx for gpu in case.gpus)


def _settle(case: Case, findings: Findings) -> list[Setting]:
    """One value for each place: the highest rank wins, the first of equals; losers are said."""
    chosen: dict[tuple[Layer, str | None, str], tuple[Setting, int]] = {}
    for setting, rank in findings.candidates:
        if setting.layer not in case.request.layers:
            continue
        place = (setting.layer, setting.site, setting.key)
        present = chosen.get(place)
        if present is None:
            chosen[place] = (setting, rank)
            continue
        winner, loser = (setting, present[0]) if rank > present[1] else (present[0], setting)
        chosen[place] = (winner, max(rank, present[1]))
        if winner.value != loser.value:
            reason = f"{winner.rule} sets {winner.value} and outranks {loser.rule}"
            findings.reject(f"{loser.key}={loser.value}", reason, loser.rule, loser.site)
    measured = [setting for setting, rank in chosen.values() if rank == MEASURED_RANK]
    free = [setting for setting, rank in chosen.values() if rank != MEASURED_RANK]
    if case.request.unset:
        from rdna_installer.plan.userset import leave_out

        free, gone = leave_out(case, free)
        findings.rejected.update(dict.fromkeys(gone))
    return _ordered(case, [*measured, *free])


def _read_ones(case: Case, settings: Sequence[Setting]) -> list[Setting]:
    """Without the switches of rules that the MIOpen of a site does not read: a rule names a renamed one by both names.

    What was asked for by name stays, and is said to be unread.
    """
    switches = [s for s in settings if s.site and s.key.startswith(MIOPEN) and s.rule not in ASKED]
    if not switches:
        return list(settings)
    from rdna_installer.amd.judge import unread_by  # with the catalogue, which most plans do not need

    programs = {consumer.python: consumer for consumer in case.consumers}
    unread = {s for s in switches if unread_by(case.book.env[s.key], s.key, programs[s.site or ""]) is not None}
    return [setting for setting in settings if setting not in unread]


def _ordered(case: Case, settings: Sequence[Setting]) -> list[Setting]:
    """By layer and site; rules keep the order of their file, and what was asked for comes last."""
    layers = tuple(Layer)
    sites = [None, *(str(site.python) for site in case.facts.sites)]
    return sorted(settings, key=lambda s: (layers.index(s.layer), sites.index(s.site), s.rule in ("--set", "--conv")))


def _asked(case: Case, profile: Profile, settings: Sequence[Setting]) -> bool:
    """Whether what is set was asked for by name: then it is done, though it makes nothing run that does not."""
    if case.request.set or case.request.gtt_gib is not None:
        return True
    return profile.id != RECOMMENDED and any(_fits(case, rule) for rule in profile.rules) and bool(settings)


def newer(facts: HostFacts, horizon: Horizon) -> Iterator[str]:
    """A note for each newer ROCm, torch or kernel."""
    found: list[tuple[str, str | None, str, str | None]] = [("Linux", facts.running_kernel, horizon.kernel, None)]
    for site in facts.sites:
        if site.torch is not None and site.torch.rocm is not None:
            found.append(("ROCm", site.torch.rocm, horizon.rocm, str(site.python)))
            found.append(("torch", site.torch.version, horizon.torch, str(site.python)))
    for name, version, newest, where in found:
        if version is not None and _release(version) > _release(newest):
            place = f" of {where}" if where else ""
            yield (
                f"{name} {version}{place} is newer than this program's knowledge, which is of {horizon.date} and ends "
                f"at {name} {newest}: what rules say of it was not checked"
            )


def _release(version: str) -> tuple[int, ...]:
    match = re.match(RELEASE, version)
    return (int(match[1]), int(match[2])) if match else ()
