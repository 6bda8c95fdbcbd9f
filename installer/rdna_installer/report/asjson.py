"""JSON for scripts: fixed keys, ``"schema": 1``, golden-tested. Keys may be added, never renamed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rdna_installer import codec
from rdna_installer.errors import RdnaError
from rdna_installer.model import (
    Change,
    Check,
    Distro,
    Generation,
    HostFacts,
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
    from rdna_installer.environments.choose import Choice
    from rdna_installer.knowledge.explain import Explanation, KeyGroup
    from rdna_installer.plan.advise import Advice
    from rdna_installer.plan.summary import Summary
    from rdna_installer.probe.rows import Row
    from rdna_installer.probe.types import Probed
    from rdna_installer.share.schema import Shared
    from rdna_installer.workflow.adopting import Leftover
    from rdna_installer.workflow.boot_status import TrialStatus
    from rdna_installer.workflow.building import Built, Prepared
    from rdna_installer.workflow.caches import Caches
    from rdna_installer.workflow.checkouts import UseOf
    from rdna_installer.workflow.choosing import Served, SetupPlan
    from rdna_installer.workflow.committing import Applied
    from rdna_installer.workflow.doctor import Health
    from rdna_installer.workflow.fetching import Room
    from rdna_installer.workflow.inspecting import OwnerHistory, OwnerStatus
    from rdna_installer.workflow.planning import Upgrade
    from rdna_installer.workflow.setting_up import Preview

Json = dict[str, Any]
KNOWN = ("chip", "support", "reachable")  # of a target
GPU = (
    *("gfx", "name", "pci", "vendor", "device", "kfd_node", "source", "integrated"),
    *("compute_units", "vram_bytes", "mes", "sdma"),
)
STATE = ("drift", "environment")
TRIED = ("variables", "strategy")
CHANGE, STEP = ("path", "kind", "diff"), ("kind", "summary", "kernels", "programs")
FINDING = (
    *("line", "excerpt", "gfx", "fatal", "advice", "rule", "next", "means", "signature"),
    *("check", "source", "program", "platform"),
)
FILE = ("name", "version", "filename", "url", "size", "sha256", "sdist", "uploaded")
SERVED = ("source", "target", "python", "read", "sets", "hashes", "metadata", "refused", "problem")
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


def applied(found: Applied | None) -> Json:
    """What a change came to: the new generation of each owner, and what happens next."""
    made = found.generations if found else ()
    return {
        "applied": [{"owner": name, "generation": g.number, "reason": g.reason} for name, g in made],
        "change": made[-1][1].change if made else None,
        "next": list(found.after) if found else [],
        "left": list(found.left) if found else [],
    }


def confirmed(found: Applied | None) -> Json:
    """What ``confirm`` did."""
    number = found.generations[0][1].number if found else None
    return {"confirmed": found is not None, "generation": number, **applied(found)}


def detect(facts: HostFacts, distro: Distro) -> Json:
    """The facts of ``detect``."""
    return {
        "gpus": [codec.pick(g, *GPU) for g in facts.gpus],
        **codec.pick(facts, "hidden_nodes", "unidentified"),
        "rocm": [codec.pick(r, "version", "path", "source") for r in facts.rocm],
        "torch": [_torch(site, site.torch) for site in facts.sites if site.torch],
        **codec.pick(facts, "looked_for_pythons"),
        "kernel": {
            "release": facts.running_kernel,
            "installed": [codec.pick(k, "release", "amdgpu") for k in facts.kernels],
            "cmdline": facts.cmdline,
        },
        **codec.pick(facts, "amdgpu"),
        "initramfs": codec.pick(facts.initramfs, "tool"),
        "distro": {**codec.encode(distro), "immutable": facts.immutable},
        "init": facts.init,
        "groups": {"render": "render" in facts.user.groups, "video": "video" in facts.user.groups},
        "boot_id": facts.boot_id,
    }


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


def doctor(health: Health) -> Json:
    """The topics of ``doctor``."""
    return {"ok": not health.open, **codec.encode(health)}


def adopt(leftovers: Sequence[Leftover], total: Summary) -> Json:
    """What ``adopt`` takes away, and what is left to do by hand."""
    return {
        "leftovers": [codec.encode(item) for item in leftovers],
        "summary": {**codec.encode(total), "text": total.line},
    }


def use_of(found: UseOf) -> Json:
    """How a program uses the environment, of ``setup --for``."""
    return codec.encode(found)


def recipe(found: Prepared, place: str | None) -> Json:
    """What a recipe comes to, and where it was written."""
    return {**codec.encode(found), "place": place}


def built(found: Built) -> Json:
    """What a build came to."""
    return codec.encode(found)


def set_up(python: str, checks: Sequence[Check]) -> Json:
    """What came of it."""
    return {"python": python, "checks": [codec.encode(check) for check in checks]}


def plan(plan: Plan, total: Summary, *_: object) -> Json:
    """What apply would do."""
    policy = plan.policy
    return {
        **codec.pick(policy, "profile", "verdict"),
        "gpus": [codec.pick(g, *GPU) for g in policy.gpus],
        **codec.pick(policy, "sites"),
        "changes": [_change(change) for change in plan.changes],
        "settings": _settings(policy.settings),
        **codec.pick(policy, "rejected", "experiments"),
        "steps": [codec.pick(step, *STEP) for step in plan.steps],
        **codec.pick(plan, "conflicts"),
        "warnings": [*policy.warnings, *plan.warnings],
        **codec.pick(plan, "reboot_needed", "trial", "facts_digest"),
        "summary": {**codec.encode(total), "text": total.line},
    }


def _change(change: Change) -> Json:
    """The counts and the digest say it shortly where the diff is left out."""
    lines = [line[:1] for line in change.diff.split("\n") if not line.startswith(("+++", "---"))]
    counted = {"added": lines.count("+"), "removed": lines.count("-"), "digest": change.after.digest}
    return {**codec.pick(change, *CHANGE), **counted}


def _settings(items: Iterable[Setting]) -> list[Json]:
    """``consumer`` is the program, by kind; ``site`` its interpreter."""
    return [{**codec.encode(item), "consumer": item.consumer} for item in items]


def rollback(
    title: str, changes: Sequence[Change], total: Summary, _: bool, steps: Sequence[Step], removes: Mapping[str, int]
) -> Json:
    """What rollback or uninstall would do."""
    return {
        "title": title,
        "changes": [_change(change) for change in changes],
        "steps": [codec.pick(step, *STEP) for step in steps],
        "reboot_needed": total.reboot,
        "removes": [{"path": path, "bytes": much} for path, much in removes.items()],
        "summary": {**codec.encode(total), "text": total.line},
    }


def verify(report: Report, *_: object) -> Json:
    """All checks."""
    return {"ok": report.ok, **codec.encode(report)}


def generation(item: Generation) -> Json:
    """One generation as ``history`` and ``status`` show it."""
    return {
        **codec.pick(item, "number", "time", "reason", "profile", "boot_id", "confirmed_boot"),
        "files": [
            {"path": str(m.path), "digest": m.after.digest, "mode": f"{m.after.mode:04o}", "owner": m.after.owner}
            for m in item.managed
        ],
        "settings": _settings(item.settings),
        "pending": [step.summary for step in item.pending],
    }


def status(
    owners: Sequence[OwnerStatus], damaged: Sequence[str], trial: TrialStatus, found: Upgrade | None, *_: object
) -> Json:
    """Every owner, what of the state is damaged, what the same apply would change after an upgrade, and a trial."""
    shown = [
        {
            "owner": o.name,
            "generation": generation(o.current) if o.current else None,
            **codec.pick(o, *STATE),
            "restart_pending": [*o.services],
        }
        for o in owners
    ]
    upgrade = codec.encode(found) if found else None
    return {"owners": shown, "damaged": list(damaged), "upgrade": upgrade, **trial.data()}


def recovered(done: Sequence[str]) -> Json:
    """What ``recover`` has done."""
    return {"recovered": list(done)}


def states(sound: bool, found: Iterable[tuple[str, Soundness | RdnaError]]) -> Json:
    """Of ``recover --check``: every owner's state."""
    return {"sound": sound, "owners": [_soundness(name, state) for name, state in found]}


def _soundness(name: str, found: Soundness | RdnaError) -> Json:
    if isinstance(found, RdnaError):
        return {"owner": name, "problem": found.message}
    damaged = [{"path": str(damage.place), "why": damage.why} for damage in found.damaged]
    return {
        "owner": name,
        "damaged": damaged,
        **codec.pick(found, "safe", "restore", "drift", "unfinished", "take_back"),
    }


def explain(item: Explanation) -> Json:
    """One answer of ``explain``."""
    facts = [{"label": label, "text": text} for label, text in item.facts]
    return {**codec.encode(item), "facts": facts}


def keys(items: Iterable[KeyGroup]) -> Json:
    """Everything that can be explained."""
    return {"keys": [name for group in items for name, _ in group.entries]}


def cache(found: Caches) -> Json:
    """What ``cache clear`` found and would remove."""
    return {
        "user": found.user.name,
        "caches": [
            {
                **codec.pick(item.place, "id", "path", "variable"),
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
    from rdna_installer.probe.rows import data, judge, table
    from rdna_installer.probe.types import Use, choice, mean, why_not
    from rdna_installer.report.probe_text import command

    best = choice(found)
    verdicts = [
        {**codec.pick(t, *TRIED), "why_not": why_not(t), "ms": mean(t) if why_not(t) is None else None}
        for t in found.trials
    ]
    chosen = codec.pick(best, *TRIED) if best else None
    sets = [{**codec.encode(s), "values": dict(s.values)} for s in found.sets]
    costs = found.costs and {
        "model": json.loads(found.costs.model) if found.costs.model else None,
        "note": found.costs.note,
    }
    measured = {**codec.encode(found), "sets": sets, "costs": costs}
    rows = [_probe_row(row) for row in table()] if found.edition == data()["edition"] else []
    uses = codec.encode_as(tuple[Use, ...], judge(found))
    more = {"verdicts": verdicts, "best": chosen, "apply": command(found), "rows": rows, "uses": uses}
    return {**measured, **more}


def _probe_row(row: Row) -> Json:
    """A row of the table, with the types it is made for and the limit of each."""
    limits = {kind: limit if limit == "falls" else float(limit) for kind, limit in row.limits}
    plain = codec.pick(row, "id", "name", "group", "size", "says", "once", "required")
    return {**plain, "pass": row.way, "types": list(limits), "limits": limits}


def advise(items: Sequence[Advice], *_: object) -> Json:
    """The ranked routes of ``advise``, for each kind of GPU."""
    return {"gpus": [_advice(item) for item in items]}


def _advice(item: Advice) -> Json:
    target = item.target
    return {
        **codec.pick(item.gpu, *GPU),
        **(codec.pick(target, *KNOWN) if target else dict.fromkeys(KNOWN)),
        "sites": [codec.pick(s, "site", "verdict", "why", "rule") for s in item.sites],
        "routes": [{"rank": rank, **codec.encode(option)} for rank, option in enumerate(item.options, 1)],
        "notes": [codec.pick(n, "id", "says", "evidence") for n in item.notes],
        **codec.pick(item, "others", "system"),
    }


def setup(plan: SetupPlan, room: Room, found: Preview) -> Json:
    """What ``setup`` would fetch, and make of it."""
    return {
        "environment": codec.encode(found),
        **set_up(found.python, ()),
        "gpu": codec.pick(plan.gpu, *GPU),
        **codec.pick(plan, "source", "read", "skipped", "tried", "words", "others"),
        "set": _set(plan.choice),
        **codec.pick(room, "place", "missing", "free"),
        "unpacked": plan.unpacked,
    }


def served(items: tuple[Served, ...]) -> Json:
    """What indexes serve for a target, of ``setup --check-index``."""
    return {"indexes": [{**codec.pick(item, *SERVED), "set": item.choice and _set(item.choice)} for item in items]}


def _set(choice: Choice) -> Json:
    about = codec.pick(choice, "torch", "rocm", "target", "python", "layout", "left_out")
    return {**about, "files": [codec.pick(file, *FILE) for file in choice.files]}


def report(shared: Shared, files: Sequence[str], *_: object) -> Json:
    """What may be shared, and the files it was written to."""
    return {"report": codec.encode(shared), "files": list(files)}


def history(owners: Iterable[OwnerHistory]) -> Json:
    """The kept generations of each owner, oldest first, and whether they can be gone back to."""
    shown = {
        o.name: [{**generation(g), "environment_removed": g.number in o.lost} for g in o.generations] for o in owners
    }
    return {"owners": [{"owner": name, "generations": generations} for name, generations in shown.items()]}


def diagnose(found: Diagnosis) -> Json:
    """The findings of a log, the cause first. ``class`` is no name a field can have."""
    findings = [{"class": f.name, **codec.pick(f, *FINDING)} for f in found.findings]
    about = [
        {"kind": s.context.kind.value, "id": s.context.id, "text": s.text, **codec.pick(s, "value", "line", "excerpt")}
        for s in found.about
    ]
    rest = codec.pick(found, "others", "elsewhere", "collect", "tracker")
    suspect = found.suspect and codec.pick(found.suspect, "solver", "line", "switch", "effect")
    return {**codec.pick(found, "source", "lines"), "findings": findings, "about": about, **rest, "suspect": suspect}
