"""What an expert decides about machines of public threads, end to end: plan, verify, advise, env and diagnose agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_sample import Cli
from invented import INVENTED
from posted import POSTED
from posted_second import POSTED_SECOND
from posted_third import POSTED_THIRD
from situations import SITUATIONS, Situation
from user_machines import build

pytestmark = pytest.mark.processes  # modinfo
THIRD = {f"third-{name}": found for name, found in POSTED_THIRD.items()}
ALL = {**SITUATIONS, **INVENTED, **POSTED, **POSTED_SECOND, **THIRD}
NAMES = tuple(ALL)


@pytest.fixture
def machine(name: str, tmp_path: Path, module: Path) -> Path:
    found = ALL[name]
    root = build(tmp_path / "root", found.cards, found.wheel, found.release, module)
    (root / "proc/sys/kernel").mkdir(parents=True)
    (root / "proc/sys/kernel/osrelease").write_text(f"{found.release}\n")
    (root / "proc/cmdline").write_text(f"ro quiet {found.cmdline}\n")
    for path, text in found.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def _plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", NAMES)
def test_every_command_decides_as_the_expert(name: str, machine: Path, cli: Cli) -> None:
    found = ALL[name]
    root = ("--root", str(machine))
    text = _plain("".join(cli(command, *root).out for command in ("plan", "advise", "verify")))
    if found.verdict == "error":
        done = cli("plan", *root)
        assert (done.code, done.out) == (3, "")
        text += _plain(done.err)
    else:
        _commands(found, cli, root)
    assert [word for word in found.says if word not in text] == []
    assert [word for word in found.never if word in text] == []


def _commands(found: Situation, cli: Cli, root: tuple[str, str]) -> None:
    plan = json.loads(cli("plan", "--json", *root).out)
    _plan(found, plan)
    python = ("--python", found.wheel.python) if found.wheel else ()
    verified = cli("verify", "--json", *python, *root)
    _verify(found, json.loads(verified.out), verified.code)
    _advise(found, json.loads(cli("advise", "--json", *root).out)["gpus"][0])
    env = cli("env", *root)
    assert env.code == 0
    _session(found, json.loads(cli("plan", "--json", "--layer", "env", "--layer", "python", *root).out), env.err)


def _plan(found: Situation, plan: dict[str, Any]) -> None:
    assert plan["verdict"] == found.verdict
    settings = {layer: {s["key"]: s["value"] for s in plan["settings"] if s["layer"] == layer} for layer in
                ("python", "kernel")}  # fmt: skip
    assert settings == {"python": found.python, "kernel": found.kernel}
    assert [c["source"] for c in plan["conflicts"]] == list(found.conflicts)
    said = [*(f"{c['key']}=" for c in plan["conflicts"]), *plan["warnings"]]
    for key in (*found.wrong, *found.useless):
        assert any(f"{key}=" in text or f"{key} to " in text for text in said), f"plan says nothing of {key}"
    assert [w for w in plan["warnings"] if "would not" in w and not any(f"{k}=" in w for k in found.wrong)] == []


def _verify(found: Situation, report: dict[str, Any], code: int) -> None:
    bad = [c for c in report["checks"] if c["status"] in ("mismatch", "failed")]
    named = [c for c in report["checks"] if c["id"].startswith(("user-env:", "others:"))]
    assert all(any(f"{key}=" in c["running"] for c in bad) for key in found.wrong)
    assert all(any(f"{key}=" in c["running"] and c["hint"] for c in named) for key in found.useless)
    assert any(c in named for c in bad) is bool(found.wrong)
    assert code == (4 if bad else 0)


def _advise(found: Situation, advised: dict[str, Any]) -> None:
    removed = {route["id"].removeprefix("remove-") for route in advised["routes"] if route["kind"] == "remove"}
    assert set(found.wrong) <= removed
    assert found.first in (None, advised["routes"][0]["id"])
    for route in advised["routes"]:
        if route["rank"] == 1 and route["leads_to"] is not None:
            assert route["leads_to"] != "unusable"
    assert all(any(f"{key}=" in text for text in advised["others"]) for key in (*found.wrong, *found.useless))


def _session(found: Situation, plan: dict[str, Any], notes: str) -> None:
    """All that ``plan`` notes of the layers that a session can have."""
    text = _plain(notes)
    assert [warning for warning in plan["warnings"] if _plain(warning) not in text] == []
    assert [c["hint"] for c in plan["conflicts"] if _plain(c["hint"]) not in text] == []
    assert [key for key in (*found.wrong, *found.useless) if f"{key}=" not in text and f"{key} to " not in text] == []


@pytest.mark.parametrize("name", ["r9070xt-rocm64-cachyos", "steamdeck-comfyui"])
def test_diagnose_names_it_too(name: str, machine: Path, cli: Cli, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("RuntimeError: HIP error: invalid device function\n")
    done = cli("diagnose", str(log), "--json", "--root", str(machine))
    assert any(SITUATIONS[name].wrong[0] in text for text in json.loads(done.out)["others"])


def test_wsl_is_said_to_be_wsl(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/osrelease").write_text("6.6.87.2-microsoft-standard-WSL2\n")
    done = cli("plan", "--root", str(tmp_path))
    assert done.code == 3
    assert "this is WSL" in _plain(done.err)
    assert "HSA_ENABLE_DXG_DETECTION=1" in done.err


@pytest.mark.parametrize("name", ["780m-arch-xanmod-cwsr", "6600xt-beside-5700xt", "cezanne-ollama-only"])
@pytest.mark.parametrize("command", ["detect", "plan", "advise", "verify", "env"])
def test_what_is_read_fits_the_screen(name: str, command: str, machine: Path, cli: Cli) -> None:
    """80 columns, but for what must not be broken: an address, a path, a command to be typed, a line of a file."""
    done = cli(command, "--root", str(machine))
    lines = [line for line in (done.out + done.err).splitlines() if len(line) > 80]
    typed = ("pip install", "PYTORCH_ROCM_ARCH=", "    +", "torch.autocast", "  create /")
    assert [line for line in lines if len(line.split()) > 1 and not any(word in line for word in typed)] == []
