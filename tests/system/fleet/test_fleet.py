"""Eight real sshd hosts under the canary play: a class whose option panics heals itself, and stays untouched."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    eight.play("rdna.installer.canary", **WANTED)
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
