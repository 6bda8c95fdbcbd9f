"""JSON for scripts: fixed keys, ``"schema": 1``, golden-tested. Keys may be added, never renamed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rdna_installer.model import (
    Change,
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
    from rdna_installer.diagnose.finding import Diagnosis
    from rdna_installer.knowledge.evidence import Evidence
    from rdna_installer.knowledge.explain import Explanation
    from rdna_installer.plan.advise import Advice, Option
    from rdna_installer.probe.types import Probed
    from rdna_installer.workflow.caches import Caches
    from rdna_installer.workflow.upgraded import Upgrade

Json = dict[str, Any]


def dump(data: Json) -> str:
    """One document, readable by people too; undecodable bytes of file names as escapes."""
    return json.dumps({"schema": 1, **data}, indent=2, ensure_ascii=True)


def detect(facts: HostFacts) -> Json:
    """The facts of ``detect``."""
    return {
        "gpus": [_gpu(g) for g in facts.gpus],
        "hidden_nodes": facts.hidden_nodes,
        "unidentified": [
            {"pci": d.pci, "vendor": d.vendor, "device": d.device, "why": d.why} for d in facts.unidentified
        ],
        "rocm": [{"version": r.version, "path": r.path, "source": r.source} for r in facts.rocm],
        "torch": [_torch(site, site.torch) for site in facts.sites if site.torch],
        "kernel": {
            "release": facts.running_kernel,
            "installed": [{"release": k.release, "amdgpu": k.amdgpu} for k in facts.kernels],
            "cmdline": facts.cmdline,
        },
        "amdgpu": {
            "loaded": facts.amdgpu.loaded,
            "builtin": facts.amdgpu.builtin,
            "in_initramfs": facts.amdgpu.in_initramfs,
            "parameters": dict(facts.amdgpu.parameters),
        },
        "initramfs": {"tool": facts.initramfs.tool.value},
        "distro": {"id": facts.distro.id, "version": facts.distro.version, "immutable": facts.distro.immutable},
        "init": facts.init,
        "groups": {"render": "render" in facts.user.groups, "video": "video" in facts.user.groups},
        "boot_id": facts.boot_id,
    }


def _gpu(gpu: Gpu) -> Json:
    return {
        "gfx": gpu.gfx,
        "name": gpu.name,
        "pci": gpu.pci,
        "vendor": gpu.vendor,
        "device": gpu.device,
        "kfd_node": gpu.kfd_node,
        "source": gpu.source.value,
        "integrated": gpu.integrated,
    }


def _torch(site: PythonSite, torch: Torch) -> Json:
    return {
        "python": str(site.python),
        "version": torch.version,
        "rocm": torch.rocm,
        "gfx_targets": list(torch.gfx_targets),
        "origin": torch.origin.value,
    }


def plan(plan: Plan) -> Json:
    """What apply would do."""
    policy = plan.policy
    return {
        "profile": policy.profile,
        "verdict": policy.verdict.value,
        "gpus": [_gpu(g) for g in policy.gpus],
        "sites": [
            {"site": s.site, "verdict": s.verdict.value, "why": s.why, "rule": s.rule, "route": list(s.route)}
            for s in policy.sites
        ],
        "changes": [_change(c) for c in plan.changes],
        "settings": [setting(s) for s in policy.settings],
        "rejected": [{"key": r.key, "reason": r.reason, "rule": r.rule, "site": r.site} for r in policy.rejected],
        "experiments": [
            {"rule": e.rule, "summary": e.summary, "command": e.command, "site": e.site} for e in policy.experiments
        ],
        "steps": [_step(s) for s in plan.steps],
        "conflicts": [
            {"key": c.key, "wanted": c.wanted, "found": c.found, "source": c.source, "hint": c.hint}
            for c in plan.conflicts
        ],
        "warnings": [*policy.warnings, *plan.warnings],
        "reboot_needed": plan.reboot_needed,
        "trial": plan.trial,
        "facts_digest": plan.facts_digest,
    }


def undo(title: str, changes: Iterable[Change], steps: Iterable[Step], reboot_needed: bool) -> Json:
    """What rollback or uninstall would do."""
    return {
        "title": title,
        "changes": [_change(c) for c in changes],
        "steps": [_step(s) for s in steps],
        "reboot_needed": reboot_needed,
    }


def _step(step: Step) -> Json:
    return {"kind": step.kind.value, "summary": step.summary, "kernels": list(step.kernels)}


def _change(change: Change) -> Json:
    return {"path": str(change.path), "kind": change.kind.value, "diff": change.diff}


def setting(item: Setting) -> Json:
    """One setting with the rule that asked for it."""
    return {"layer": item.layer.value, "site": item.site, "key": item.key, "value": item.value, "rule": item.rule}


def verify(report: Report) -> Json:
    """All checks."""
    return {
        "ok": report.ok,
        "reboot_pending": report.reboot_pending,
        "generation": report.generation,
        "checks": [
            {
                "id": c.id,
                "status": c.status.value,
                "wanted": c.wanted,
                "running": c.running,
                "source": c.source,
                "hint": c.hint,
            }
            for c in report.checks
        ],
    }


def generation(item: Generation) -> Json:
    """One generation as ``history`` and ``status`` show it."""
    return {
        "number": item.number,
        "time": item.time,
        "reason": item.reason,
        "profile": item.profile,
        "boot_id": item.boot_id,
        "confirmed_boot": item.confirmed_boot,
        "files": [_managed(m) for m in item.managed],
        "settings": [setting(s) for s in item.settings],
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
        "drift": [{"path": str(d.path), "kind": d.kind.value, "detail": d.detail} for d in drift],
    }


def upgrade(found: Upgrade) -> Json:
    """After an upgrade: what the same apply would change now."""
    return {
        "versions": list(found.versions),
        "words": list(found.words),
        "changes": [str(path) for path in found.changes],
        "problem": found.problem,
    }


def explanation(item: Explanation) -> Json:
    """One answer of ``explain``."""
    return {
        "kind": item.kind,
        "key": item.key,
        "summary": item.summary,
        "facts": [{"label": label, "text": text} for label, text in item.facts],
        "evidence": [_evidence(e) for e in item.evidence],
        "counter": [_evidence(e) for e in item.counter],
        "related": list(item.related),
    }


def caches(found: Caches) -> Json:
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
    from rdna_installer.probe.keep import to_json
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
    return {**to_json(found), "verdicts": verdicts, "best": chosen, "apply": command(found)}


def advice(items: Sequence[Advice]) -> Json:
    """The ranked routes of ``advise``, for each kind of GPU."""
    return {"gpus": [_advice(item) for item in items]}


def _advice(item: Advice) -> Json:
    target = item.target
    return {
        **_gpu(item.gpu),
        "chip": target.chip if target else None,
        "support": target.support if target else None,
        "reachable": target.reachable.value if target else None,
        "sites": [{"site": s.site, "verdict": s.verdict.value, "why": s.why, "rule": s.rule} for s in item.sites],
        "routes": [_option(rank, option) for rank, option in enumerate(item.options, 1)],
        "notes": [{"id": n.id, "says": n.says, "evidence": [_evidence(e) for e in n.evidence]} for n in item.notes],
        "others": list(item.others),
    }


def _option(rank: int, option: Option) -> Json:
    return {
        "rank": rank,
        "id": option.id,
        "kind": option.kind,
        "symptom": option.symptom,
        "says": option.says,
        "commands": list(option.commands),
        "cost": option.cost,
        "risk": option.risk,
        "evidence": [_evidence(e) for e in option.evidence],
        "counter": [_evidence(e) for e in option.counter],
        "leads_to": option.leads_to,
        "fault": option.fault,
    }


def _evidence(item: Evidence) -> Json:
    return {"strength": item.strength.value, "who": item.who, "url": item.url, "says": item.says}


def history(owners: Iterable[tuple[str, Sequence[Generation]]]) -> Json:
    """The kept generations of each owner, oldest first."""
    return {"owners": [{"owner": name, "generations": [generation(g) for g in items]} for name, items in owners]}


def diagnosis(found: Diagnosis) -> Json:
    """The findings of a log, the cause first."""
    return {
        "source": found.source,
        "lines": found.lines,
        "findings": [
            {
                "class": f.name,
                "line": f.line,
                "excerpt": f.excerpt,
                "gfx": f.gfx,
                "fatal": f.fatal,
                "advice": list(f.advice),
                "rule": f.rule,
                "next": f.next,
                "means": f.means,
                "signature": f.signature,
            }
            for f in found.findings
        ],
        "others": list(found.others),
    }
