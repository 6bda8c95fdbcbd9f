"""``verify --running`` in Debians booted for it: what real processes have, who set it, and no false alarm.

The rest (rootless and root podman, cron) by ``tests/run -m reach tests/system/test_running.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import booted
import debian_root
import pytest
import reach_roots
from booted import Booted
from debian_machine import CHECKOUT, Machine

pytestmark = pytest.mark.system

KEY = "HSA_OVERRIDE_GFX_VERSION"
PROGRAM = ("env", f"PYTHONPATH={CHECKOUT}/installer", "python3", "-m", "rdna_installer")
GIVEN = ("--gfx", "gfx1031", "--python", "/home/sam/venv")
SCRIPT = Path(__file__).with_name("gpu_programs.sh")

# The last word of the command -> the verdict on KEY (None: nothing is said of it) and what its origin names.
SCENARIOS = {
    "stale-tmux": ("stale", "tmux: server"),
    "before-hook": ("stale", "our hook"),
    "hooked": ("ok", "our hook"),
    "activated": ("ok", "our hook"),
    "mapped": ("ok", "our hook"),
    "empty-inherited": ("ok", "our hook"),
    "healthy-unit": ("ok", "our hook"),
    "user-service": ("ok", "our hook"),
    "hook-off": ("missing", "RDNA_HOOK=0"),
    "no-site": ("missing", "python -S"),
    "overwritten": ("not readable", ""),
    "by-program": ("wrong", "set by the program or its launcher (python"),
    "by-script": ("wrong", "/home/sam/start.sh:2"),
    "gpu-userns": ("wrong", "another namespace"),
    "gpu-of-zoe": ("wrong", "~zoe/.profile:"),
    "gpu-wrong-unit": ("wrong", "/etc/systemd/system/wrong.service:2"),
    "gpu-stale-unit": ("stale", "/etc/systemd/system/stale.service:2"),
    "gpu-unread-unit": ("stale", "/etc/systemd/system/unread.service:2"),
    "gpu-stale-file": ("stale", "/etc/default/envfile:1"),
    "gpu-dropped-in": ("stale", "/etc/systemd/system/dropped.service.d/60-new.conf:2"),
    "gpu-launched": ("wrong", "/usr/local/bin/launch:2"),
    "gpu-transient": ("wrong", "/run/systemd/transient/transient.service:"),
    "gpu-user-wrong": ("wrong", ".config/systemd/user/mine.service:2"),
    "gpu-imported": ("wrong", "the manager of sam's services"),
    "gpu-graphics": (None, ""),
}
HEALTHY = ("hooked", "activated", "empty-inherited", "healthy-unit", "gpu-graphics")


@dataclass(frozen=True)
class Seen:
    """A machine with all of it running, and what was said."""

    machine: Booted
    code: int
    report: dict[str, Any]
    text: str

    def row(self, name: str) -> dict[str, Any]:
        (row,) = [r for r in self.report["running"] if name in r["command"].split()]
        return row


def verify(machine: Booted, *words: str) -> tuple[int, str]:
    done = machine.run(*PROGRAM, "verify", "--running", *GIVEN, *words)
    assert "Traceback" not in done.stderr and done.returncode in (0, 4), done.stdout + done.stderr
    return done.returncode, done.stdout


@pytest.fixture(scope="module", params=reach_roots.RELEASES)
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    if why := debian_root.missing() or booted.missing():
        pytest.skip(why)
    with debian_root.scratch_root(reach_roots.RELEASES[request.param]) as root:
        machine = Machine(root)
        script = machine.path("/root/programs")
        script.write_bytes(SCRIPT.read_bytes())
        with booted.boot(machine, target="multi-user.target") as running:
            running.must("bash", "/root/programs", "people")
            running.must("bash", "/root/programs", "before")
            running.must(*PROGRAM, "apply", "--yes", *GIVEN, "--set", "HSA_USE_SVM=0")
            running.must("bash", "/root/programs", "after")
            code, text = verify(running, "--json")
            yield Seen(running, code, json.loads(text), verify(running)[1])


@pytest.mark.parametrize("name", SCENARIOS)
def test_verdict_and_origin(seen: Seen, name: str) -> None:
    verdict, origin = SCENARIOS[name]
    row = seen.row(name)
    found = next((v for v in row["variables"] if v["key"] == KEY), None)
    if verdict is None:
        assert found is None, row
        return
    assert found is not None, row
    assert found["verdict"] == verdict, row
    assert origin in (found["origin"] or ""), row


@pytest.mark.parametrize("name", HEALTHY)
def test_no_false_alarm(seen: Seen, name: str) -> None:
    row = seen.row(name)
    assert not row["problems"], row
    assert {v["verdict"] for v in row["variables"]} <= {"ok"}, row
