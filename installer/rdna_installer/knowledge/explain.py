"""``explain KEY``: what is known about a variable, parameter, rule, profile or target, and what contradicts it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.knowledge.catalogue import Emit, Entry
from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.fields import closest
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.opinion import ANY, Opinion
from rdna_installer.knowledge.rules import Profile, Rule
from rdna_installer.knowledge.targets import Target
from rdna_installer.knowledge.when import When
from rdna_installer.parameter import canonical
from rdna_installer.record import record

if TYPE_CHECKING:
    from rdna_installer.knowledge.routes import Note, Route
    from rdna_installer.knowledge.solvers import Solvers


@record(frozen=True)
class Explanation:
    """One answer. ``facts`` are (label, text) lines; ``related`` are keys to explain next."""

    kind: str  # "variable", "parameter", "rule", "profile", "target", "library"
    key: str
    summary: str
    facts: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...]
    counter: tuple[Evidence, ...]
    related: tuple[str, ...]


@record(frozen=True)
class KeyGroup:
    """All keys of one kind with their summaries."""

    name: str
    title: str
    entries: tuple[tuple[str, str], ...]


def groups(book: Book) -> tuple[KeyGroup, ...]:
    """Everything that can be explained, by kind."""
    targets = ((gfx, ", ".join(t.products) or t.chip) for gfx, t in book.targets.targets.items())
    profiles = ((name, book.profile(name).summary) for name in book.profile_names)
    rules = ((rule.id, rule.why) for rule in _all_rules(book) if rule.id not in book.profile_names)
    routes = book.targets.routes
    claims = ((note.id, note.says) for note in (*routes.notes, *routes.failed))
    return (
        KeyGroup("targets", "GPUs", tuple(targets)),
        KeyGroup("profiles", "Profiles (--profile NAME)", tuple(profiles)),
        KeyGroup("rules", "Rules", tuple(rules)),
        KeyGroup("claims", "Claims and attempts that failed", tuple(claims)),
        KeyGroup("variables", "Environment variables", tuple((e.key, e.summary) for e in book.env.values())),
        KeyGroup("parameters", "Kernel parameters", tuple((e.key, e.summary) for e in book.kernel.values())),
    )


def explain(book: Book, key: str, gfx: str | None = None) -> Explanation:
    """What is known about ``key``, of a switch of MIOpen on ``gfx`` alone.

    Raises RdnaError("unknown-key") with the closest known one.
    """
    name = key.strip()
    if name in book.targets.targets:
        return _target(book, book.targets.targets[name])
    if name in book.profile_names:
        return _profile(book.profile(name), gfx)
    rules = {rule.id: rule for rule in _all_rules(book)}
    if name in rules:
        return _rule(rules[name])
    entry = book.entry(canonical(name) if name == name.lower() else name)
    if entry is not None:
        return _entry(entry, rules.values(), gfx)
    routes = book.targets.routes
    claims: dict[str, Note | Route] = {note.id: note for note in (*routes.failed, *routes.notes)}
    claims |= {route.id: route for route in routes.everywhere}
    if name in claims:
        return _claim(book, claims[name])
    product = next((t for t in book.targets.targets.values() if _plain(name) in map(_plain, t.products)), None)
    if product is not None:
        return _target(book, product)
    spoken = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    about = [c.id for c in claims.values() if spoken.search(f"{getattr(c, 'symptom', '')} {c.says}")]
    near = f"it is spoken of in: rdna-installer explain {about[0]}" if about and len(name) > 2 else None
    hint = near or closest(name, known_keys(book)) or "see what there is: rdna-installer explain"
    raise RdnaError("unknown-key", f"unknown name {name!r}", hint=hint, exit_code=Exit.USAGE)


def _plain(name: str) -> str:
    return re.sub(r"\bradeon\b|\bamd\b|\s", "", name.lower())


def _claim(book: Book, claim: Note | Route) -> Explanation:
    routes = book.targets.routes
    answer = "failed" if claim in routes.failed else "not so" if claim in routes.notes else None
    more = [("where", getattr(claim, "symptom", None)), *(("do", line) for line in getattr(claim, "commands", ()))]
    facts = _facts(("about", "; ".join(_when(claim.when)) or None), ("answer", answer), *more)
    return Explanation("claim", claim.id, claim.says, facts, claim.evidence, (), ())


def known_keys(book: Book) -> tuple[str, ...]:
    """Everything that can be explained: targets, profiles, rules, variables, parameters."""
    return tuple(key for group in groups(book) for key, _ in group.entries)


def _all_rules(book: Book) -> list[Rule]:
    return [*book.rules, *(rule for name in book.profile_names for rule in book.profile(name).rules)]


def _facts(*pairs: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    return tuple((label, text) for label, text in pairs if text)


def explain_miopen(gfx: str | None, shape: str | None = None) -> Explanation:
    """What MIOpen chooses from. Raises RdnaError("unknown-key") for a target or shape it was not asked about."""
    if shape is not None:
        return _of_shape(gfx, shape)
    more = "" if gfx else "; with --gfx NAME by type and pass"
    says = f"the solvers it chooses from for a convolution{f' on {gfx}' if gfx else ''}, when no switch is set{more}"
    return Explanation("library", "MIOPEN", says, tuple(_solvers(gfx).choice(gfx)), (), (), ())


def _of_shape(gfx: str | None, shape: str) -> Explanation:
    known = _solvers(gfx)
    if gfx is None:
        hint = f"rdna-installer explain MIOPEN --shape {shape} --gfx gfx1010"
        raise RdnaError("which-gfx", "--shape is about one target: name it too", hint=hint, exit_code=Exit.USAGE)
    if shape not in known.shapes:
        hint = closest(shape, known.shapes) or f"name one of {', '.join(known.shapes)}"
        raise RdnaError("unknown-key", f"nobody asked MIOpen about {shape!r}", hint=hint, exit_code=Exit.USAGE)
    says = f"the solvers it chooses from on {gfx} for {known.shapes[shape]}, when no switch is set"
    return Explanation("library", "MIOPEN", says, tuple(known.of_shape(gfx, shape)), (), (), ())


def _solvers(gfx: str | None) -> Solvers:
    from rdna_installer.knowledge.solvers import table

    known = table()
    if gfx is not None and gfx not in known.offers:
        hint = closest(gfx, known.offers) or "those it was asked about: rdna-installer explain MIOPEN"
        raise RdnaError("unknown-key", f"nobody asked MIOpen about {gfx!r}", hint=hint, exit_code=Exit.USAGE)
    return known


def _entry(entry: Entry, rules: Iterable[Rule], gfx: str | None) -> Explanation:
    users = tuple(rule.id for rule in rules if any(wanted.key == entry.key for wanted in rule.settings))
    emit, reason = {
        Emit.RULE: ("by rules and --set", "note"),
        Emit.ASK: ("only by --set", "why not by default"),
        Emit.NEVER: ("never", "why never"),
    }[entry.emit]
    never = entry.emit is Emit.NEVER
    unread = (entry.since or "").startswith("no ")  # of no release: nothing reads it, whatever is said of it
    facts = _facts(
        ("read by", None if unread else entry.component),
        ("valid", None if never else entry.values.described),
        ("layer", entry.layer.value),
        ("set", emit),
        (reason, entry.reason),
        ("a bad value", None if never else entry.consequence),
        ("in" if unread else "since", entry.since),
        ("gone in", entry.until),
        ("read when", None if unread else entry.read),
        ("taints the kernel from", entry.taints),
        ("read for", entry.gfx),
        ("also as", entry.family),
        *(("judged", _judged(opinion)) for opinion in entry.judged),
        *(_solvers(gfx).about(entry.key, gfx) if entry.key.startswith("MIOPEN_DEBUG_") else ()),
    )
    kind = "parameter" if entry.component.startswith("Linux") else "variable"
    return Explanation(kind, entry.key, entry.summary, facts, entry.evidence, (), users)


def _judged(opinion: Opinion) -> str:
    values = ", ".join(sorted(opinion.words)) or opinion.pattern or f"{opinion.low} to {opinion.high or 'any'}"
    where = "; ".join(_when(opinion.when))
    shown = "any value" if values == ANY else values
    return f"{shown}: {opinion.answer.value}{f' for {where}' if where else ''}. {opinion.says}"


def _rule(rule: Rule) -> Explanation:
    settings = ", ".join(f"{wanted.key}={wanted.value}" for wanted in rule.settings)
    until = ", ".join(f"{component} {bound.text}" for component, bound in rule.until.items())
    facts = _facts(
        ("holds for", "; ".join(_when(rule.when)) or "every machine"),
        ("sets", settings),
        ("reports the GPU as", f"{rule.spoof.gfx} ({rule.spoof.grade.value})" if rule.spoof else None),
        ("verdict", rule.verdict.value if rule.verdict else None),
        ("strength", rule.strength.value),
        ("dropped from", until),
        ("experiment", rule.experiment.summary if rule.experiment else None),
        ("profile", rule.profile),
        ("stands in", rule.where),
        *(("warning", text) for text in rule.warn),
        *((f"not {key}", reason) for key, reason in rule.reject),
    )
    related = tuple(wanted.key for wanted in rule.settings)
    return Explanation("rule", rule.id, rule.why, facts, rule.evidence, rule.counter, related)


def _when(when: When) -> Iterable[str]:
    if when.gfx:
        yield " ".join(sorted(when.gfx, key=lambda gfx: (len(gfx), gfx)))
    for label, wanted in (("ROCm", when.rocm), ("torch", when.torch), ("Linux", when.kernel), ("GiB", when.ram_gib)):
        if wanted is not None:
            yield f"{label} {wanted.text}"
    if when.has_kernels is not None:
        yield f"a torch with{'' if when.has_kernels else 'out'} kernels for it"
    if when.origin:
        yield "torch from " + " or ".join(sorted(origin.value for origin in when.origin))
    if when.use is not None:
        yield when.use.value
    beside = ("an integrated GPU beside", when.igpu_beside)
    for label, flag in (("integrated", when.integrated), beside, ("several GPUs", when.several_gpus)):
        if flag is not None:
            yield label if flag else f"not {label}"
    yield from _features(when)


def _features(when: When) -> Iterable[str]:
    for label, names in (
        ("the KFD shows", when.kfd),
        ("the KFD does not show", when.no_kfd),
        ("the kernel has", when.parameter),
        ("the installed library reads", when.reads),
    ):
        if names:
            yield f"{label} {', '.join(names)}"
    if when.mes is not None:
        yield f"MES {when.mes.text}"


def _profile(profile: Profile, gfx: str | None) -> Explanation:
    settings = [f"{wanted.key}={wanted.value}" for rule in profile.rules for wanted in rule.settings]
    refused = [pair for rule in profile.rules for pair in rule.reject]
    facts = _facts(
        ("source", profile.source),
        ("sets", ", ".join(settings) or "what the rules say"),
        *(("leaves", text) for text in _leaves(settings, gfx)),
        *(("warning", text) for text in profile.warnings),
        *((f"not {key}", reason) for key, reason in refused),
    )
    evidence = tuple(e for rule in profile.rules for e in rule.evidence)
    counter = tuple(e for rule in profile.rules for e in rule.counter)
    related = tuple(rule.id for rule in profile.rules)
    return Explanation("profile", profile.id, profile.summary, facts, evidence, counter, related)


def _leaves(settings: Sequence[str], gfx: str | None) -> Iterable[str]:
    """What MIOpen has left under all of these, where that is hardly anything."""
    if any(setting.startswith("MIOPEN_DEBUG_") for setting in settings):
        known = _solvers(gfx)
        yield from known.together(settings, known.offers if gfx is None else [gfx])


def _target(book: Book, target: Target) -> Explanation:
    rules = [rule for rule in _all_rules(book) if target.gfx in rule.when.gfx]
    spoofs = [rule for rule in rules if rule.spoof and not rule.profile]
    family = book.targets.routes.families.get(target.family.name, ())
    routes = [route for route in family if not route.when.gfx or target.gfx in route.when.gfx]
    fitting = (w for w in book.targets.wheels if target.gfx in w.gfx)
    wheels = [f"torch {w.torch.text}" + (f" for ROCm {w.rocm.text}" if w.rocm else "") for w in fitting]
    facts = _facts(
        ("products", ", ".join(target.products)),
        ("family", target.family.summary),
        ("official Linux support", target.support),
        ("with the best known software", target.reachable.value),
        ("pytorch.org wheels with its kernels", "; ".join(wheels) or "none"),
        ("also runs kernels named", ", ".join(target.runs)),
        *((f"reported as {r.spoof.gfx}", f"{r.spoof.grade.value}. {r.why}") for r in spoofs if r.spoof),
        *(("route", r.says.replace("{gfx}", target.gfx)) for r in routes),
    )
    related = tuple(rule.id for rule in rules)
    return Explanation("target", target.gfx, target.chip, facts, target.evidence, (), related)
