"""Eight real sshd hosts under the canary play: a class whose option panics heals itself, and stays untouched."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from debian_machine import PROJECT

sys.path.insert(0, str(Path(__file__).resolve().parent))

import hosts
from hosts import STATE, Fleet, fleet

pytestmark = pytest.mark.system
# Three of the class that panics, two of one that is fine, one by itself, one that nothing serves, one not reached.
KINDS = (*("lact-rx6600",) * 3, *("lact-rx7900xtx",) * 2, "lact-phoenix", "lact-rx580", "lact-rx9070")
BAD, FINE, ALONE, REFUSED, LOST = (1, 2, 3), (4, 5), 6, 7, 8
# No real card is here: `verify` would miss /dev/kfd.
WANTED = {"gpu_layers": ["kernel"], "gpu_settings": {"noretry": 1}, "gpu_reboot": True, "gpu_verify": False}


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory, captures: Path) -> Iterator[Fleet]:
    if why := hosts.missing():
        pytest.skip(f"{why}: no playbook was run")
    with fleet(tmp_path_factory.mktemp("fleet"), [captures / "machines" / kind for kind in KINDS]) as made:
        for number in BAD:
            (made.host(number) / "ctl/panics").write_text("noretry=1\n")
        yield made


def changed(said: str) -> dict[str, int]:
    """What the recap says of each host."""
    return {host: int(count) for host, count in re.findall(r"^(h\d+) .*changed=(\d+)", said, re.MULTILINE)}


def everything(made: Fleet) -> list[object]:
    return [made.tree(number, STATE) for number in range(1, len(KINDS) + 1)]


def test_a_check_mode_changes_nothing(eight: Fleet) -> None:
    before = everything(eight)
    said = eight.play("rdna.installer.canary", "--check", "--diff", **WANTED)
    assert everything(eight) == before
    assert "rdna-installer-trial.conf" in said  # what it would have written
    assert eight.rows()["h7"]["state"] == "refused"


def test_b_a_bad_class_heals_itself_and_the_others_go_on(eight: Fleet) -> None:
    before = {number: eight.tree(number, STATE) for number in (*BAD, REFUSED)}
    eight.off(LOST)
    said = eight.play("rdna.installer.canary", fails=True, **WANTED)
    assert "not done: h1, h2, h3, h8; the report says why of each" in said
    rows = eight.rows()
    console = (eight.host(1) / "console").read_text()
    assert console.count("PANIC at noretry=1") == 2 and "boot check: rolled-back" in console, console
    assert rows["h1"]["passed"] is False and "rolled-back" in str(rows["h1"]["note"])
    assert "rdna-installer.conf" not in str(eight.tree(1))
    for number in BAD[1:]:
        assert rows[f"h{number}"]["passed"] is None and "not touched: h1" in str(rows[f"h{number}"]["note"])
    assert {n: eight.tree(n, STATE) for n in (*BAD[1:], REFUSED)} == {n: before[n] for n in (*BAD[1:], REFUSED)}
    for number in (*FINE, ALONE):
        row = rows[f"h{number}"]
        assert row["passed"] is True and row["trial"] is None and row["boot"]["outcome"] == "confirmed", row
        assert row["boot"]["boot_id"] == row["boot_id"] and row["state"] == "current"
    assert rows["h7"]["state"] == "refused" and "unusable" in str(rows["h7"]["note"])
    assert rows["h8"]["state"] == "unreachable"
    table = (eight.folder / "report.txt").read_text()
    assert all(f"h{number} " in table for number in range(1, 9)) and "differs among 1002:73ff: generation" in table


def test_c_a_second_run_changes_nothing(eight: Fleet) -> None:
    done = [f"h{number}" for number in (*FINE, ALONE)]
    before = everything(eight)
    said = eight.play("rdna.installer.canary", gpu_hosts=",".join(done), **WANTED)
    assert everything(eight) == before
    assert changed(said) == dict.fromkeys(done, 0), said


def test_d_back_everywhere_and_idempotent(eight: Fleet) -> None:
    done = ",".join(f"h{number}" for number in (*FINE, ALONE))
    first = changed(eight.play("rdna.installer.rollback", gpu_hosts=done, gpu_to=0))
    assert all(first.values()), first
    assert "modprobe.d/rdna-installer" not in str([eight.tree(number) for number in (*FINE, ALONE)])
    assert not any(changed(eight.play("rdna.installer.rollback", gpu_hosts=done, gpu_to=0)).values())


def test_e_the_modules_of_a_play_of_ones_own(eight: Fleet) -> None:
    eight.play(str(Path(__file__).with_name("options.yml")), served=f"h{ALONE}", refused=f"h{REFUSED}")


def _tree(folder: Path, version: str) -> str:
    """An archive of this project as if it were another version."""
    clone = folder / "tree"
    names = ("install.sh", "installer", "templates", "pyproject.toml", "README.md")
    clone.mkdir()
    subprocess.run(["cp", "-a", *(str(PROJECT / name) for name in names), str(clone)], check=True)
    (clone / "installer/rdna_installer/__init__.py").write_text(f'"""Another."""\n\n__version__ = "{version}"\n')
    with tarfile.open(folder / "tree.tar.gz", "w:gz") as tar:
        for name in names:
            tar.add(clone / name, name, filter=lambda entry: None if "__pycache__" in entry.name else entry)
    return str(folder / "tree.tar.gz")


def _package(folder: Path, version: str) -> str:
    """A package whose program says that it is another version; for the rest it is the one that is there."""
    made = folder / "package"
    (made / "DEBIAN").mkdir(parents=True)
    (made / "DEBIAN/control").write_text(
        f"Package: rdna-lab\nVersion: {version}\nArchitecture: all\nMaintainer: lab\nDescription: lab\n"
    )
    program = made / "opt/lab/rdna-installer"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\n[ "$1" != --version ] || exec echo rdna-installer {version}\nexec rdna-installer "$@"\n'
    )
    program.chmod(0o755)
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", str(made), str(folder / "lab.deb")], check=True)
    return str(folder / "lab.deb")


PYTHON_ONLY = {"gpu_layers": ["python"], "gpu_pythons": ["/home/sam/venv"], "gpu_verify": False, "gpu_owner": "all"}


def test_f_another_version_is_brought_to_one_of_a_class_first(eight: Fleet, tmp_path: Path) -> None:
    two = {**PYTHON_ONLY, "gpu_hosts": "h4,h5", "gpu_version": "9.9.9", "gpu_source": _tree(tmp_path, "9.9.9")}
    before = everything(eight)
    asked = eight.play("rdna.installer.upgrade", fails=True, gpu_hosts="h4,h5", gpu_version="9.9.9")
    assert "upgrade needs gpu_version, and gpu_package or gpu_source" in asked
    eight.play("rdna.installer.upgrade", "--check", **two)
    assert everything(eight) == before and eight.rows()["h4"]["passed"] is True
    eight.play("rdna.installer.upgrade", **two)
    for row in eight.rows().values():
        assert row["version"] == "9.9.9" and row["passed"] is True and row["state"] == "current", row
    assert changed(eight.play("rdna.installer.upgrade", **two)) == {"h4": 0, "h5": 0}


def test_g_a_package_is_brought_where_there_is_none(eight: Fleet, tmp_path: Path) -> None:
    one = {**PYTHON_ONLY, "gpu_hosts": "h6", "gpu_version": "8.8.8", "gpu_executable": "/opt/lab/rdna-installer"}
    one["gpu_settings"] = {"MIOPEN_FIND_MODE": "FAST"}
    eight.play("rdna.installer.canary", fails=True, **one)
    assert eight.rows()["h6"]["state"] == "no program" and eight.rows()["h6"]["passed"] is None
    eight.play("rdna.installer.canary", gpu_package=_package(tmp_path, "8.8.8"), **one)
    row = eight.rows()["h6"]
    assert row["version"] == "8.8.8" and row["passed"] is True and row["state"] == "current", row


def test_h_a_screen_is_waited_for_unless_there_is_consent(eight: Fleet) -> None:
    for number in (LOST, ALONE):
        (eight.host(number) / "ctl/screen").touch()
    eight.ssh(ALONE, "mkdir /sys/class/drm/card1-DP-1 && echo enabled >/sys/class/drm/card1-DP-1/enabled")
    eight.on(LOST)
    eight.wait(LOST)
    consent = f"{{{{ inventory_hostname == 'h{LOST}' }}}}"
    two = {"gpu_hosts": f"h{LOST},h{ALONE}", "gpu_confirm": consent}
    assert f"not done: h{ALONE};" in eight.play("rdna.installer.canary", fails=True, **two, **WANTED)
    confirmed, waiting = eight.rows()[f"h{LOST}"], eight.rows()[f"h{ALONE}"]
    assert confirmed["passed"] is True and confirmed["trial"] is None and confirmed["state"] == "current", confirmed
    assert waiting["passed"] is False and waiting["trial"] and "waiting: somebody must log in" in str(waiting["note"])
    eight.play("rdna.installer.rollback", gpu_hosts=f"h{LOST},h{ALONE}", gpu_to=0)


def test_i_what_stays_down_is_switched_on_and_what_is_lost_after_sshd_is_waited_for(eight: Fleet) -> None:
    for number, how, powered in ((LOST, "stays", ""), (ALONE, "late", "x\nx\n")):
        (eight.host(number) / "ctl/screen").unlink()
        (eight.host(number) / "ctl/panics").write_text("noretry=1\n")
        (eight.host(number) / "ctl" / how).touch()
        (eight.host(number) / "powered").write_text(powered)
    host = f"{eight.folder}/{{{{ inventory_hostname }}}}"
    # It is pressed once the machine is down, and only after the last time is a boot waited for, however slow.
    press = f"while [ -e {host}/unshare.pid ]; do sleep 0.1; done; echo x >>{host}/powered; touch {host}/ctl/again"
    seconds = f"{{{{ 900 if lookup('file', '{host}/powered') | length > 1 else 5 }}}}"
    power = {"gpu_power_command": f'sh -c "{press}"', "gpu_boot_seconds": seconds}
    two = {**WANTED, "gpu_hosts": f"h{LOST},h{ALONE}", **power}
    said = eight.play("rdna.installer.canary", fails=True, **two)
    for number in (LOST, ALONE):
        row = eight.rows()[f"h{number}"]
        assert row["passed"] is False and "rolled-back" in str(row["note"]), row
        assert (eight.host(number) / "powered").read_text() == "x\nx\n"
        assert "rdna-installer.conf" not in str(eight.tree(number))
    assert f"fatal: [h{ALONE}]: UNREACHABLE!" in said
