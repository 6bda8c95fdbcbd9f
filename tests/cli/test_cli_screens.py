"""What a person sees fits the screen: every plan above its question, in lines of 80 columns, its sum first and last."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest
from cli_sample import Cli
from situations import STOCK64
from user_machines import Card, build

from rdna_installer.check.files import REPAIR
from rdna_installer.detect.host import Ask, detect, find_distro
from rdna_installer.knowledge.load import load_book
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Report, RunningProgram, Status
from rdna_installer.record import replace
from rdna_installer.report import detect_text, verify_text
from rdna_installer.report.console import Style

pytestmark = pytest.mark.processes  # modinfo

TARGETS = sorted(load_book().targets.targets)
PROFILES = ("recommended", "layered", "miopen-solvers", "miopen-strict", "rocm52-spoof")
ALONE = re.compile(
    r"\s*(rdna-installer|sudo|pip|python3|[~/]|https?:)\S*|\s*(new|changed|removed) +/\S+( \(\d+ files?\))?$"
)


def too_wide(text: str) -> list[str]:
    return [line for line in text.splitlines() if len(line) > 80 and not ALONE.match(line)]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One without PyTorch and one with a stock wheel."""
    folder = tmp_path_factory.mktemp("machines")
    made = []
    for name, wheel in (("bare", None), ("stock", STOCK64)):
        root = build(folder / name, (Card(100100, 0x731F),), wheel, "6.1.0-56-amd64", None)
        for file in (root / "sys/class/kfd/kfd/topology/nodes").rglob("properties"):
            file.write_text(re.sub("gfx_target_version [1-9]\\d*", "gfx_target_version 0", file.read_text()))
        made.append(root)
    return made[0], made[1]


def test_there_are_39_targets() -> None:
    assert len(TARGETS) == 39


@pytest.mark.parametrize("gfx", TARGETS)
def test_every_plan_fits_its_question(cli: Cli, machines: tuple[Path, Path], gfx: str) -> None:
    for root in machines:
        for profile in PROFILES:
            done = cli("plan", "--gfx", gfx, "--profile", profile, "--trial", "off", "--root", str(root))
            text = done.out + done.err
            assert done.code in (0, 3), text
            assert len(text.splitlines()) <= 40 and not too_wide(text), text
            if done.code == 3:
                assert "Files" not in text and "Not possible yet" in text.splitlines()[1], text


def test_the_question_repeats_the_sum_and_nothing_follows(
    cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    where = ("--profile", "layered", "--trial", "off", "--root", str(sample))
    total = json.loads(cli("plan", "--json", *where).out)["summary"]
    assert (total["settings"], total["boot_images"], total["reboot"]) == (9, 0, True)
    assert total["files"] > 9
    assert total["text"] in cli("plan", *where).out.splitlines()[1]
    for command in (("apply", *where), ("rollback", *where[-2:]), ("uninstall", *where[-2:])):
        monkeypatch.setattr("sys.stdin", Terminal("d\nn\n"))
        asked = cli(*command)
        line, question = asked.err.split("[declined]")[0].splitlines()[-2:][0], asked.err
        assert asked.code == 5 and question.count("reboot. Undo: ") == 3, asked
        assert re.search(r"reboot\. Undo: .*rollback.*\n[A-Z][a-z ]+\? y = yes, N = no, d = show", question), line
        assert "options amdgpu noretry=1" in asked.err, "d shows the files"
        monkeypatch.setattr("sys.stdin", Terminal("y\n"))
        assert cli(*command).code == 0
        if command[0] == "rollback":
            assert cli("rollback", "--to", "1", "--yes", *where[-2:]).code == 0


def test_diff_shows_all(cli: Cli, sample: Path) -> None:
    where = ("--profile", "layered", "--root", str(sample))
    folded, whole = cli("plan", *where).out, cli("plan", *where, "--diff").out
    assert "options amdgpu" not in folded and "options amdgpu noretry=1" in whole
    assert "more notes: --diff" in folded and "more note" not in whole and "gtt_size=8192" in whole


def test_verify_says_what_it_comes_to_first(cli: Cli, sample: Path) -> None:
    root = ("--root", str(sample))
    assert cli("apply", "--yes", "--layer", "python", *root).code == 0
    right = cli("verify", *root).out
    assert re.match(r"Everything checked is right: \d+ checks, 2 not checked \(change 1\)\.\n\n  not checked  ", right)
    last = re.search(r"\nRight: PyTorch 2\.11\.0\+rocm7\.15, (\d+) files unchanged\. All: verify -v\n$", right)
    assert last is not None, right
    files = int(last[1])
    hook = next((sample / "home/sam/venv").rglob("rdna_hook.pth"))
    hook.write_text("")
    done = cli("verify", *root)
    assert done.code == 4 and done.out.startswith(
        f"1 problem, {files} checks right, 2 not checked (change 1)\n\n  problem  "
    )
    assert f"{files - 1} files unchanged. All: verify -v" in done.out and not too_wide(done.out)
    assert "  ok " not in done.out and "  ok           PyTorch in " in cli("verify", "-v", *root).out


def test_what_was_not_checked_for_one_reason_is_one_line() -> None:
    """Files in a folder that is closed, seen without root; one by one with -v. What is wrong is never folded."""
    style = Style(sys.stdout, allowed=False)
    closed = "run it with sudo: it cannot be read (Permission denied)"
    files = [Check(f"file:/srv/shut/{n}", Status.UNKNOWN, "sha256:1", None, "generation 3", closed) for n in range(22)]
    hook = Check("hook:/srv/shut/bin/python", Status.UNKNOWN, "K=1", None, None, closed)
    bad = [Check(f"file:/etc/{n}", Status.FAILED, "sha256:1", "absent", "generation 3", REPAIR) for n in range(2)]
    elsewhere = [Check(f"hook:/{n}", Status.NOT_APPLICABLE, hint="not the running system") for n in range(3)]
    other = Check("env:K", Status.UNKNOWN, "1", None, "login shell (bash)", "bash was not done")
    old = Check("session:K", Status.NOT_APPLICABLE, "1", None, None, "it is older than the change")
    report = Report((*files, hook, *bad, *elsewhere, other, old), False, 3)
    text = verify_text.render(report, False, style)
    assert "  not checked  /srv/shut/0 and 22 more\n               do:      run it with sudo" in text
    assert "  not checked  start-up file of /0 and 2 more: not the running system" in text
    assert text.count("it is older than the change") == 1
    assert (text.count("Permission denied"), text.count("login setting K\n"), text.count("absent")) == (1, 1, 2)
    assert text.startswith("2 problems, 24 could not be checked, 0 checks right, 4 not checked (change 3)")
    assert verify_text.render(report, True, style).count("Permission denied") == 23
    program = RunningProgram(7, "python", "ann", "now", ("/dev/kfd",), None, None, None, (*files,))
    assert verify_text.render(replace(report, running=(program,)), False, style).count("Permission denied") == 2


def test_advise_shows_the_best_way_and_names_the_rest(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal; who reads it from a pipe gets everything."""
    root = ("--gfx", "gfx1010", "--root", str(sample))
    whole, made = cli("advise", *root).out, Style.__init__
    assert whole == cli("advise", "-v", *root).out

    def on_a_terminal(self: Style, *given: object, **more: object) -> None:
        made(self, *given, **more)  # type: ignore[arg-type]
        self.rows = 24

    monkeypatch.setattr(Style, "__init__", on_a_terminal)
    brief = cli("advise", *root).out
    assert len(brief.splitlines()) <= 40 and not too_wide(brief) and "strong:" not in brief
    number = max(int(n) for n in re.findall(r"^ ?(\d+)\. ", brief, re.M))
    assert number >= 3 and cli("advise", str(number), *root).out.startswith(f" {number}. ")
    assert f"\n{number + 1:2}. " in cli("advise", "--errors", *root).out
    assert cli("advise", "99", *root).code == 2
    assert all(f"\n{n:2}. " in cli("advise", "-v", *root).out for n in range(1, number + 2))


@pytest.mark.parametrize(
    ("uid", "groups", "said"),
    [
        (1000, frozenset(), ["neither render nor video", "sudo usermod -aG render,video sam"]),
        (1000, frozenset({"render"}), ["groups: render"]),
        (0, frozenset(), ["root needs none"]),
    ],
)
def test_detect_says_what_to_do_about_groups(sample: Path, uid: int, groups: frozenset[str], said: list[str]) -> None:
    facts = detect(Sysroot(sample), Ask())
    facts = replace(facts, user=replace(facts.user, uid=uid, groups=groups))
    text = detect_text.render(facts, find_distro(Sysroot(sample)), Style(io.StringIO()))
    assert all(words in text for words in said) and not too_wide(text)
    assert ("usermod" in text) is (len(said) == 2)
