"""The nine faults that a newcomer met in his first hour, and which tests hold each; here those that had none."""

from __future__ import annotations

import codecs
import contextlib
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest
from cli_sample import Cli
from test_cli_findings import by_sam
from test_cli_screens import too_wide
from test_readme import BLOCK, README, SHOWN

from rdna_installer.detect import kernels
from rdna_installer.errors import RdnaError

pytestmark = pytest.mark.processes  # modinfo
TESTS = Path(__file__).resolve().parents[1]
PROJECT = TESTS.parent
HELD = {  # what was found: (file, test) that fails where it comes back
    "1 demo: on a bare Python, from the recording": (
        "cli/test_demo_record.py",
        "test_a_bare_python_shows_the_recording",
    ),
    "1 demo: what it shows is what is printed": (
        "cli/test_demo_record.py",
        "test_the_recording_is_what_is_printed_today",
    ),
    "1 demo: honest about itself": ("cli/test_demo_record.py", "test_it_shows_what_it_says"),
    "1 demo: pauses on a terminal, not without": ("cli/test_cli_nine.py", "test_the_demo_pauses_on_a_terminal_only"),
    "2 build-deb: asks once": ("cli/test_cli_nine.py", "test_build_deb_names_all_that_is_missing_in_one_command"),
    "2 build-deb: wrong python3.11 first, dist's owner": (
        "packaging/test_tools.py",
        "test_one_command_makes_a_release",
    ),
    "2 install.sh: nothing without a GPU": ("packaging/test_menu.py", "test_without_a_gpu_nothing_is_installed"),
    "2 install.sh: nothing before the plan": ("packaging/test_menu.py", "test_nothing_is_installed_before_the_plan"),
    "2 install.sh: packages go as they came": ("packaging/test_menu.py", "test_packages_go_as_they_came"),
    "2 menu: entries fit": ("packaging/test_menu.py", "test_entries_fit"),
    "2 menu: a wrong key": ("packaging/test_menu.py", "test_a_wrong_key_is_asked_about_again"),
    "2 next: the name it is called by": ("unit/report/test_printer.py", "test_a_command_can_be_typed_as_it_is_shown"),
    "3 plan: fits, sum above the question": ("cli/test_cli_screens.py", "test_the_question_repeats_the_sum"),
    "3 plan: 40 lines and 80 columns, refused: no files": (
        "cli/test_cli_screens.py",
        "test_every_plan_fits_its_question",
    ),
    "3 plan: refusals before it": ("cli/test_cli_nine.py", "test_who_may_not_hears_it_below_the_sum"),
    "4 status: 15 lines, no dash": ("cli/test_cli_nine.py", "test_status_fits_and_has_no_dash"),
    "5 words: none of these": ("unit/report/test_voice.py", "test_no_text_of_the_program_has_a_forbidden_word"),
    "5 words: the texts that were to change": ("unit/report/test_wording.py", "test_the_old_text_is_gone"),
    "5 words: what to do can be done": ("unit/report/test_hints.py", "test_a_hint_is_at_most_one_command_that_exists"),
    "6 help: groups, rare options on demand": ("cli/test_cli_help.py", "test_rare_options_on_demand"),
    "6 help: examples that run": ("cli/test_cli_help.py", "test_examples_are_understood"),
    "6 help: suggestions": ("cli/test_cli_help.py", "test_what_was_meant"),
    "6 help: values too": ("cli/test_cli_help.py", "test_values_too"),
    "6 explain: no list of names": ("cli/test_cli_nine.py", "test_bare_explain_fits_a_screen"),
    "6 Ctrl-C: 130": ("cli/test_cli_interrupted.py", "test_at_every_point"),
    "7 JSON: outcome": ("cli/test_cli_contract.py", "test_what_apply_and_rollback_have_done"),
    "7 JSON: errors, declined, --set exits 2": ("cli/test_cli_contract.py", "test_how_it_ended"),
    "7 JSON: short diff": ("cli/test_cli_contract.py", "test_a_short_diff_says_how_much"),
    "7 modinfo: install it": ("cli/test_cli_nine.py", "test_without_modinfo_it_says_what_to_install"),
    "8 progress: boot images": ("unit/change/test_rebuild_and_prove.py", "test_every_image_is_built_and_proved"),
    "8 progress: probe, diagnose": ("cli/test_cli_nine.py", "test_long_work_says_so_on_a_terminal_only"),
    "9 detect: groups": ("cli/test_cli_screens.py", "test_detect_says_what_to_do_about_groups"),
    "9 README: true for a user": ("cli/test_cli_nine.py", "test_the_transcript_is_true_for_a_user_too"),
}


@pytest.mark.parametrize("found", HELD)
def test_each_is_held_by_a_test(found: str) -> None:
    file, name = HELD[found]
    assert re.search(rf"^ *def {name}", (TESTS / file).read_text(), re.M), f"{file} has no {name}"


def test_all_nine() -> None:
    assert {found[0] for found in HELD} == set("123456789")


def test_build_deb_names_all_that_is_missing_in_one_command(tmp_path: Path) -> None:
    text = (PROJECT / "packaging/build-deb").read_text()
    query = "query() { case $* in *debhelper | *lintian | *hatchling*) return 1 ;; esac; printf installed; }\n"
    start = text.index("project=")
    script = tmp_path / "build-deb"
    script.write_text(
        text[:start]
        + query
        + text[start:].replace("$(dpkg-query", "$(query").replace('$(dirname "$0")/..', str(PROJECT), 1)
    )
    done = subprocess.run(["sh", script], capture_output=True, text=True, check=False, cwd=tmp_path)
    lines = [line for line in done.stderr.splitlines() if "apt-get install" in line]
    assert done.returncode == 1 and len(lines) == 1 and "debhelper" in lines[0] and "hatchling" in lines[0], done
    assert [*tmp_path.iterdir()] == [script], "nothing was made"


def test_who_may_not_hears_it_below_the_sum(cli: Cli, sample: Path) -> None:
    """Not after the whole plan: it is short, and the last line is what to do."""
    done = cli("apply", "--layer", "python", "--root", str(sample))
    assert done.code == 5 and len((done.out + done.err).splitlines()) <= 40, done
    assert done.err.splitlines()[-1].startswith("  do:    add --yes")


def test_status_fits_and_has_no_dash(cli: Cli, sample: Path) -> None:
    root = ("--root", str(sample))
    for command in (("apply", "--profile", "layered", "--trial", "off"), ("rollback",), ("uninstall",)):
        assert cli(*command, "--yes", *root).code == 0
        text = cli("status", *root).out
        assert len(text.splitlines()) <= 15 and "profile -" not in text and not too_wide(text), text
    assert "rdna_hook" not in text


def test_bare_explain_fits_a_screen(cli: Cli) -> None:
    text = cli("explain").out
    assert len(text.splitlines()) <= 24 and not too_wide(text), text


def test_without_modinfo_it_says_what_to_install(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(argv: list[str], **_: object) -> None:
        raise RdnaError("no-program", f"{argv[0]} is not installed")

    monkeypatch.setattr(kernels, "run", gone)
    done = cli("plan", "--profile", "layered", "--set", "noretry=1", "--trial", "off", "--root", str(sample))
    assert done.code == 3 and "kmod" in done.err and "--unset" not in done.err, done
    assert done.err.splitlines()[-1].strip() == "sudo apt-get install kmod"


PATIENCE = 120  # seconds; only what hangs needs so long


def on_a_terminal(argv: list[str], keys: str = "", **env: str) -> str:
    """What a command prints there, its standard output and error together."""
    here, there = pty.openpty()
    child = subprocess.Popen(argv, stdin=there, stdout=there, stderr=there, env={**os.environ, "TERM": "dumb", **env})
    os.close(there)
    os.write(here, keys.encode())
    said = b""
    with contextlib.suppress(OSError):
        while select.select([here], [], [], PATIENCE)[0] and (piece := os.read(here, 4096)):
            said += piece
    child.wait(PATIENCE)
    os.close(here)
    return said.decode()


DEMO = str(PROJECT / "installer/rdna_installer/demo/demo.py")


def test_the_demo_pauses_on_a_terminal_only() -> None:
    demo = [sys.executable, "-S", "-B", DEMO]
    shown = on_a_terminal(demo, "\n" * 60)
    assert shown.count("Press Enter for the next scene.") == 7
    _, *screens = re.split("[Pp]ress Enter", shown)  # before the first: the keys, as they were typed
    assert [screen for screen in screens if screen.count("\n") > 24] == [], "it rushes past"
    assert "Press Enter" not in on_a_terminal([*demo, "--no-pause"])
    piped = subprocess.run(demo, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    assert "Press Enter" not in piped and "7 A real error" in piped


def test_long_work_says_so_on_a_terminal_only(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_bytes(b"epoch 1: loss 0.1 and nothing else to be seen on this line of the log\n" * 300_000)
    run = "import sys; from rdna_installer.cli.app import main; sys.exit(main())"
    argv = [sys.executable, "-B", "-c", run, "diagnose", str(log)]
    path = {"PYTHONPATH": str(PROJECT / "installer")}
    assert re.search(r"\r  \d+ MiB read", on_a_terminal(argv, **path))
    piped = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **path})
    assert "MiB read" not in piped.stdout + piped.stderr and "no known error" in piped.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become a user")
def test_the_transcript_is_true_for_a_user_too(cli: Cli, shared: Path) -> None:
    """What README shows, of a user without root: only sudo, the owner's name, the sample's place and a note differ."""
    found = BLOCK.search(README.read_text())
    assert found is not None
    for name in (
        "ascii",
        "latin-1",
        "unicode_escape",
        "utf-8-sig",
    ):  # with sam's rights Python's own files may be closed
        codecs.lookup(name)
    for line in SHOWN:
        command = line.partition(" >")[0]
        code, said = by_sam(cli, shared, *command.split())
        shown = re.search(rf"\$ rdna-installer {re.escape(line)}\n(.*?)\n(?=\$|\Z)", found[2], re.S)
        assert code == 0 and shown is not None, said
        if line == command:
            assert same(said) == same(shown[1]), line


def same(text: str) -> str:
    text = re.sub(r"sudo |--root \S+|\d+ files|note: this is your own part only: .*", "", text)
    return " ".join(re.sub(r"(of|for) (the )?(system|sam)", "of sam", text).split())
