"""What of the facts may be shared. Everything is offered in its plain form, and the schema takes what fits it. Pure.

Nothing is hidden by a pattern: a text that is no word of ours has no field. What is only counted, rounded or classed is
made so here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rdna_installer import codec
from rdna_installer.change.boot_counting import BootResult
from rdna_installer.detect.dotfiles import FoundAssignment, Scan
from rdna_installer.diagnose.finding import Diagnosis
from rdna_installer.knowledge.load import Book
from rdna_installer.model import Check, Distro, Generation, Gpu, HostFacts, Layer, PythonSite, Setting, SiteVerdict
from rdna_installer.plan.conflicts import PREFIXES, kernel_options
from rdna_installer.plan.trial import running
from rdna_installer.probe.rows import judge
from rdna_installer.probe.types import ANY, BARE, STRATEGIES, Probed, Result, Soak, Variables, choice
from rdna_installer.record import field, record, replace
from rdna_installer.share.schema import DRIVER, MASKED, MOST, Shared, Value, rounded, suits, words

Json = dict[str, Any]
RELEASE = r"([2-9]\.[0-9]{1,2}(?:\.[0-9]{1,3})?)(?![0-9.])"
TORCH = r"([0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?(?:a0|\.dev20[0-9]{6})?)(?![0-9.])(\+(?:rocm[0-9.]+|cpu|cu[0-9]+))?"
PARTS = r"[0-9]+(?:\.[0-9]+){1,2}(?![0-9.])"


@record(frozen=True)
class Seen:
    """Everything that is known of the machine, before any of it is kept. ``topics``: subject, mark and command."""

    version: str
    time: str
    book: Book
    facts: HostFacts | None = None
    distro: Distro | None = None
    verdict: str | None = None
    sites: tuple[SiteVerdict, ...] = ()
    checks: tuple[Check, ...] = ()
    scan: Scan = Scan()
    session: Mapping[str, str] = field(default_factory=dict)
    in_force: tuple[Setting, ...] = ()
    made: tuple[tuple[bool, tuple[Generation, ...]], ...] = ()  # whether it is the system's, and all of it
    topics: tuple[tuple[str, str, str | None], ...] = ()
    boots: int | None = None
    last_boot: BootResult | None = None
    log: Diagnosis | None = None
    source: str = "file"
    probes: tuple[Probed, ...] = ()


def redact(seen: Seen) -> Shared:
    """What of it fits the schema."""
    data = {
        **{"version": _parts(seen.version), "day": seen.time[:10], "verdict": seen.verdict, "boots": seen.boots},
        "machine": _machine(seen, seen.facts) if seen.facts else None,
        "topics": [_topic(*topic) for topic in seen.topics],
        "in_force": [*_in_force(seen, seen.facts)] if seen.facts else [],
        "made": [item for system, made in seen.made for item in _made(system, made)],
        "last_boot": seen.last_boot and seen.last_boot.outcome.value,
        "log": _log(seen.log, seen.source) if seen.log else None,
        "probes": [_probe(seen, found) for found in seen.probes],
        "unknown": len({key for key in _others(seen) if _known(seen.book, key) is None}),
    }
    return codec.decode(Shared, codec.fitting(Shared, data))


def _first(pattern: str, text: str | None) -> re.Match[str] | None:
    return re.match(pattern, text or "", re.ASCII)


def _parts(text: str | None) -> str | None:
    return found[0] if (found := _first(PARTS, text)) else None


def _kernel(text: str | None) -> str | None:
    return found[1] if (found := _first(RELEASE, text)) else None


def _torch(text: str | None) -> str | None:
    found = _first(TORCH, text)
    return f"{found[1]}{(found[2] or '').rstrip('.')}" if found else None


def _gib(size: int | None) -> int | None:
    return round(size / (1 << 30)) if size else None


def _machine(seen: Seen, facts: HostFacts) -> Json:
    release = facts.running_kernel or (facts.kernels[-1].release if facts.kernels else None)
    parts = re.split(r"[^a-z0-9]+", (release or "").lower())
    amdgpu = facts.amdgpu
    there = "builtin" if amdgpu.builtin else "loaded" if amdgpu.loaded else "absent"
    verdicts = {verdict.site: verdict for verdict in seen.sites}
    return {
        "cards": [_card(gpu) for gpu in facts.gpus],
        "distro": seen.distro and seen.distro.id,
        "distro_version": seen.distro and seen.distro.version,
        "kernel": _kernel(release),
        "flavour": next((word for word in parts if word in words()["flavour"]), None),
        "memory_gib": _gib(facts.ram_bytes),
        "driver": there if facts.live else "unknown",
        "initramfs": facts.initramfs.tool.value,
        "around": ["wsl"] * facts.wsl + [facts.immutable] + ["container"] * (facts.container is not None),
        "systemd": facts.systemd,
        "rocm": [
            {"version": _parts(r.version), "miopen": _parts(r.miopen), "targets": r.gfx_targets} for r in facts.rocm
        ],
        "pythons": [_python(n, s, verdicts.get(str(s.python))) for n, s in enumerate(facts.sites, 1) if s.torch],
    }


def _card(gpu: Gpu) -> Json:
    about = codec.pick(gpu, "device", "name", "integrated", "compute_units", "mes", "sdma")
    return {**about, "target": gpu.gfx, "known_by": gpu.source.value, "vram_gib": _gib(gpu.vram_bytes)}


def _python(number: int, site: PythonSite, verdict: SiteVerdict | None) -> Json:
    torch = site.torch
    judged = {"verdict": verdict.verdict.value, "rule": verdict.rule} if verdict else {}
    found: Json = {"number": number, "python": _parts(site.python_version), **judged}
    if torch is None:
        return found
    about = codec.pick(torch, "kind", "origin", "known_from")
    versions = {"torch": _torch(torch.version), "rocm": _parts(torch.rocm), "targets": torch.gfx_targets}
    return {**found, **about, **versions}


def _topic(subject: str, mark: str, command: str | None) -> Json:
    known = {said.partition(" $")[0]: word for word, said in words()["next"].items()}  # one ends with a user's name
    step = next((word for said, word in known.items() if (command or "").startswith(said)), None)
    return {"subject": subject, "mark": mark, "next": step if mark != "ok" else None}


def _known(book: Book, key: str) -> str | None:
    """The catalogue's name of a setting: an override for one node is the override."""
    entry = book.entry(key)
    return entry.key if entry else None


def _value(book: Book, key: str, text: str | None) -> Any:
    """As it is where the schema takes it for this setting; else it is said that it is another text."""
    try:
        value = codec.fitting(Value, text) if text is not None else None
    except codec.MisfitError:
        return MASKED
    return value if suits(_known(book, key) or "", value) else MASKED


def _others(seen: Seen) -> Iterator[str]:
    """Names of variables about GPUs that others set."""
    yield from (found.assignment.key for found in seen.scan.found)
    yield from (key for key in seen.session if key.startswith(PREFIXES))


def _in_force(seen: Seen, facts: HostFacts) -> Iterator[Json]:
    status = {check.id: check.status.value for check in seen.checks}
    numbers = {str(site.python): n for n, site in enumerate(facts.sites, 1)}

    def item(key: str, value: str | None, by: str, layer: Layer, *ids: str, **more: Any) -> Json:
        stands = next((status[name] for name in ids if name in status), "ok")
        said = {"key": _known(seen.book, key), "value": _value(seen.book, key, value), "by": by, "layer": layer.value}
        return {**said, "status": stands, **more}

    for ours in seen.in_force:
        value = facts.amdgpu.parameters.get(ours.key) if ours.layer is Layer.KERNEL else ours.value
        ids = (f"{ours.layer.value}:{ours.key}", f"hook:{ours.site}")
        more = {"wanted": _value(seen.book, ours.key, ours.value), "python": numbers.get(ours.site or "")}
        yield item(ours.key, value, "ours", ours.layer, *ids, **more)
    for option in kernel_options(facts):
        by = "cmdline" if option.source == "kernel command line" else "modprobe"
        yield item(option.key, option.value, by, Layer.KERNEL, f"others:{option.source}:{option.key}")
    for found in seen.scan.found:
        key, value = found.assignment.key, found.assignment.value
        ids = (f"user-env:{found.where}:{key}", f"user-env:{found.where}")
        yield item(key, value, _who(found), Layer.ENV, *ids, python=numbers.get(found.site or ""))
    in_files = {(found.assignment.key, found.assignment.value) for found in seen.scan.found}
    for key, value in seen.session.items():
        if key.isupper() and (key, value) not in in_files and seen.book.entry(key):
            yield item(key, value, "session", Layer.ENV, f"session:{key}")


def _who(found: FoundAssignment) -> str:
    """By whom the file reaches; most of these words are names of programs."""
    reach = {"session": "shell", "Dockerfile": "container"}.get(found.reach, found.reach)
    return reach if reach in words()["who"] else "program"


def _made(system: bool, made: Iterable[Generation]) -> Iterator[Json]:
    kept = list(made)
    for item in kept:
        word, _, to = item.reason.partition(" to ")
        options = sum(setting.layer is Layer.KERNEL for setting in item.settings)
        boot = "confirmed" if item.confirmed_boot else "trial" if running(item) else "uncounted"
        yield {
            **codec.pick(item, "number", "profile"),
            "reason": word if word in words()["reason"] else "other",
            "to": int(to) if to.isdecimal() and len(to) < 5 else None,
            "day": item.time[:10],
            "system": system,
            "current": item is kept[-1],
            "settings": len(item.settings),
            "kernel_settings": options,
            "files": len(item.managed),
            "boot": boot if options else "none",
        }


def _log(found: Diagnosis, source: str) -> Json:
    findings = [
        {
            **codec.pick(each, "signature", "name", "fatal"),
            **{"line": min(each.line, MOST), "target": each.gfx, "explain": each.rule},
        }
        for each in found.findings
    ]
    return {"lines": min(found.lines, MOST), "elsewhere": found.elsewhere, "source": source, "findings": findings}


def _probe(seen: Seen, found: Probed) -> Json:
    found = replace(found, trials=tuple(t for t in found.trials if t.strategy in (*STRATEGIES, ANY)))
    mine, best = found.identity, choice(found)
    python = next(
        (n for n, s in enumerate(seen.facts.sites if seen.facts else (), 1) if str(s.python) == mine.python), 0
    )
    return {
        **codec.pick(found, "edition", "depth"),
        "day": found.time[:10],
        "version": _parts(mine.version),
        "python": python or None,
        "gpu": bool(mine.gpus),
        "kernel": _kernel(mine.kernel),
        "torch": _torch(mine.torch),
        "rocm": _parts(mine.rocm),
        "best": best and best.strategy,
        "stopped": found.stopped is not None,
        "tried": [_tried(seen, found, variables) for variables in found.sets],
        "uses": [codec.pick(use, "id", "verdict", "strategies", "types") for use in judge(found)],
        "soak": found.soak and _soak(found.soak),
    }


def _tried(seen: Seen, found: Probed, variables: Variables) -> Json:
    cells = [
        _cell(result, trial.strategy)
        for trial in found.trials
        if trial.variables == variables.name
        for result in trial.results
    ]
    if found.driver and variables == found.sets[0]:
        cells.append({**_cell(found.driver, "native"), "op": DRIVER})
    values = [(_known(seen.book, key), _value(seen.book, key, value)) for key, value in variables.values]
    return {"cells": cells, "rule": variables.rule, "bare": variables.name == BARE, "values": values}


def _cell(result: Result, strategy: str) -> Json:
    about = codec.pick(result, "op", "type", "outcome", "trouble", "repeats")
    mib = result.bytes and result.bytes / (1 << 20)
    return {**about, **_numbers(result, "ms", "low", "high", "worst", "of_limit", "gbs"), "strategy": strategy} | (
        {"mib": rounded(mib)} if mib else {}
    )


def _numbers(held: object, *names: str) -> Json:
    """Three digits of each that is there."""
    return {name: rounded(value) for name in names if (value := getattr(held, name)) is not None}


def _soak(soak: Soak) -> Json:
    samples = [{**codec.pick(s, "second", "mhz", "mib"), **_numbers(s, "celsius")} for s in soak.samples]
    about = codec.pick(soak, "strategy", "minutes", "outcome")
    counts = {"rounds": min(soak.rounds, MOST), "wrong": min(soak.wrong, MOST), "faults": min(len(soak.faults), 9999)}
    return {**about, **_numbers(soak, "first", "last"), **counts, "samples": samples}
