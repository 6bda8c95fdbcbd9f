"""`./install.sh --demo`: the whole job on the sample machine, as an ordinary user, leaving nothing behind."""

from __future__ import annotations

import re

import pytest
from debian_machine import NOBODY, Machine, Terminal
from debian_tree import differences, snapshot

pytestmark = pytest.mark.system

PLACES = ("/tmp", "/var/tmp", "/etc", "/usr", "/var/lib", "/opt", "/home", "/root", "/srv", "/run")
STEPS = ("detect", "doctor", "adopt", "plan", "apply", "status", "verify", "apply", "recover", "uninstall", "diagnose")


def everything(machine: Machine) -> dict[str, tuple[str, int, int, int, str]]:
    return snapshot(machine.root, PLACES)


def test_the_whole_job_without_root_and_without_a_trace(machine: Machine) -> None:
    before = everything(machine)
    done = machine.install("--demo", user=NOBODY)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = [line.split()[2] for line in done.stdout.splitlines() if line.startswith("$ rdna-installer ")]
    assert tuple(shown) == STEPS
    assert "gfx1031" in done.stdout and "HSA_OVERRIDE_GFX_VERSION=11.0.0" in done.stdout
    before_it, after_it = re.findall(r"^(?:before|after): +(\w+)$", done.stdout, re.MULTILINE)
    assert before_it == after_it
    assert differences(before, everything(machine)) == []


def test_as_root_it_is_the_same(machine: Machine) -> None:
    before = everything(machine)
    done = machine.install("--demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert differences(before, everything(machine)) == []


def test_it_fits_on_80_columns(machine: Machine) -> None:
    lines = machine.install("--demo", user=NOBODY).stdout.splitlines()
    # Files and what detect found are as long as they are; everything that we word ourselves fits.
    as_long_as_it_is = re.compile(r" +[-+ ]|(GPU|PyTorch) |.*[^ ]{40}|Memory access fault by GPU node-1")
    assert [line for line in lines if len(line) > 80 and not as_long_as_it_is.match(line)] == []


def test_the_callers_settings_are_not_seen(machine: Machine) -> None:
    plain = machine.install("--demo", user=NOBODY).stdout
    hostile = machine.run("env", "HSA_OVERRIDE_GFX_VERSION=9.0.0", "HIP_VISIBLE_DEVICES=7", "./install.sh", "--demo")
    assert hostile.returncode == 0, hostile.stderr
    assert "9.0.0" not in hostile.stdout
    assert "gfx1031" in plain


@pytest.mark.parametrize("how", ["ctrl-c", "hang-up"])
def test_interrupted_it_leaves_nothing(machine: Machine, how: str) -> None:
    before = everything(machine)
    terminal = Terminal(machine.argv("./install.sh", "--demo"))
    terminal.expect("Press Enter for the next scene.")
    if how == "ctrl-c":
        assert terminal.interrupt() == 0 and "Nothing is left of it" in terminal.seen
    else:
        assert terminal.hang_up() != 0
    assert differences(before, everything(machine)) == []


def test_without_its_packages_the_recording_is_shown(machine: Machine) -> None:
    machine.must("dpkg", "--purge", "--force-depends", "python3-yaml")
    before = everything(machine)
    done = machine.install("--demo", user=NOBODY)
    assert done.returncode == 0 and "nothing runs now" in done.stdout, done
    assert differences(before, everything(machine)) == []
