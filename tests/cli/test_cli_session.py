"""``env`` and ``run``: one session with the settings of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_sample import Cli, Result

pytestmark = pytest.mark.processes
INSTALLER = Path(__file__).resolve().parents[2] / "installer"
VENV = "/home/sam/venv/bin/python"
PRINT = [sys.executable, "-c", "import os; print({k: v for k, v in os.environ.items() if k[:4] in ('HSA_', 'RDNA')})"]


def run(*argv: str, env: dict[str, str] | None = None) -> Result:
    """The real program: `run` becomes another one."""
    clean = {k: v for k, v in os.environ.items() if k[:4] not in ("HSA_", "RDNA")}
    done = subprocess.run(
        [sys.executable, "-m", "rdna_installer", "run", *argv],
        env={**clean, "PYTHONPATH": str(INSTALLER), **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def own(tmp_path: Path) -> list[str]:
    """A venv of its own, so that nothing of this machine plays a part."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    return ["--gfx", "gfx1031", "--python", str(tmp_path / "v")]


def test_run_sets_what_is_asked_and_becomes_the_command(own: list[str]) -> None:
    done = run(*own, "--set", "HSA_XNACK=0", "--conv", "gemm", "--", *PRINT)
    assert (done.code, done.out) == (0, "{'HSA_XNACK': '0', 'RDNA_CONV': 'gemm'}\n")
    said = " ".join(done.err.split())
    assert "RDNA_CONV has no effect" in said and "rdna-installer apply --layer python" in said
    assert run(*own, "--", "sh", "-c", "exit 7").code == 7
    assert run(*own, "sh", "-c", "kill -9 $$").code == -9
    assert run(*own, "--", "sh", "-c", "yes | head -1").out == "y\n"


def test_warm_runs_once_with_find_on_and_says_what_was_built(own: list[str], tmp_path: Path) -> None:
    keep = "d=$HOME/.config/miopen; mkdir -p $d"
    find = f'{keep}; echo "$MIOPEN_FIND_MODE ${{MIOPEN_DISABLE_CACHE-unset}}" > $d/a.ufdb.txt; exit 3'
    home = {"HOME": str(tmp_path), "MIOPEN_DISABLE_CACHE": "1", "MIOPEN_FIND_MODE": "FAST"}
    done = run(*own, "--warm", "--", "sh", "-c", find, env=home)
    assert done.code == 3
    assert (tmp_path / ".config/miopen/a.ufdb.txt").read_text() == "NORMAL unset\n"
    assert f"MIOpen's choice of solvers: +1 files, 1 KiB more in {tmp_path}/.config/miopen" in done.err
    again = run(*own, "--warm", "--", "true", env=home)
    assert again.code == 0
    assert "nothing was built" in again.err
    assert run(*own, "--warm", "--", "/no/such/program", env=home).code == 3


def test_what_is_asked_outranks_the_session_and_the_rest_does_not(own: list[str]) -> None:
    session = {"HSA_XNACK": "1", "HSA_OVERRIDE_GFX_VERSION": "10.3.1"}
    done = run(*own, "--set", "HSA_XNACK=0", "--", *PRINT, env=session)
    assert done.out == "{'HSA_XNACK': '0', 'HSA_OVERRIDE_GFX_VERSION': '10.3.1'}\n"
    assert "this session sets HSA_OVERRIDE_GFX_VERSION=10.3.1, which is superfluous" in done.err


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (["--", "/no/such/program"], 3, "[tool-missing]"),
        (["--", "/"], 3, "[tool-missing]"),
        ([], 2, "COMMAND"),
        (["--conv", "magic", "--", "true"], 2, "is not one of"),
        (["--nonsense", "--", "true"], 2, "--nonsense"),
    ],
)
def test_run_with_bad_input(own: list[str], argv: list[str], code: int, says: str) -> None:
    done = run(*own, *argv)
    assert (done.code, done.out) == (code, "")
    assert says in done.err and "Traceback" not in done.err


def test_env_with_a_strategy(cli: Cli, sample: Path) -> None:
    done = cli("env", "--root", str(sample), "--conv", "gemm", "--layer", "python")
    assert done.out.splitlines() == [
        "export AMDGCN_USE_BUFFER_OPS='0'",
        "export TORCH_DISABLE_NATIVE_JIT='1'",
        "export RDNA_CONV='gemm'",
    ]
    assert f"RDNA_CONV has no effect in {VENV}" in done.err
    assert cli("apply", "--yes", "--root", str(sample), "--conv", "gemm", "--layer", "python").code == 0
    table = (sample / "home/sam/venv/lib/python3.11/site-packages/_rdna_hook/__init__.py").read_text()
    assert "'RDNA_CONV': 'gemm'" in table
    assert "has no effect" not in cli("env", "--root", str(sample), "--conv", "cpu").err


def test_uninstall_leaves_nothing_of_the_hook(cli: Cli, sample: Path) -> None:
    folder = sample / "home/sam/venv/lib/python3.11/site-packages"
    before = sorted(folder.rglob("*"))
    assert cli("apply", "--yes", "--root", str(sample), "--conv", "gemm", "--layer", "python").code == 0
    for package in ("_rdna_hook", "_rdna_hook/conv"):
        (folder / package / "__pycache__").mkdir()
        (folder / package / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"")
    assert cli("uninstall", "--yes", "--root", str(sample)).code == 0
    assert sorted(folder.rglob("*")) == before
