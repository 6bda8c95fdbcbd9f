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
from rdna_installer.cli.app import ALIASES, COMMANDS, app

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
    for option in (o for p in command.params for o in p.opts if o.startswith("-")):
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
    ("rdna-installer apply --layer ", {"kernel", "env", "python"}),
    ("rdna-installer diff --use tr", {"training"}),
    ("rdna-installer plan --gfx gfx101", {"gfx1010", "gfx1011", "gfx1012", "gfx1013"}),
    ("rdna-installer explain noretr", {"noretry"}),
]


@pytest.mark.parametrize(("line", "offered"), LINES)
def test_bash_offers(completions: Path, line: str, offered: set[str]) -> None:
    script = f"""
        compopt() {{ :; }}
        source {completions}/bash
        COMP_WORDS=($1) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        [[ $1 != *' ' ]] || {{ COMP_WORDS+=(''); COMP_CWORD=$((COMP_CWORD + 1)); }}
        _rdna_installer
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run([need("bash"), "-c", script, "bash", line], capture_output=True, text=True, check=True)
    assert (set(done.stdout.split()), done.stderr) == (offered, "")


@pytest.mark.parametrize(("line", "offered"), LINES)
def test_fish_offers(completions: Path, tmp_path: Path, line: str, offered: set[str]) -> None:
    script = f"source {completions}/fish; complete -C '{line}'"
    env = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run([need("fish"), "-c", script], capture_output=True, text=True, check=True, env=env)
    assert {word.split("\t")[0] for word in done.stdout.splitlines()} == offered


def test_zsh_reads_it_and_knows_every_command(completions: Path, tmp_path: Path) -> None:
    shutil.copy(completions / "zsh", tmp_path / "_rdna-installer")
    script = (
        f"fpath=({tmp_path} $fpath); autoload -Uz compinit && compinit -D -u && autoload +X _rdna-installer && "
        "print -r -- ${_comps[rdna-installer]} && functions _rdna-installer"
    )
    env = {**os.environ, "HOME": str(tmp_path), "ZDOTDIR": str(tmp_path)}
    done = subprocess.run([need("zsh"), "-f", "-c", script], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.startswith("_rdna-installer\n")
    assert all(f"'{name}:" in done.stdout for name in (*COMMANDS, *ALIASES))


def test_nothing_is_offered_that_the_catalogue_does_not_know(completions: Path) -> None:
    text = (completions / "bash").read_text()
    assert "MIOPEN_FIND_MODE=" in text and "rocm52-spoof" in text
    assert "None" not in text and "Sentinel" not in text
