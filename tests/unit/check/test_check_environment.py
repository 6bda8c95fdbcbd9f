"""What real login shells hand on, with start-up files that help, hinder or hang."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from check_samples import ME, env, facts, generation, put

from rdna_installer.check.others import check_environment
from rdna_installer.check.wanted import wanted_of
from rdna_installer.detect.dotfiles import Scan, scan
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, HostFacts, Status, User

KEY = "HSA_RDNA_TEST"
WANTED = wanted_of(generation(env(KEY, "1")))
STARTUP = {"dash": ".profile", "bash": ".bash_profile", "zsh": ".zprofile", "fish": ".config/fish/config.fish"}
FISH = "fish"


def look(home: Path, shell: str, *, host: HostFacts | None = None, limit: float = 10.0) -> Check:
    user = replace(ME, home=PurePosixPath(home), shell=shell)
    found = scan(Sysroot("/"), user, [])
    [check] = check_environment(WANTED, found, host or facts(), user, limit=limit)
    assert (check.id, check.wanted) == (f"env:{KEY}", "1")
    return check


def shell_path(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed here")
    return path


def export(shell: str, value: str) -> str:
    return f"set -gx {KEY} '{value}'\n" if shell == FISH else f"export {KEY}='{value}'\n"


@pytest.mark.processes
@pytest.mark.parametrize("name", STARTUP)
@pytest.mark.parametrize(
    ("value", "status", "running"), [("1", Status.OK, "1"), ("0", Status.MISMATCH, "0"), ("", Status.MISMATCH, "")]
)
def test_what_the_shell_hands_on(tmp_path: Path, name: str, value: str, status: Status, running: str) -> None:
    put(tmp_path, STARTUP[name], "\n" + export(name, value))
    check = look(tmp_path, shell_path(name))
    assert (check.status, check.running) == (status, running)
    where = f"login shell ({name})" if status is Status.OK else f"~/{STARTUP[name]}:2"
    assert check.source == where


@pytest.mark.processes
@pytest.mark.parametrize("name", STARTUP)
def test_nothing_sets_it(tmp_path: Path, name: str) -> None:
    check = look(tmp_path, shell_path(name))
    if name in ("zsh", FISH):
        assert (check.status, 'eval "$(rdna-installer env)"' in str(check.hint)) == (Status.NOT_APPLICABLE, True)
    else:
        assert (check.status, check.running) == (Status.MISMATCH, None)


@pytest.mark.processes
@pytest.mark.parametrize("name", STARTUP)
@pytest.mark.parametrize("noise", ["echo hello", "printf '\\377\\033[2J'", "echo oops >&2", "false", "set -x", "cd /"])
def test_noise_does_not_matter(tmp_path: Path, name: str, noise: str) -> None:
    if name == FISH and noise == "set -x":
        pytest.skip("another meaning there")
    put(tmp_path, STARTUP[name], f"{noise}\n{export(name, '1')}{noise}\n")
    assert look(tmp_path, shell_path(name)).status is Status.OK


@pytest.mark.processes
@pytest.mark.parametrize(
    "line", ["PATH=/nowhere", "env() { echo no; }", "printf() { echo no; }", "set -eu", "exec 2>&-"]
)
def test_a_bent_shell_still_answers(tmp_path: Path, line: str) -> None:
    put(tmp_path, ".profile", f"{export('sh', '1')}{line}\n")
    assert look(tmp_path, shell_path("bash")).status is Status.OK


@pytest.mark.processes
@pytest.mark.parametrize(
    ("line", "limit", "hint"),
    [
        ("exit 3", 10.0, "ended with 3"),
        ("exec true", 10.0, "ended with 0"),
        ("sleep 60", 0.5, "not done after 0.5 s"),
        ("exec cat", 10.0, "ended with 0"),  # standard input is empty, so it ends
    ],
)
def test_no_answer_is_unknown(tmp_path: Path, line: str, limit: float, hint: str) -> None:
    put(tmp_path, ".profile", f"{export('sh', '1')}{line}\n")
    check = look(tmp_path, shell_path("bash"), limit=limit)
    assert (check.status, check.running, hint in str(check.hint)) == (Status.UNKNOWN, None, True)


@pytest.mark.processes
def test_a_program_left_in_the_background(tmp_path: Path) -> None:
    put(tmp_path, ".profile", f"{export('sh', '1')}sleep 60 &\n")
    assert look(tmp_path, shell_path("dash"), limit=1.0).status is Status.OK


@pytest.mark.processes
def test_nothing_of_ours_leaks_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "1")
    assert look(tmp_path, shell_path("dash")).running is None


@pytest.mark.processes
def test_pam_comes_first(tmp_path: Path) -> None:
    """What /etc/environment sets is there before profile.d, which leaves it alone."""
    put(tmp_path, "/etc/environment", f"{KEY}=0\n")
    user = replace(ME, home=PurePosixPath("/nowhere"), shell=shell_path("dash"))
    found = scan(Sysroot(tmp_path), user, [])
    [check] = check_environment(WANTED, found, facts(), user)
    assert (check.status, check.running, check.source) == (Status.MISMATCH, "0", "/etc/environment:1")


@pytest.mark.processes
def test_as_that_user(public_tmp: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can start another user's shell")
    put(public_tmp, ".profile", f"export {KEY}=$(id -u)\n")
    user = User(65534, 65534, "ann", PurePosixPath(public_tmp), shell_path("dash"), frozenset())
    [check] = check_environment(WANTED, Scan(), facts(), user)
    assert check.running == "65534"


@pytest.mark.processes
def test_missing_shell(tmp_path: Path) -> None:
    assert look(tmp_path, "/nowhere/bash").status is Status.UNKNOWN


@pytest.mark.parametrize("shell", ["/usr/sbin/nologin", "/bin/false", "/bin/tcsh", "/usr/bin/nu", ""])
def test_shells_that_are_not_started(tmp_path: Path, shell: str) -> None:
    assert look(tmp_path, shell).status is Status.NOT_APPLICABLE


def test_below_a_root(tmp_path: Path) -> None:
    assert look(tmp_path, "/bin/bash", host=facts(live=False)).status is Status.NOT_APPLICABLE


def test_no_shell_is_started_for_nothing() -> None:
    assert list(check_environment(wanted_of(generation()), Scan(), facts(), ME)) == []
