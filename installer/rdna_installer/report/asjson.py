"""JSON for scripts: fixed keys, ``"schema": 1``, golden-tested. Keys may be added, never renamed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rdna_installer import codec
from rdna_installer.errors import RdnaError
from rdna_installer.model import (
    Change,
    Distro,
    Drift,
    Generation,
    Gpu,
    HostFacts,
    Managed,
    Plan,
    PythonSite,
    Report,
    Setting,
    Step,
    Torch,
)

if TYPE_CHECKING:
    from rdna_installer.change.soundness import Soundness
    from rdna_installer.diagnose.finding import Diagnosis
    from rdna_installer.knowledge.explain import Explanation
    from rdna_installer.plan.advise import Advice
    from rdna_installer.probe.types import Probed
    from rdna_installer.workflow.caches import Caches
    from rdna_installer.workflow.upgraded import Upgrade

Json = dict[str, Any]
FINDING = ("line", "excerpt", "gfx", "fatal", "advice", "rule", "next", "means", "signature")
ADVISED = ("check", "source", "program", "platform")
SURROGATE = "\\ud"  # how json.dumps begins one (and a few letters)


def dump(data: Json) -> str:
    """One document, readable by people too, in ASCII. Undecodable bytes of file names are shown as text does."""
    text = json.dumps({"schema": 1, **data}, indent=2, ensure_ascii=True)
    return json.dumps({"schema": 1, **_whole(data)}, indent=2, ensure_ascii=True) if SURROGATE in text else text


def _whole(value: Any) -> Any:
    """The same with every half of a surrogate pair as an escape: no reader of JSON has to take one."""
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(item) for item in value]
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def detect(facts: HostFacts, distro: Distro) -> Json:
    """The facts of ``detect``."""
    return {
        "gpus": [_gpu(g) for g in facts.gpus],
        "hidden_nodes": facts.hidden_nodes,
        "unidentified": [codec.encode(d) for d in facts.unidentified],
        "rocm": [codec.pick(r, "version", "path", "source") for r in facts.rocm],
        "torch": [_torch(site, site.torch) for site in facts.sites if site.torch],
        "looked_for_pythons": list(facts.looked_for_pythons),
        "kernel": {
            "release": facts.running_kernel,
            "installed": [codec.pick(k, "release", "amdgpu") for k in facts.kernels],
            "cmdline": facts.cmdline,
        },
        "amdgpu": codec.encode(facts.amdgpu),
        "initramfs": codec.pick(facts.initramfs, "tool"),
        "distro": {**codec.encode(distro), "immutable": facts.immutable},
        "init": facts.init,
        "groups": {"render": "render" in facts.user.groups, "video": "video" in facts.user.groups},
        "boot_id": facts.boot_id,
    }


def _gpu(gpu: Gpu) -> Json:
    named = codec.pick(gpu, "gfx", "name", "pci", "vendor", "device", "kfd_node", "source", "integrated")
    return {**named, **codec.pick(gpu, "compute_units", "vram_bytes", "mes", "sdma")}


def _torch(site: PythonSite, torch: Torch) -> Json:
    return {
        "python": str(site.python),
        **codec.pick(torch, "version", "rocm", "gfx_targets", "origin", "kind"),
        "kernels_known_from": torch.known_from.value,
        "unproved_targets": list(torch.unsure),
        "library_targets": list(torch.rocblas.gfx_targets),
        "libraries": [codec.encode(library) for library in torch.libraries],
        "note": torch.note or None,
    }


def plan(plan: Plan) -> Json:
    """What apply would do."""
    policy = plan.policy
    return {
        "profile": policy.profile,
        "verdict": policy.verdict.value,
        "gpus": [_gpu(g) for g in policy.gpus],
        "sites": [codec.encode(s) for s in policy.sites],
        "changes": [_change(c) for c in plan.changes],
        "settings": _settings(policy.settings),
        "rejected": [codec.encode(r) for r in policy.rejected],
        "experiments": [codec.encode(e) for e in policy.experiments],
        "steps": [_step(s) for s in plan.steps],
        "conflicts": [codec.encode(c) for c in plan.conflicts],
        "warnings": [*policy.warnings, *plan.warnings],
        "reboot_needed": plan.reboot_needed,
        "trial": plan.trial,
        "facts_digest": plan.facts_digest,
    }


def _settings(items: Iterable[Setting]) -> list[Json]:
    """``consumer`` is the program, by kind; ``site`` its interpreter."""
    return [{**codec.encode(item), "consumer": item.consumer} for item in items]


def rollback(title: str, changes: Iterable[Change], steps: Iterable[Step], reboot_needed: bool) -> Json:
    """What rollback or uninstall would do."""
    return {
        "title": title,
        "changes": [_change(c) for c in changes],
        "steps": [_step(s) for s in steps],
        "reboot_needed": reboot_needed,
    }


def _step(step: Step) -> Json:
    return codec.pick(step, "kind", "summary", "kernels", "programs")


def _change(change: Change) -> Json:
    return {"path": str(change.path), "kind": change.kind.value, "diff": change.diff}


def verify(report: Report) -> Json:
    """All checks."""
    return {"ok": report.ok, **codec.encode(report)}


def generation(item: Generation) -> Json:
    """One generation as ``history`` and ``status`` show it."""
    return {
        **codec.pick(item, "number", "time", "reason", "profile", "boot_id", "confirmed_boot"),
        "files": [_managed(m) for m in item.managed],
        "settings": _settings(item.settings),
        "pending": [step.summary for step in item.pending],
    }


def _managed(item: Managed) -> Json:
    after = item.after
    return {"path": str(item.path), "digest": after.digest, "mode": f"{after.mode:04o}", "owner": after.owner}


def owner(name: str, current: Generation | None, drift: Sequence[Drift]) -> Json:
    """The state of one owner: ``system`` or a user."""
    return {
        "owner": name,
        "generation": generation(current) if current else None,
        "drift": [codec.encode(d) for d in drift],
    }


def soundness(name: str, found: Soundness | RdnaError) -> Json:
    """Of ``recover --check``: one owner's state."""
    if isinstance(found, RdnaError):
        return {"owner": name, "problem": found.message}
    return {
        "owner": name,
        "damaged": [{"path": str(d.place), "why": d.why} for d in found.damaged],
        "safe": [str(place) for place in found.safe],
        "restore": found.restore,
        "drift": [codec.encode(d) for d in found.drift],
    }


def upgrade(found: Upgrade) -> Json:
    """After an upgrade: what the same apply would change now."""
    return codec.encode(found)


def explain(item: Explanation) -> Json:
    """One answer of ``explain``."""
    facts = [{"label": label, "text": text} for label, text in item.facts]
    return {**codec.encode(item), "facts": facts}


def cache(found: Caches) -> Json:
    """What ``cache clear`` found and would remove."""
    return {
        "user": found.user.name,
        "caches": [
            {
                "id": item.place.id,
                "path": str(item.place.path),
                "variable": item.place.variable,
                "bytes": item.tree.size,
                "files": item.tree.files,
                "clear": item.chosen,
                "why": item.why,
            }
            for item in found.items
        ],
    }


def probe(found: Probed) -> Json:
    """Everything measured, the best of it, and the command that puts it in force."""
    from rdna_installer.probe.judge import choice, mean, why_not
    from rdna_installer.report.probe_text import command

    best = choice(found)
    verdicts = [
        {
            "variables": t.variables,
            "strategy": t.strategy,
            "why_not": why_not(t),
            "ms": mean(t) if why_not(t) is None else None,
        }
        for t in found.trials
    ]
    chosen = {"variables": best.variables, "strategy": best.strategy} if best else None
    sets = [{**codec.encode(s), "values": dict(s.values)} for s in found.sets]
    costs = found.costs and {
        "model": json.loads(found.costs.model) if found.costs.model else None,
        "note": found.costs.note,
    }
    measured = {**codec.encode(found), "sets": sets, "costs": costs}
    return {**measured, "verdicts": verdicts, "best": chosen, "apply": command(found)}


def advise(items: Sequence[Advice]) -> Json:
    """The ranked routes of ``advise``, for each kind of GPU."""
    return {"gpus": [_advice(item) for item in items]}


def _advice(item: Advice) -> Json:
    target = item.target
    return {
        **_gpu(item.gpu),
        "chip": target.chip if target else None,
        "support": target.support if target else None,
        "reachable": target.reachable.value if target else None,
        "sites": [codec.pick(s, "site", "verdict", "why", "rule") for s in item.sites],
        "routes": [{"rank": rank, **codec.encode(option)} for rank, option in enumerate(item.options, 1)],
        "notes": [codec.pick(n, "id", "says", "evidence") for n in item.notes],
        "others": list(item.others),
        "system": list(item.system),
    }


def history(owners: Iterable[tuple[str, Sequence[Generation]]]) -> Json:
    """The kept generations of each owner, oldest first."""
    return {"owners": [{"owner": name, "generations": [generation(g) for g in items]} for name, items in owners]}


def diagnose(found: Diagnosis) -> Json:
    """The findings of a log, the cause first. ``class`` is no name a field can have."""
    findings = [{"class": f.name, **codec.pick(f, *FINDING, *ADVISED)} for f in found.findings]
    about = [
        {"kind": s.context.kind.value, "id": s.context.id, "text": s.text, **codec.pick(s, "value", "line", "excerpt")}
        for s in found.about
    ]
    rest = codec.pick(found, "elsewhere", "collect", "tracker")
    whole = {"source": found.source, "lines": found.lines, "findings": findings, "others": list(found.others)}
    return {**whole, "about": about, **rest}
