"""Root's last result in /run: what a reader without root cannot see himself (parameters with mode 0600)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, HostFacts, Report, Status

PATH = PurePosixPath("/run/rdna-installer/verify.json")
FIELDS = ("wanted", "running", "source", "hint")


def leave_result(report: Report, facts: HostFacts, root: Sysroot) -> None:
    """Write the report for readers without root. Call it as root on the running system only. Raises OSError."""
    from rdna_installer.machine.runfile import publish

    checks = [{"id": c.id, "status": c.status.value, **{f: getattr(c, f) for f in FIELDS}} for c in report.checks]
    data = {
        "schema": 1,
        "ok": report.ok,
        "reboot_pending": report.reboot_pending,
        "generation": report.generation,
        "boot_id": facts.boot_id,
        "checks": checks,
    }
    publish(root, PATH, json.dumps(data, indent=2).encode() + b"\n")


def read_result(generation: Generation, facts: HostFacts, root: Sysroot) -> Mapping[str, Check]:
    """Root's checks by id, when they were made in this boot for this generation; else nothing."""
    found = root.status(PATH, follow=False)
    if facts.boot_id is None or found is None or found.st_uid != 0:
        return {}
    try:
        data = json.loads(root.read_text(PATH))
        if data["boot_id"] != facts.boot_id or data["generation"] != generation.number:
            return {}
        return {c["id"]: Check(c["id"], Status(c["status"]), *(c[f] for f in FIELDS)) for c in data["checks"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # half-made or of another version: as good as none
