"""Logs with what fixed them: the first finding, what the log is of, and what advice has to say and must not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from rdna_installer.detect.host import Ask
from rdna_installer.diagnose.finding import Diagnosis, Finding
from rdna_installer.diagnose.scan import scan
from rdna_installer.knowledge.signatures import Kind
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow.diagnosing import Diagnosing

HERE = Path(__file__).parent
SETS = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("unseen_logs*.yaml"))]
UNSEEN = {kind: [case for each in SETS for case in each[kind]] for kind in ("failures", "innocent")}
NET = yaml.safe_load((HERE / "innocent_net.yaml").read_text(encoding="utf-8"))["innocent"]
LINES, HEADLESS = (
    yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("innocent_lines", "headless_logs")
)
CAPTURED = yaml.safe_load((HERE / "captured_advice.yaml").read_text(encoding="utf-8"))
# Names of the captures for what is called otherwise here.
SAME = {"wsl-gpu-not-usable": "wsl", "triton-compile-failure": "triton-compile", "gpu-init-failed": "gpu-lost"}


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Diagnosing:
    """A machine without a GPU: every log is of another."""
    root = tmp_path_factory.mktemp("root")
    (root / "etc").mkdir()
    return Diagnosing(Sysroot(str(root)), Ask(search_sites=False))


def look(job: Diagnosing, text: bytes) -> Diagnosis:
    return job.diagnose(scan([text], job.signatures), "x.log")


def thread(case: dict[str, Any]) -> str:
    return str(case["source"]).removeprefix("https://github.com/")


def said(found: Finding) -> str:
    explain = f"rdna-installer explain {found.rule}" if found.rule else ""
    return " ".join([found.means, *found.advice, found.next or "", found.check or "", explain])


def agree(found: Diagnosis, case: dict[str, Any], classes: set[str]) -> None:
    """The first finding is what the case says, and its texts have the words."""
    assert found.findings
    first = found.findings[0]
    assert first.fatal and first.name in classes
    text = said(first)
    assert [word for word in case["must"] if not re.search(word, text)] == [], text
    assert [word for word in case["must_not"] if re.search(word, text)] == [], text
    assert {key: getattr(first, key) for key in ("program", "platform", "gfx") if key in case} == {
        key: case[key] for key in ("program", "platform", "gfx") if key in case
    }
    assert first.next and first.source.startswith("https://")


@pytest.mark.parametrize("case", UNSEEN["failures"], ids=thread)
def test_an_unseen_failure(case: dict[str, Any], nowhere: Diagnosing) -> None:
    if "left" in case:  # not named, by what is said there; nothing else is claimed of it either
        assert look(nowhere, case["text"].encode()).findings == ()
        return
    agree(look(nowhere, case["text"].encode()), case, set(case["class"]))


@pytest.mark.parametrize("case", [*UNSEEN["innocent"], *NET], ids=thread)
def test_an_innocent_log(case: dict[str, Any], nowhere: Diagnosing) -> None:
    assert [f.signature for f in look(nowhere, case["text"].encode()).findings if f.fatal] == []


@pytest.mark.parametrize("text", [case["text"] for case in LINES])
def test_ordinary_lines_beside_a_sign_of_amd(text: str, nowhere: Diagnosing) -> None:
    assert [f.signature for f in look(nowhere, text.encode()).findings if f.fatal] == []


@pytest.mark.parametrize("case", HEADLESS, ids=lambda case: case["of"])
def test_an_excerpt_without_its_head(case: dict[str, Any], nowhere: Diagnosing) -> None:
    first = look(nowhere, case["text"].encode()).findings[0]
    assert first.fatal and first.name in case["class"], first.signature


def test_every_captured_failure(captures: Path, nowhere: Diagnosing) -> None:
    described = {path.stem: path for path in sorted((captures / "logs2").glob("*.yaml"))}
    assert len(described) >= 37
    for name, path in described.items():
        about = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = look(nowhere, path.with_suffix(".log").read_bytes())
        if about["kind"] == "neg":
            assert [f.signature for f in found.findings if f.fatal] == [], name
            continue
        case = CAPTURED[name]
        right = {about["symptom"], *about["also_right"]}
        agree(found, case, {*right, *(SAME.get(word, word) for word in right), *case.get("class", ())})


def test_every_word_stands_beside_its_note() -> None:
    assert all(case["note"] and case["must"] for case in CAPTURED.values())


def test_nothing_found_is_an_answer(nowhere: Diagnosing) -> None:
    """What was recognised, what to collect, where to ask."""
    found = look(nowhere, b'ollama[1]: level=INFO msg="loaded" gpu_type=gfx1032\n')
    assert found.findings == ()
    assert [(s.context.id, s.line) for s in found.about] == [("ollama", 1), ("gfx", 1)]
    assert any("diagnose --unit ollama" in line for line in found.collect)
    assert found.tracker == "https://github.com/ollama/ollama/issues"
    assert look(nowhere, b"all is well\n").collect


def test_the_fault_of_others_is_named(nowhere: Diagnosing) -> None:
    for text, name in (
        (b"OSError: [Errno 28] No space left on device\n", "other-disk"),
        (b"torch.OutOfMemoryError: CUDA out of memory. Tried\n", "other-cuda-memory"),
        (b"i915 0000:00:02.0: [drm] GPU HANG: ecode 12:1\n", "other-intel"),
        (b"RIP: 0010:arc_buf_destroy+0x1c/0x110 [zfs]\n", "other-oops"),
        (b"ROCm\nError: open /tmp/ollama9/rocm/lib.so: permission denied\n", "other-permission"),
        (b"AMD Radeon RX 580\njava.lang.NullPointerException: null\n", "other-java"),
        (b"/opt/rocm\nerror[E0382]: borrow of moved value: `v`\n", "other-rust"),
        (b"ROCm\nImportError: cannot import name 'HfFolder' from 'huggingface_hub'\n", "other-python-packages"),
    ):
        found = look(nowhere, text)
        assert found.findings == ()
        assert name in [s.context.id for s in found.about if s.context.kind is Kind.OTHER]


def test_a_last_resort_is_silent_beside_what_is_known(nowhere: Diagnosing) -> None:
    """Words that only say that something is wrong count where nothing says what."""
    unknown = "[drm:amdgpu_job_timedout [amdgpu]] *ERROR* "
    known = look(nowhere, f"{unknown}ring sdma1 timeout, signaled seq=1, emitted seq=3\n".encode())
    assert [found.name for found in known.findings] == ["ring-timeout"]
    assert [found.signature for found in look(nowhere, f"{unknown}never met\n".encode()).findings] == [
        "engine-error-last"
    ]
