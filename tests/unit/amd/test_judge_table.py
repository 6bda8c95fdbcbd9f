"""One table, every command: a value has one answer, and plan, verify, advise, diagnose, env, run and --set give it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from effort import LONG, spread
from judge_cells import APUS, PROGRAMS, Cell, cells

from rdna_installer.amd.case import Case, Judged, case_of
from rdna_installer.amd.judge import judge_setting
from rdna_installer.check.others import check_others, check_session, check_userenv
from rdna_installer.check.wanted import InForce
from rdna_installer.cli import env as run_command
from rdna_installer.cli.app import main
from rdna_installer.detect.assignments import Assignment
from rdna_installer.detect.dotfiles import FoundAssignment as FoundLine
from rdna_installer.detect.dotfiles import Scan
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.catalogue import Emit
from rdna_installer.knowledge.load import load_book
from rdna_installer.model import (
    Check,
    GfxSource,
    Gpu,
    HostFacts,
    Initramfs,
    InitramfsTool,
    KernelImage,
    ModprobeOption,
    ModuleState,
    PythonSite,
    Request,
    Status,
    User,
)
from rdna_installer.parameter import split
from rdna_installer.plan.advise import advise
from rdna_installer.plan.conflicts import Foreign
from rdna_installer.plan.foreign import WORDS, find_others, judge_all
from rdna_installer.plan.policy import resolve
from rdna_installer.workflow import diagnosing, foreign, planning, session
from rdna_installer.workflow.kept_results import Known

BOOK = load_book()
CELLS = tuple(cells())
WHERE = "~/.bashrc:3"
PYTHON = PurePosixPath("/home/u/venv/bin/python")
# Whole commands take turns: every fourth cell each, so that the three together see three of four; in the long run all.
COMMANDS = ("env", "run", "diagnose")
WHOLE = [(command, cell) for turn, command in enumerate(COMMANDS) for cell in spread(CELLS, 4, turn)]


def facts(cell: Cell) -> HostFacts:
    seen = frozenset({"gfx_target_version"})
    apu = cell.gfx in APUS
    gpu = Gpu(cell.gfx, None, "0000:03:00.0", "1002", None, 1, GfxSource.KFD, apu, properties=seen)
    torch = PROGRAMS[cell.program]
    home = PurePosixPath("/home/u/venv")
    site = PythonSite(PYTHON, home, home / "lib/python3.12/site-packages", "3.12", 1000, 1000, torch)
    parameter = cell.key == cell.key.lower()
    option = ModprobeOption(*split(cell.key), cell.value, WHERE)
    return HostFacts(
        gpus=(gpu,),
        hidden_nodes=0,
        unidentified=(),
        rocm=(),
        sites=(site,) if torch else (),
        running_kernel=cell.kernel,
        kernels=(KernelImage(cell.kernel, "module"),),
        cmdline="",
        modprobe=(option,) if parameter else (),
        amdgpu=ModuleState(True, False, None, {}),
        initramfs=Initramfs(InitramfsTool.NONE),
        init="systemd",
        user=User(1000, 1000, "u", PurePosixPath("/home/u"), "/bin/bash", frozenset()),
        boot_id=None,
        ram_bytes=32 << 30,
        live=True,
    )


def item(cell: Cell) -> Foreign:
    return Foreign(cell.key, cell.value, WHERE)


def kind(cell: Cell) -> str:
    """What is to be heard: the answer's word, or nothing."""
    return "" if cell.answer in ("mute", "right") else cell.answer


@pytest.mark.parametrize("cell", CELLS, ids=[c.id for c in CELLS])
def test_the_judge(cell: Cell) -> None:
    judged = judge_setting(case_of(facts(cell), BOOK), cell.key, cell.value)
    wanted = "unknown" if cell.answer == "mute" else cell.answer
    assert (judged.answer.value, judged.worth_saying) == (wanted, bool(kind(cell))), judged.reason
    if judged.worth_saying:
        assert judged.evidence
        assert judged.source


@pytest.mark.parametrize("cell", CELLS, ids=[c.id for c in CELLS])
def test_plan_and_verify_agree_with_it(cell: Cell) -> None:
    host = facts(cell)
    policy = resolve(host, BOOK, Request())
    case = Case(host, BOOK, Request(), policy.gpus, policy.settings)
    found = judge_all([item(cell)], case)
    others = find_others(found, BOOK, policy)
    check = _verify(cell, host)
    bad = check.status in (Status.MISMATCH, Status.FAILED)
    assert not others.conflicts or bad, "plan says CONFLICT, verify does not"
    assert bad is (kind(cell) == "harmful")
    said = [*(c.hint for c in others.conflicts), *others.warnings]
    wins = any("overrides this setting" in text for text in said)  # a value that is no harm may still displace ours
    assert bool(said) is bool(kind(cell)) or wins
    if kind(cell) == "harmful":
        assert any("emove it there" in text for text in said)
    elif kind(cell) and not wins:
        words = {answer.value: word for answer, word in WORDS.items()}
        assert words[kind(cell)] in said[0]
        assert check.hint is not None
        assert check.hint.startswith(f"{kind(cell)}: ")


def _verify(cell: Cell, host: HostFacts) -> Check:
    def ask(key: str, value: str, site: str | None = None):  # type: ignore[no-untyped-def]
        return judge_setting(case_of(host, BOOK), key, value)

    if host.modprobe:
        (check,) = check_others(host, None, ask)
        return check
    line = FoundLine(PurePosixPath("/home/u/.bashrc"), "~/.bashrc", Assignment(3, cell.key, cell.value))
    (check,) = check_userenv(Scan((line,)), InForce(), ask)
    return check


@pytest.mark.parametrize("cell", CELLS, ids=[c.id for c in CELLS])
def test_verify_says_the_same_of_a_session(cell: Cell) -> None:
    host = facts(cell)
    if host.modprobe:
        pytest.skip("a kernel option is in no session")
    case = case_of(host, BOOK)

    def ask(key: str, value: str, site: str | None = None) -> Judged:
        return judge_setting(case, key, value)

    checks = [*check_session({cell.key: cell.value}, InForce(), Scan(), ask)]
    said = [c.status in (Status.MISMATCH, Status.FAILED) for c in checks if c.hint]
    assert said == ([kind(cell) == "harmful"] if kind(cell) else [])


@pytest.mark.parametrize("cell", CELLS, ids=[c.id for c in CELLS])
def test_advise_agrees_with_it(cell: Cell) -> None:
    (advice,) = advise(facts(cell), BOOK, Request(), items=[item(cell)])
    removals = [option for option in advice.options if option.kind == "remove"]
    assert bool(removals) is (kind(cell) == "harmful")
    assert not removals or advice.options[0] is removals[0]
    assert bool(advice.others) is bool(kind(cell))


@pytest.mark.parametrize("cell", CELLS, ids=[c.id for c in CELLS])
def test_set_agrees_with_it(cell: Cell) -> None:
    """What is harmful is refused or warned of; what is useless is said; what is right passes in silence."""
    entry = BOOK.entry(cell.key.removeprefix("amdgpu."))
    if entry is None or PROGRAMS[cell.program] is None or PROGRAMS[cell.program].rocm is None:  # type: ignore[union-attr]
        pytest.skip("no such setting, or no place for it")
    try:
        policy = resolve(facts(cell), BOOK, Request(set=((cell.key, cell.value),)))
    except RdnaError as err:
        assert err.reference in ("refused-setting", "invalid-value")
        assert kind(cell) in ("harmful", "unread") or entry.emit is Emit.NEVER or entry.problem(cell.value)
        return
    key = cell.key.removeprefix("amdgpu.")
    said = [text for text in policy.warnings if text.startswith(f"{key}={cell.value} is ")]
    assert [text.split(" is ")[1].split(":")[0] for text in said] == ([kind(cell)] if kind(cell) else [])


Notes = Callable[..., list[str]]


def named(part: str | Cell) -> str:
    return part if isinstance(part, str) else part.id


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Notes:
    """What a whole command says on the machine of a cell, sentence by sentence."""
    log = tmp_path / "log"
    log.write_text("RuntimeError: HIP error: invalid device function\n")

    def said(command: str, cell: Cell, *options: str, items: tuple[Foreign, ...] = ()) -> list[str]:
        host = facts(cell)
        for module, name in ((diagnosing, "detect"), (session, "gather")):
            monkeypatch.setattr(module, name, lambda *_: host)
        for module in (planning, diagnosing):
            monkeypatch.setattr(module, "load_rules", lambda *_: BOOK)
        monkeypatch.setattr(planning, "known", lambda root, facts, request: Known(request))
        monkeypatch.setattr(foreign, "informed", lambda root, facts, keys: facts)
        monkeypatch.setattr(foreign, "gather", lambda *_: (items, ()))
        monkeypatch.setattr(run_command, "replace_with", lambda *_: None)
        more = {"run": ("--", "true"), "diagnose": (str(log), "--json")}.get(command, ())
        code = main([command, *options, *more])
        out, err = capsys.readouterr()
        if code:
            return [err]
        if command == "diagnose":
            return [*json.loads(out)["others"]]
        return [" ".join(text.split()) for text in err.split("note: ")[1:]]

    return said


@pytest.mark.parametrize(("command", "cell"), WHOLE, ids=named)
def test_env_run_and_diagnose_say_what_plan_says(command: str, cell: Cell, notes: Notes) -> None:
    host = facts(cell)
    policy = resolve(host, BOOK, Request())
    case = Case(host, BOOK, Request(), policy.gpus, policy.settings)
    planned = {" ".join(text.split()) for text in find_others(judge_all([item(cell)], case), BOOK, policy).lines}
    said = notes(command, cell, items=(item(cell),))
    assert [text for text in said if text.startswith(WHERE)] == [*planned]
    assert bool(planned) or not kind(cell)


@pytest.mark.parametrize(("command", "cell"), [case for case in WHOLE if case[0] != "diagnose"], ids=named)
def test_set_of_env_and_run_agrees_with_plan(command: str, cell: Cell, notes: Notes) -> None:
    said = notes(command, cell, "--set", f"{cell.key}={cell.value}")
    try:
        policy = resolve(facts(cell), BOOK, Request(set=((cell.key, cell.value),)))
    except RdnaError as err:
        assert f"[{err.reference}]" in said[0]
        return
    assert {" ".join(text.split()) for text in policy.warnings} <= set(said)


def test_there_are_enough() -> None:
    for command in COMMANDS:
        assert {cell.answer for name, cell in WHOLE if name == command} == {cell.answer for cell in CELLS}
    assert LONG or len({cell.id for _, cell in WHOLE}) > len(CELLS) // 2
    assert len(CELLS) >= 219
    assert len({cell.id for cell in CELLS}) == len(CELLS)
