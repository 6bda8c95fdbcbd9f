"""Whether a strategy is in force, by the answers of stand-in interpreters: small shell scripts that print one."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path, PurePosixPath

import pytest
from check_samples import ME, site

from rdna_installer.check import hook
from rdna_installer.check.hook import CONV_ANSWER, check_strategy
from rdna_installer.model import Check, PythonSite, Status

pytestmark = pytest.mark.processes
GOOD = {"strategy": "gemm", "in_force": True, "overrides": ["a", "b"], "notices": [], "hip": "6.2"}


def interpreter(folder: Path, script: str) -> PythonSite:
    path = folder / "python"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return dataclasses.replace(site(), python=PurePosixPath(path))


def answering(folder: Path, answer: object) -> PythonSite:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    (folder / "answer").write_text(f"hello from somebody's .pth\n{CONV_ANSWER}{text}\n")
    return interpreter(folder, f"cat {folder}/answer\n")


def ask(found: PythonSite) -> Check:
    return check_strategy(found, "gemm", ME)


@pytest.mark.parametrize(
    ("answer", "status", "running", "hint"),
    [
        (GOOD, Status.OK, "gemm (2 operations replaced)", ""),
        ({**GOOD, "notices": ["MIOpen kept off"]}, Status.OK, "gemm (2", "MIOpen kept off"),
        ({**GOOD, "in_force": False}, Status.MISMATCH, "gemm (2", "took operations back"),
        ({**GOOD, "in_force": "yes"}, Status.MISMATCH, "gemm (2", "took operations back"),
        ({**GOOD, "strategy": "native", "overrides": []}, Status.MISMATCH, "native", "RDNA_HOOK=verbose"),
        ({**GOOD, "strategy": "native", "overrides": [], "hip": None}, Status.MISMATCH, "native", "a ROCm build"),
        ({"error": "ImportError: libamdhip64.so.6\x1b[2J"}, Status.FAILED, None, "libamdhip64.so.6?[2J"),
        ("{", Status.FAILED, None, "status 0"),
        ([], Status.FAILED, None, "status 0"),
        ({"strategy": "gemm", "in_force": True, "overrides": 9, "notices": []}, Status.FAILED, None, "status 0"),
        ("[" * 100_000, Status.FAILED, None, "status 0"),
    ],
)
def test_answers(open_path: Path, answer: object, status: Status, running: str | None, hint: str) -> None:
    found = answering(open_path, answer)
    check = ask(found)
    assert (check.id, check.status, check.wanted) == (f"conv:{found.python}", status, "gemm")
    assert (check.running or "").startswith(running or "") and (running is None) == (check.running is None)
    assert hint in (check.hint or "")


def test_an_interpreter_that_dies_or_is_not_there(open_path: Path) -> None:
    check = ask(interpreter(open_path, "exit 9\n"))
    assert (check.status, "status 9" in str(check.hint)) == (Status.FAILED, True)
    gone = dataclasses.replace(site(), python=PurePosixPath("/no/such/python"))
    assert ask(gone).status is Status.FAILED


def test_one_that_takes_too_long_is_unknown(open_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook, "IMPORT_LIMIT", 0.3)
    check = ask(interpreter(open_path, "sleep 60\n"))
    assert (check.status, "not imported within" in str(check.hint)) == (Status.UNKNOWN, True)


def test_a_python_without_torch_says_so(everybodys_python: str) -> None:
    here = dataclasses.replace(site(), python=PurePosixPath(everybodys_python))
    blocked = hook.CONV_PROBE.replace("import torch", "import no_such_torch")
    assert blocked != hook.CONV_PROBE
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hook, "CONV_PROBE", blocked)
        check = ask(here)
    assert (check.status, "no_such_torch" in str(check.hint)) == (Status.FAILED, True)
