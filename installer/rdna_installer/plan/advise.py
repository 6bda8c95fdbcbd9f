"""What to do with this GPU, ranked: what is there now, the ways that would be better, those for a symptom. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from rdna_installer.amd.case import Case, Context, Measured
from rdna_installer.amd.conditions import judge, known_faults
from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.opinion import Answer
from rdna_installer.knowledge.routes import Kind, Note, Route
from rdna_installer.knowledge.rules import Rule
from rdna_installer.knowledge.targets import Target
from rdna_installer.model import Gpu, HostFacts, Layer, Policy, PythonSite, Request, SiteVerdict, Verdict
from rdna_installer.plan.conflicts import Foreign
from rdna_installer.plan.foreign import Found, judge_all
from rdna_installer.plan.gpuset import choose
from rdna_installer.plan.policy import resolve
from rdna_installer.plan.reroute import Way, faults_of, ways
from rdna_installer.plan.surroundings import surroundings
from rdna_installer.record import record, replace

GOOD = (Verdict.NATIVE, Verdict.WORKS)
LAST = (Kind.CPU.value, Kind.HARDWARE.value)
PIP = "pip install "


@record(frozen=True)
class Option:
    """One thing to do. ``symptom``: only when that is seen. ``commands`` are to be typed as they are."""

    id: str
    kind: str  # a Kind's value, or "apply", "nothing", "experiment"
    symptom: str | None
    says: str
    commands: tuple[str, ...] = ()
    cost: str | None = None
    risk: str | None = None
    evidence: tuple[Evidence, ...] = ()
    counter: tuple[Evidence, ...] = ()
    leads_to: str | None = None  # the verdict it ends with, planned for this machine
    fault: str | None = None  # what is known to be wrong at its end


@record(frozen=True)
class Advice:
    """The answer for one GPU: what is known, what is here, what to do (best first), what not to believe.

    ``others``: what is to be said of values others set here, a line each; ``system``: what is known of this
    kernel, and what kind of system decides what can be set here.
    """

    gpu: Gpu
    target: Target | None
    sites: tuple[SiteVerdict, ...]
    options: tuple[Option, ...]
    notes: tuple[Note, ...]
    others: tuple[str, ...] = ()
    system: tuple[str, ...] = ()


def advise(
    facts: HostFacts, book: Book, request: Request, measured: tuple[Measured, ...] = (), items: Sequence[Foreign] = ()
) -> tuple[Advice, ...]:
    """One answer for each kind of GPU. ``items`` are what others set here.

    Raises RdnaError (no-gpu, gpu-not-found …) as ``resolve`` does.
    """
    kinds: dict[str, Gpu] = {}
    for gpu in choose(facts, request.gpu):
        kinds.setdefault(gpu.gfx, gpu)
    return tuple(_about(Case(facts, book, request, (gpu,), (), measured), gpu, items) for gpu in kinds.values())


def _about(case: Case, gpu: Gpu, items: Sequence[Foreign]) -> Advice:
    facts, book = case.facts, case.book
    name = gpu.pci or (str(gpu.kfd_node) if gpu.kfd_node is not None else None)
    policy = resolve(facts, book, replace(case.request, gpu=name or case.request.gpu), case.measured)
    case = replace(case, ours=policy.settings)
    site = _best_site(facts, policy)
    context = Context(case, gpu, case.consumer(site) if site else None)
    rights = f"sudo -u '#{site.owner}' " if site and site.owner and not facts.user.uid else ""
    routes = [_option(way, gpu.gfx, site, rights) for way in ways(context)]
    rules = {rule.id: rule for rule in book.rules}
    native = policy.verdict is Verdict.NATIVE
    routes = [r for r in routes if not (native and r.kind in LAST)]
    found = judge_all(items, case) if items else ()
    options = [*_removals(found), *_now(policy, site, rules, faults_of(context)), *_experiments(policy, rules), *routes]
    notes = tuple(note for note in book.targets.routes.notes if judge(note.when, context).holds)
    target = book.targets.targets.get(gpu.gfx)
    others = tuple(each.line for each in found if each.judged.worth_saying)
    kernel = (text for rule in known_faults(facts, book, (gpu,)) for text in rule.said)
    system = (*kernel, *(text for _, text in surroundings(facts)))
    return Advice(gpu, target, policy.sites, tuple(sorted(options, key=_order)), notes, others, system)


def _removals(found: Iterable[Found]) -> Iterator[Option]:
    """What others set and does harm goes first: nothing else can be judged while it acts."""
    for each in found:
        item, judged = each.item, each.judged
        if judged.answer is Answer.HARMFUL:
            says = f"take {item.key}={item.value} out of {item.source}: {judged.reason}"
            yield Option(f"remove-{item.key}", "remove", None, says, evidence=judged.evidence)


def _order(option: Option) -> int:
    """Ways first, then experiments, the CPU and other hardware; what needs a symptom comes last."""
    if option.symptom is not None:
        return 3
    if option.kind in LAST:
        return 2
    return 1 if option.kind == "experiment" else 0


def _best_site(facts: HostFacts, policy: Policy) -> PythonSite | None:
    """The site the machine's verdict stands on: what would have to be bettered."""
    best = next((v.site for v in policy.sites if v.verdict is policy.verdict), None)
    return next((site for site in facts.sites if str(site.python) == best), None)


def _now(policy: Policy, site: PythonSite | None, rules: dict[str, Rule], faults: Sequence[str]) -> Iterator[Option]:
    """What can be had without installing anything: our settings, or nothing to do at all."""
    mine = [s for s in policy.settings if s.site in (None, str(site.python) if site else None)]
    if policy.verdict is Verdict.UNUSABLE:
        return
    if mine:
        pairs = ", ".join(f"{s.key}={s.value}" for s in mine)
        sudo = "sudo " if any(s.layer is not Layer.PYTHON for s in mine) else ""
        where = f" --python {shlex.quote(str(site.prefix))}" if site else ""
        says = f"keep this torch and apply the settings that fit it: {pairs}"
        if site is None:
            says = f"apply the settings that fit here: {pairs}"
        behind = [rules[s.rule] for s in mine if s.rule in rules]
        evidence = tuple(dict.fromkeys(e for rule in behind for e in rule.evidence))
        counter = tuple(dict.fromkeys(e for rule in behind for e in rule.counter))
        reboot = "a reboot" if any(s.layer is Layer.KERNEL for s in mine) else None
        command = f"{sudo}rdna-installer apply{where}"
        yield Option("apply", "apply", None, says, (command,), reboot, None, evidence, counter)
    elif site is not None and policy.verdict in GOOD:
        says = "keep this torch; it needs no setting"
        yield Option("nothing", "nothing", None, says, fault=" ".join(faults) or None)
    elif site is not None:
        says = "keep this torch, and let a probe decide before anything else is tried: it needs no setting"
        probe = f"rdna-installer probe --python {shlex.quote(str(site.prefix))}"
        yield Option("probe", "nothing", None, says, (probe,), fault=" ".join(faults) or None)


def _experiments(policy: Policy, rules: dict[str, Rule]) -> Iterator[Option]:
    """What a measurement on this machine could open."""
    for found in policy.experiments:
        rule = rules.get(found.rule)
        evidence, counter = (rule.evidence, rule.counter) if rule else ((), ())
        yield Option(found.rule, "experiment", None, found.summary, (found.command,), None, None, evidence, counter)


def _option(way: Way, gfx: str, site: PythonSite | None, rights: str) -> Option:
    route = way.route

    def fill(text: str | None) -> str | None:
        return text.replace("{gfx}", gfx) if text else None

    commands = tuple(line.replace("{gfx}", gfx) for line in route.commands)
    return Option(
        route.id,
        route.kind.value,
        route.symptom,
        route.says.replace("{gfx}", gfx),
        _exact(route, commands, gfx, site, rights),
        fill(route.cost),
        fill(route.risk),
        route.evidence,
        leads_to=way.leads_to.verdict.value if way.leads_to else None,
        fault=way.known,
    )


def _exact(route: Route, commands: tuple[str, ...], gfx: str, site: PythonSite | None, rights: str) -> tuple[str, ...]:
    """pip into the site itself for an upgrade, else into a new venv: beside another torch it would change nothing.
    ``rights``: before what a user could have put there: root is not to run it as root."""
    if not commands or not commands[0].startswith(PIP):
        return commands
    if commands[0].startswith(f"{PIP}--upgrade ") and site is not None:
        python, where = shlex.quote(str(site.python)), shlex.quote(str(site.prefix))
        return (f"{rights}{python} -m {commands[0]}", *commands[1:], f"rdna-installer apply --python {where}")
    if route.kind is Kind.CPU:
        return ("python3 -m venv ~/torch-cpu", f"~/torch-cpu/bin/{commands[0]}", *commands[1:])
    venv = f"~/torch-{gfx}"
    apply = f"rdna-installer apply --python {venv}"
    return (f"python3 -m venv {venv}", f"{venv}/bin/{commands[0]}", *commands[1:], apply)
