"""``probe`` and ``--conv probe`` from end to end, with a stand-in torch and a stand-in child that computes nothing."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from cli_sample import Cli

from rdna_installer.change import store
from rdna_installer.workflow import probing

pytestmark = [pytest.mark.processes, pytest.mark.host]
STAND_IN = """
import json, os, sys, time
told = json.loads(sys.argv[1])
def say(**fields): os.write(told["report"], (json.dumps(fields) + "\\n").encode())
assert os.environ["RDNA_HOOK"] == "0" and "RDNA_CONV" not in os.environ
import rdna_conv
speed = {"any": 1.0, "native": 1.0, "no-miopen": 3.0, "gemm": 2.0, "cpu": 50.0}[told["strategy"]]
assert bool(told["seconds"]) is ("AMD_SERIALIZE_KERNEL" not in os.environ), "repeated while kernels wait"
for op in told["cells"]:
    say(start=op)
    if told["strategy"] == "native" and "conv2d" in op:
        os.abort()
    say(end=op, ok=True, worst=0.0, ms=speed)
say(done=True)
"""


FITTED = """
import json, os, sys
told = json.loads(sys.argv[1])
def say(**fields): os.write(told["report"], (json.dumps(fields) + "\\n").encode())
assert os.environ["RDNA_HOOK"] == "0" and "AMD_SERIALIZE_KERNEL" not in os.environ
numbers = json.load(open(os.path.join(os.path.dirname(sys.argv[0]), told["conv"], "costs.json")))["devices"]["cuda"]
numbers["types"]["float32"]["gemm"]["tflops"] = 4.25
say(begun=["float32"])
say(costs={"schema": 1, "margin": 0.85, "devices": {"AMD Radeon RX 6800": numbers}}, samples=99, gain=1.5, possible=1.6)
"""


def children(monkeypatch: pytest.MonkeyPatch, child: str = STAND_IN, costs: str = FITTED) -> None:
    """Put these in the place of the programs that need a GPU."""
    sources = {probing.CHILD: child.encode(), probing.COSTS_CHILD: costs.encode()}
    monkeypatch.setattr(probing, "child_sources", lambda: sources)


@pytest.fixture
def venv(open_path: Path, everybodys_python: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A venv whose torch says it is a ROCm build with kernels for gfx1030, and state of its own."""
    subprocess.run([everybodys_python, "-m", "venv", "--without-pip", open_path / "v"], check=True)
    (packages,) = (open_path / "v/lib").glob("python3*/site-packages")
    write_torch(packages, "2.11.0")
    monkeypatch.setattr(store, "SYSTEM", PurePosixPath(open_path / "state"))
    monkeypatch.setenv("XDG_STATE_HOME", str(open_path / "state"))
    children(monkeypatch)
    monkeypatch.setattr(probing, "read_log", lambda: None)
    return packages


def write_torch(packages: Path, version: str) -> None:
    (packages / "torch/lib/rocblas/library").mkdir(parents=True, exist_ok=True)
    (packages / "torch/__init__.py").write_text("")
    (packages / "torch/version.py").write_text(f"__version__ = '{version}'\nhip = '7.15.0'\n")
    (packages / "torch/lib/rocblas/library/TensileLibrary_lazy_gfx1030.dat").write_bytes(b"")


def python_of(venv: Path) -> str:
    return str(venv.parents[2] / "bin/python")


def test_probe_then_apply_then_stale(cli: Cli, venv: Path) -> None:
    here = ("--gfx", "gfx1030", "--python", python_of(venv))
    layer = (*here, "--layer", "python")
    missing = cli("plan", *layer, "--conv", "probe")
    assert missing.code == 3 and "[no-probe]" in missing.err and "rdna-installer probe --python" in missing.err

    asked = cli("probe", *here)
    assert asked.code == 5 and "may reset the GPU" in asked.err and "--dry-run" not in asked.err

    done = cli("probe", *here, "--yes")
    assert done.code == 0, done.err
    assert "CRASH" in done.out and "best: gemm" in done.out
    assert f"rdna-installer apply --layer python --python {python_of(venv)} --conv probe" in done.out
    assert "native, as planned: conv2d-3-16/f32: ended by SIGABRT" in " ".join(done.out.split())

    plan = json.loads(cli("plan", *layer, "--conv", "probe", "--json").out)
    assert [(s["key"], s["value"], s["rule"]) for s in plan["settings"]] == [("RDNA_CONV", "gemm", "--conv")]
    assert cli("apply", *layer, "--conv", "probe", "--yes").code == 0

    write_torch(venv, "2.12.0")
    plain = cli("plan", *layer)
    assert "torch 2.11.0 -> 2.12.0" in " ".join(plain.out.split())
    stale = cli("plan", *layer, "--conv", "probe")
    assert stale.code == 3 and "[probe-stale]" in stale.err
    assert "'RDNA_CONV': 'gemm'" in (venv / "_rdna_hook/__init__.py").read_text(), "what is applied stays"


@pytest.mark.parametrize("wrong", [0, 3])
def test_the_minutes_after_it(cli: Cli, venv: Path, monkeypatch: pytest.MonkeyPatch, wrong: int) -> None:
    """The same work with what was best; whatever a child reports is heard as it comes."""
    heard: list[bytes] = []
    monkeypatch.setattr("rdna_installer.report.probe_text.Bar.tick", lambda bar, new: heard.append(new))
    works = f"""if "soak" in told:
    say(soak=1.0, rounds=len(told["cells"]), wrong={wrong}, ms=0.5, bytes=1 << 20)
    sys.exit()
"""
    children(monkeypatch, STAND_IN.replace("speed = ", f"{works}speed = ", 1))
    here = ("--gfx", "gfx1030", "--python", python_of(venv), "--minutes", "1", "--yes")
    done = cli("probe", *here, "--json")
    assert "trying 1 minute of the same work (as planned)" in done.err
    soak = json.loads(done.out)["soak"]
    assert (soak["strategy"], soak["outcome"]) == ("gemm", "wrong" if wrong else "ok"), soak
    assert soak["rounds"] == len(probing.SOAK_CELLS) > 1, soak
    assert b'"soak": 1.0' in b"".join(heard) and b'"end": "conv2d-3-16/f32"' in b"".join(heard)


def test_what_was_measured_goes_into_the_hook_until_it_is_stale(cli: Cli, venv: Path) -> None:
    layer = ("--gfx", "gfx1030", "--python", python_of(venv), "--layer", "python")
    measured = venv / "_rdna_hook/conv/measured.json"
    assert cli("apply", *layer, "--conv", "gemm", "--yes").code == 0
    assert not measured.exists()

    done = cli("probe", *layer[:4], "--yes")
    assert "trying the cost model of gemm (as planned)" in done.err
    assert "cost model of gemm: 99 samples: 1.50 x as fast as no-miopen by its choice, 1.60 x at best" in " ".join(
        done.out.split()
    )
    assert cli("apply", *layer, "--conv", "gemm", "--yes").code == 0
    fitted = json.loads(measured.read_text())
    assert fitted["margin"] == 0.85
    assert fitted["devices"]["AMD Radeon RX 6800"]["types"]["float32"]["gemm"]["tflops"] == 4.25
    again = json.loads(cli("plan", *layer, "--conv", "probe", "--json").out)
    assert [change["path"] for change in again["changes"]] == []

    write_torch(venv, "2.12.0")
    stale = json.loads(cli("plan", *layer, "--conv", "gemm", "--json").out)
    assert [(c["path"], c["kind"]) for c in stale["changes"] if "conv/" in c["path"]] == [(str(measured), "remove")]


def test_a_half_removed_hook_is_made_whole_again(cli: Cli, venv: Path) -> None:
    """Only what is missing is written; what is proved before that is the whole hook."""
    layer = ("--gfx", "gfx1030", "--python", python_of(venv), "--layer", "python", "--conv", "gemm")
    assert cli("apply", *layer, "--yes").code == 0
    missing = venv / "_rdna_hook/import_hook.py"
    missing.unlink()
    done = cli("apply", *layer, "--overwrite", "--yes")
    assert (done.code, missing.exists()) == (0, True), done.err


STAND_IN_DRIVER = """#!/bin/sh
[ "$1 $AMD_SERIALIZE_KERNEL" = "conv 3" ] || exit 9
echo 'GPU Kernel Time Forward Conv. Elapsed: 0.500000 ms (average)'
echo 'Forward Convolution Verifies OK on CPU reference (0 < 1)'
"""


def test_miopens_own_program_is_tried_where_rocm_has_it(
    cli: Cli, venv: Path, open_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = open_path / "stand-in-MIOpenDriver"
    stand_in.write_text(STAND_IN_DRIVER)
    stand_in.chmod(0o755)
    monkeypatch.setattr(probing, "find_driver", lambda *_: PurePosixPath(stand_in))
    children(monkeypatch, STAND_IN.replace("os.abort()", "pass"))
    done = cli("probe", "--gfx", "gfx1030", "--python", python_of(venv), "--yes")
    assert done.code == 0 and "trying MIOpenDriver (as planned)" in done.err
    assert "MIOpenDriver conv 3>16 32x32: ok 0.500 ms" in done.out


def test_a_measurement_that_dies_costs_nothing_else(cli: Cli, venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    children(monkeypatch, costs=FITTED.replace("say(costs", "os.abort()\nsay(costs"))
    done = cli("probe", "--gfx", "gfx1030", "--python", python_of(venv), "--yes")
    assert done.code == 0 and "best: gemm" in done.out
    assert "cost model of gemm: not measured: its process ended (signal, -6)" in " ".join(done.out.split())


def test_json(cli: Cli, venv: Path) -> None:
    done = cli("probe", "--gfx", "gfx1030", "--python", python_of(venv), "--yes", "--json")
    data = json.loads(done.out)
    assert (data["schema"], data["best"]["strategy"]) == (1, "gemm")
    assert {v["strategy"]: v["why_not"] for v in data["verdicts"]}["native"] == "conv2d-3-16/f32: aborted"
    assert data["apply"].endswith("--conv probe")


def test_a_machine_that_went_down_is_not_sent_there_again(
    cli: Cli, venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ("probe", "--gfx", "gfx1030", "--python", python_of(venv), "--yes")

    def keep(task: object, found: object) -> None:
        real(task, replace(found, boot="another"))  # type: ignore[type-var]
        if found.at and found.running[1] == "gemm":  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    real = probing._keep
    children(
        monkeypatch, STAND_IN.replace("say(start=op)", "say(start=op); time.sleep(0.03)")
    )  # each row is seen begun
    monkeypatch.setattr(probing, "_keep", keep)
    assert cli(*here).code == 130
    monkeypatch.setattr(probing, "_keep", real)
    again = cli(*here)
    assert "was tried in gemm" in " ".join(again.err.split())
    tried = [line for line in again.err.splitlines() if "trying" in line and "as planned" in line]
    assert "trying gemm" in tried[0] and "best: no-miopen" in again.out


SMOKE = """
import json, os, sys
told = json.loads(sys.argv[1])
def say(**fields): os.write(told["report"], (json.dumps(fields) + "\\n").encode())
assert "RDNA_HOOK" not in os.environ and told["strategy"] == "native"
for op in told["cells"]:
    say(start=op)
    FAULT
    say(end=op, ok=True, worst=0.0, ms=1.0)
say(done=True)
"""


@pytest.mark.parametrize(
    ("fault", "status", "running"),
    [
        ("pass", "ok", "all equal to the CPU's"),
        ("if op == 'conv2d-backward/f32': os.abort()", "failed", "conv2d-backward/f32: signal -6"),
        ("if op == 'batchnorm2d/f32': say(end=op, ok=False, worst=1.0); continue", "failed", "batchnorm2d/f32: wrong"),
        ("say(fatal='torch sees no GPU'); sys.exit(4)", "failed", "torch sees no GPU"),
        ("sys.exit(0)", "failed", "copy/f32: ended 0"),
    ],
)
def test_verify_computes_on_the_gpu_when_asked(
    cli: Cli, venv: Path, monkeypatch: pytest.MonkeyPatch, fault: str, status: str, running: str
) -> None:
    children(monkeypatch, SMOKE.replace("FAULT", fault))
    here = ("verify", "--gfx", "gfx1030", "--python", python_of(venv), "--json")
    name = f"gpu:{python_of(venv)}"
    checks = {c["id"]: c for c in json.loads(cli(*here, "--gpu").out)["checks"]}
    assert (checks[name]["status"], checks[name]["running"]) == (status, running)
    assert name not in {c["id"] for c in json.loads(cli(*here).out)["checks"]}


def test_without_a_gpu_only_the_cpu_is_probed(cli: Cli, venv: Path) -> None:
    (venv / "torch/version.py").write_text("__version__ = '2.11.0+cpu'\nhip = None\n")
    done = cli("probe", "--python", python_of(venv))
    assert done.code == 0 and "only the CPU is probed" in done.err and "nothing follows for a GPU" in done.out
    refused = cli("plan", "--gfx", "gfx1030", "--python", python_of(venv), "--layer", "python", "--conv", "probe")
    assert refused.code == 3


def test_no_torch_is_said(cli: Cli, venv: Path) -> None:
    (venv / "torch/version.py").unlink()
    (venv / "torch/__init__.py").unlink()
    done = cli("probe", "--gfx", "gfx1030", "--python", python_of(venv), "--yes")
    assert done.code == 3 and "[no-torch]" in done.err


def test_a_damaged_result_is_said(cli: Cli, venv: Path) -> None:
    here = ("--gfx", "gfx1030", "--python", python_of(venv))
    assert cli("probe", *here, "--yes").code == 0
    (kept,) = venv.parents[3].glob("state/**/probe-*.json")
    kept.write_text("{")
    done = cli("plan", *here, "--layer", "python")
    assert done.code == 3 and "[probe-unreadable]" in done.err and str(kept) in done.err
