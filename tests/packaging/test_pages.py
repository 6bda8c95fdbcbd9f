"""Manual pages and completions: made from the commands, and read by the real man, bash, zsh and fish."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

import rdna_installer
from rdna_installer.cli.app import COMMANDS, app

pytestmark = pytest.mark.processes

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
SOURCE = Path(rdna_installer.__file__).resolve().parents[1]


def make(script: str, folder: Path) -> Path:
    command = [sys.executable, str(PACKAGING / script), str(folder)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(SOURCE)})
    return folder


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make("man.py", tmp_path_factory.mktemp("man"))


@pytest.fixture(scope="module")
def completions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make("completions.py", tmp_path_factory.mktemp("completions"))


def need(tool: str) -> str:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed: its part is not tried")
    return tool


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_page_with_all_its_options(pages: Path, name: str) -> None:
    text = (pages / f"rdna-installer-{name}.1").read_text().replace("\\-", "-")
    command = app.get_command(click.Context(app), name)
    assert command is not None and command.help is not None
    shown = [p for p in command.params if not getattr(p, "hidden", False)]
    for option in (o for p in shown for o in p.opts if o.startswith("-")):
        assert option in text
    assert text.startswith(f".TH RDNA-INSTALLER-{name.upper()} 1 ")


def test_the_main_page(pages: Path) -> None:
    text = (pages / "rdna-installer.1").read_text().replace("\\-", "-")
    assert all(f"\n.B {name}\n" in text or f"\n.B {name}, " in text for name in COMMANDS)
    for words in ("/etc/modprobe.d/rdna-installer.conf", "restore.sh", ".SH EXIT STATUS", "plan, diff"):
        assert words in text


def test_man_has_nothing_to_complain(pages: Path) -> None:
    need("man")
    for page in pages.iterdir():
        done = subprocess.run(["man", "--warnings", "-l", page], capture_output=True, text=True, check=True)
        assert done.stderr == "", page.name


LINES = [
    ("rdna-installer roll", {"rollback"}),
    ("rdna-installer apply --lay", {"--layer"}),
    ("rdna-installer apply --layer ", {"kernel", "env", "python", "services"}),
    ("rdna-installer diff --use tr", {"training"}),
    ("rdna-installer plan --gfx gfx101", {"gfx1010", "gfx1011", "gfx1012", "gfx1013"}),
    ("rdna-installer plan --profile lay", {"layered"}),
    ("rdna-installer apply --set HSA_XN", {"HSA_XNACK="}),
    ("rdna-installer explain noretr", {"noretry"}),
    ("rdna-installer rollback --to ", {"0"}),
    ("rdna-installer cache cl", {"clear"}),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a shell that finds the program."""
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "rdna-installer"
    start = f"import sys\nsys.path.insert(0, {str(SOURCE)!r})\nfrom rdna_installer.cli.app import main\n"
    command.write_text(f"#!{sys.executable}\n{start}raise SystemExit(main())\n")
    command.chmod(0o755)
    home = str(tmp_path_factory.mktemp("home"))
    return {
        **os.environ,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "HOME": home,
        "XDG_CONFIG_HOME": home,
        "ZDOTDIR": home,
    }


@pytest.mark.parametrize(("line", "offered"), LINES)
def test_bash_offers(completions: Path, program: dict[str, str], line: str, offered: set[str]) -> None:
    script = f"""
        compopt() {{ :; }}
        source {completions}/bash
        COMP_WORDS=($1) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        [[ $1 != *' ' ]] || {{ COMP_WORDS+=(''); COMP_CWORD=$((COMP_CWORD + 1)); }}
        _rdna_installer_completion rdna-installer
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    command = [need("bash"), "-c", script, "bash", line]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=program)
    assert (set(done.stdout.split()), done.stderr) == (offered, "")


@pytest.mark.parametrize(("line", "offered"), LINES[::3])
def test_fish_offers(completions: Path, program: dict[str, str], line: str, offered: set[str]) -> None:
    script = f"source {completions}/fish; complete -C '{line}'"
    done = subprocess.run([need("fish"), "-c", script], capture_output=True, text=True, check=True, env=program)
    assert {word.split("\t")[0] for word in done.stdout.splitlines()} == offered


def test_zsh_offers_at_the_first_tab(completions: Path, program: dict[str, str], tmp_path: Path) -> None:
    """As autoloaded from its fpath: a real completion needs a terminal, so what it would add is printed instead."""
    shutil.copy(completions / "zsh", tmp_path / "_rdna-installer")
    script = (
        f"fpath=({tmp_path} $fpath); autoload -Uz compinit && compinit -D -u;"
        "print -r -- ${_comps[rdna-installer]};"
        "compadd() { print -r -- compadd $@ $completions }; _describe() { print -r -- ${(P)3} };"
        "words=(rdna-installer roll) CURRENT=2; _rdna-installer"
    )
    done = subprocess.run([need("zsh"), "-f", "-c", script], capture_output=True, text=True, check=False, env=program)
    assert done.stdout.startswith("_rdna-installer\n") and "rollback" in done.stdout, done


def test_a_tab_offers_the_changes_there_are(program: dict[str, str], tmp_path: Path) -> None:
    """Of the root that is named, as nobody in particular; what cannot be read is not offered."""
    env = {**program, "COMP_WORDS": f"rdna-installer --root {tmp_path} rollback --to ", "COMP_CWORD": "5"}
    command = ["rdna-installer"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**env, "_RDNA_INSTALLER_COMPLETE": "bash_complete"}
    )
    assert done.stdout == "plain,0\n", done
