"""``advise``: ranked ways with evidence and commands, as whole texts (RDNA_UPDATE_GOLDEN=1 writes them anew)."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

import pytest
from policy_samples import given, gpu, host, torch

from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.load import load_book
from rdna_installer.model import HostFacts, Request, Use
from rdna_installer.plan.advise import Advice, advise
from rdna_installer.record import replace
from rdna_installer.report import advise_text, asjson
from rdna_installer.report.advise_text import Form
from rdna_installer.report.console import Style

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "advise"
BOOK = load_book()
ROCM62 = torch("2.5.1+rocm6.2", "6.2")
ROCM64 = torch("2.9.1+rocm6.4", "6.4", ("gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1200", "gfx1201"))
ROCM72 = torch("2.12.0+rocm7.2", "7.2", ("gfx1030", "gfx1100", "gfx1151"))
THEROCK = torch("2.11.0+rocm7.15.0a20260919", "7.15.0", ("gfx1010",), "therock")
HALO = gpu("gfx1151", integrated=True)

CASES: dict[str, tuple[HostFacts, Request]] = {
    "rx5600xt-given": (host((given("gfx1010"),)), Request()),
    "rx5600xt-stock": (host((gpu("gfx1010"),), ROCM62), Request()),
    "rx5600xt-therock": (host((gpu("gfx1010"),), THEROCK), Request()),
    "rx6700xt-training": (host((gpu("gfx1031"),), ROCM62), Request(use=Use.TRAINING)),
    "steam-deck-training": (host((gpu("gfx1033", integrated=True),), ROCM62), Request(use=Use.TRAINING)),
    "rx7600-old": (host((gpu("gfx1102"),), ROCM62), Request()),
    "strix-halo": (host((HALO,), ROCM72, kernel="6.17.4-arch1-1"), Request()),
    "rx9070xt": (host((gpu("gfx1201"),), ROCM64), Request()),
    "rx580": (host((gpu("gfx803"),), ROCM62), Request()),
    "two-kinds": (host((gpu("gfx1031", 1), gpu("gfx1010", 2), gpu("gfx1010", 3)), ROCM64), Request()),
}


def found(name: str) -> tuple[Advice, ...]:
    facts, request = CASES[name]
    return advise(facts, BOOK, request)


@pytest.mark.parametrize("name", CASES)
def test_the_text(name: str) -> None:
    text = advise_text.render(found(name), Form(every=True), Style(io.StringIO())) + "\n"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("RDNA_UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text


@pytest.mark.parametrize("name", CASES)
def test_the_brief_text_fits_a_screen_and_hides_nothing_for_good(name: str) -> None:
    style, items = Style(io.StringIO()), found(name)
    style.rows = 24  # a terminal
    brief = advise_text.render(items, Form(), style)
    whole = advise_text.render(items, Form(every=True), style)
    assert len(brief.splitlines()) <= 40 * len(items)
    for item in items:
        ways = [option for option in item.options if option.symptom is None]
        assert all(command in brief for command in ways[0].commands), "the best way can be followed at once"
        assert all(f"\n{n:2}. " in f"\n{brief}" for n in range(1, len(ways) + 1))
        assert "    strong: " not in brief
    numbered = [
        advise_text.render(items, Form(number=n), style) for n in range(1, max(len(i.options) for i in items) + 1)
    ]
    errors = advise_text.render(items, Form(errors=True), style)
    for part in [text for one in numbered for text in one.split("\n\n")] + errors.split("\n\n"):
        assert part in whole
    assert all(len(line) <= 80 or line.startswith("      ") for line in brief.splitlines())


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_only_commands_and_addresses_are_wider_than_a_terminal(name: str) -> None:
    text = advise_text.render(found(name), Form(every=True), Style(io.StringIO()))
    assert [line for line in text.splitlines() if len(line) > 80 and not line.startswith("      ")] == []


@pytest.mark.parametrize("name", CASES)
def test_every_way_has_a_source_and_none_a_number_nobody_measured(name: str) -> None:
    for item in found(name):
        for option in item.options:
            assert option.evidence or option.kind == "nothing", option.id
            assert "%" not in " ".join([option.says, option.cost or "", option.risk or ""]), option.id


@pytest.mark.parametrize("gfx", BOOK.targets.targets)
def test_every_target_has_ways(gfx: str) -> None:
    (item,) = advise(host((gpu(gfx),), torch("2.5.1+rocm6.2", "6.2", ("gfx000",))), BOOK, Request())
    kinds = [option.kind for option in item.options if option.symptom is None]
    assert "cpu" in kinds
    assert kinds[0] not in ("hardware", "apply", "nothing")
    assert not any("{gfx}" in line for o in item.options for line in (o.says, *o.commands, o.cost or "", o.risk or ""))


def test_native_builds_come_before_old_software_and_the_cpu() -> None:
    (item,) = found("rx5600xt-stock")
    order = [o.kind for o in item.options if o.symptom is None]
    assert order == ["wheel", "build", "distribution", "older", "experiment", "cpu", "hardware"]


def test_two_cards_of_a_kind_are_answered_once() -> None:
    assert [item.gpu.gfx for item in found("two-kinds")] == ["gfx1031", "gfx1010"]


def test_commands_are_for_this_machine() -> None:
    """An upgrade goes into the torch that is there; anything else into a venv of its own, where pip will install."""
    (item,) = found("rx7600-old")
    upgrade = next(o for o in item.options if o.kind == "upgrade")
    assert upgrade.commands[0].startswith("/home/u/venv/bin/python -m pip install --upgrade ")
    assert upgrade.commands[-1] == "rdna-installer apply --python /home/u/venv"
    (item,) = found("rx5600xt-stock")
    assert item.options[0].commands[0] == "python3 -m venv ~/torch-gfx1010"
    pip = [line for o in item.options for line in o.commands if re.match(r"(\./)?pip ", line)]
    assert [line for line in pip if "requirements.txt" not in line] == []


def test_what_is_a_users_is_run_with_his_rights() -> None:
    """Root was to run pip by an interpreter in a home, as root."""
    facts, request = CASES["rx7600-old"]
    for asker, start in ((0, "sudo -u '#1000' /home/u/venv/bin/python -m pip "), (1000, "/home/u/venv/bin/python ")):
        sites = tuple(replace(site, owner=1000) for site in facts.sites)
        (item,) = advise(replace(facts, user=replace(facts.user, uid=asker), sites=sites), BOOK, request)
        assert next(o for o in item.options if o.kind == "upgrade").commands[0].startswith(start)


def test_what_was_really_tested_is_said() -> None:
    notes = {note.id for item in found("two-kinds") for note in item.notes}
    assert {"rocm7-validated", "full-support", "hardware-limit"} <= notes
    assert all(item.target and item.target.support for item in found("two-kinds"))


def test_a_native_torch_is_kept() -> None:
    (item,) = found("rx9070xt")
    assert (item.options[0].kind, item.options[0].commands) == ("nothing", ())
    assert not any("8909" in o.evidence[0].url for o in item.options if o.evidence)  # ROCm 6.4 has no over-read


def test_json() -> None:
    data = json.loads(asjson.dump(asjson.advise(found("rx5600xt-stock"))))
    assert data["schema"] == 1
    (item,) = data["gpus"]
    assert {"gfx", "chip", "support", "reachable", "sites", "routes", "notes"} <= set(item)
    assert [route["rank"] for route in item["routes"]] == list(range(1, len(item["routes"]) + 1))
    wanted = {"rank", "id", "kind", "symptom", "says", "commands", "cost", "risk", "evidence", "counter"}
    wanted |= {"leads_to", "fault"}
    assert all(set(route) == wanted for route in item["routes"])


def test_no_gpu() -> None:
    with pytest.raises(RdnaError, match="no AMD GPU"):
        advise(host(()), BOOK, Request())
