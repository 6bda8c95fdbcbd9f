"""What people posted: a failure gives its class first, AMD's own chatter nothing fatal, others' logs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from rdna_installer.diagnose.diagnose import order
from rdna_installer.diagnose.finding import Hit
from rdna_installer.diagnose.scan import scan
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.signatures import load_signatures

KNOWN = load_signatures(load_book().targets.targets)
POSTED = yaml.safe_load(Path(__file__).with_name("posted_logs.yaml").read_text(encoding="utf-8"))


def findings(text: str, encoding: str = "utf-8") -> tuple[Hit, ...]:
    return order(scan([text.encode(encoding)], KNOWN))


def thread(case: dict[str, str]) -> str:
    return case["source"].removeprefix("https://github.com/")


@pytest.mark.parametrize("case", POSTED["failures"], ids=thread)
def test_a_failure_gives_its_class_first(case: dict[str, str]) -> None:
    assert [hit.signature.name for hit in findings(case["text"])][:1] == [case["class"]]


@pytest.mark.parametrize("case", POSTED["others"], ids=thread)
def test_a_log_of_others_gives_nothing(case: dict[str, str]) -> None:
    assert findings(case["text"]) == ()


@pytest.mark.parametrize("case", POSTED["benign"], ids=thread)
def test_chatter_gives_nothing_fatal(case: dict[str, str]) -> None:
    assert [hit.signature.id for hit in findings(case["text"]) if hit.signature.fatal] == []


@pytest.mark.parametrize("case", POSTED["failures"], ids=thread)
def test_the_form_of_a_log_does_not_matter(case: dict[str, str]) -> None:
    """Progress bars before the lines, Windows line ends; colours, UTF-16 with its mark."""
    text = case["text"]
    forms = (
        (text.replace("\n", "\r\n 12%|███   | 12/100 [00:12<01:00, 1,23it/s]\r"), "utf-8"),
        (text.replace("\n", "\x1b[0m\n\x1b[1;31m"), "utf-16"),
    )
    for form, encoding in forms:
        assert [hit.signature.name for hit in findings(form, encoding)][:1] == [case["class"]], form


def test_most_classes_are_among_them() -> None:
    sets = sorted(Path(__file__).parent.glob("unseen_logs*.yaml"))
    unseen = [case for path in sets for case in yaml.safe_load(path.read_text(encoding="utf-8"))["failures"]]
    missing = KNOWN.classes - {case["class"] for case in POSTED["failures"]}
    missing -= {name for case in unseen for name in case["class"]}
    assert missing <= {"secure-boot", "hsa-out-of-registers", "hip-error"}
