"""A hundred real sshd hosts of ten kinds: check mode, faults, two controllers, and what a host costs.

Half an hour on two busy cores, so not in CI: RDNA_TEST_LONG=1 tests/run -s tests/system/fleet/test_hundred.py
(RDNA_FLEET_HOSTS: another number, 20 or more). It prints the figures of docs/fleet.md.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from effort import LONG

sys.path.insert(0, str(Path(__file__).resolve().parent))

import hosts
from hosts import PATIENCE, STATE, Fleet, fleet

pytestmark = pytest.mark.system
COUNT = int(os.environ.get("RDNA_FLEET_HOSTS", "100"))
SERVED = (
    *("lact-rx6600", "lact-rx7900xtx", "lact-rx9070", "lact-phoenix", "k8s-mi210-xgmi-pcie", "mi300a-4apu"),
    *("lact-rx5700xt", "partial-rx6600-raphael-igpu"),
)
REFUSED, REFUSED_TOO, DRIFT, FULL, UNTRIED = 3, 5, 7, 11, 17
KINDS = [SERVED[number % len(SERVED)] for number in range(1, COUNT + 1)]
KINDS[REFUSED - 1], KINDS[REFUSED_TOO - 1] = "lact-rx580", "lact-vangogh"
# The last of its class by name: a follower.
LOST = max((n for n in range(20, COUNT + 1) if KINDS[n - 1] == KINDS[19]), key=lambda n: f"h{n}") if COUNT > 27 else 20
SPECIAL = {REFUSED, REFUSED_TOO, DRIFT, FULL, UNTRIED}
ORDINARY = [number for number in range(1, COUNT + 1) if number not in SPECIAL]
SITE = "/home/sam/venv"
WANTED = {
    "gpu_layers": ["kernel", "python"], "gpu_settings": {"noretry": 1, "MIOPEN_FIND_MODE": "FAST"},
    "gpu_pythons": [SITE], "gpu_reboot": True, "gpu_verify": False,
    "gpu_serial": [5, "50%", "100%"], "gpu_boot_seconds": 180,
}  # fmt: skip
PYTHON_ONLY = {**WANTED, "gpu_layers": ["python"], "gpu_reboot": False}


@pytest.fixture(scope="module")
def hundred(tmp_path_factory: pytest.TempPathFactory, captures: Path) -> Iterator[Fleet]:
    if not LONG:
        pytest.skip("RDNA_TEST_LONG=1 starts a hundred hosts")
    if why := hosts.missing():
        pytest.skip(f"{why}: no playbook was run")
    kinds = [captures / "machines" / kind for kind in KINDS]
    with fleet(tmp_path_factory.mktemp("fleet"), kinds, frozenset({FULL})) as made:
        release = os.uname().release
        made.ssh(UNTRIED, f"touch /boot/initrd.img-{release}")  # of a tool that nobody knows
        first = f"rdna-installer apply --yes --layer python --python {SITE} --set MIOPEN_FIND_MODE=FAST"
        edited = made.ssh(DRIFT, f"{first} && echo '# mine' >>$(ls {SITE}/lib/python3*/site-packages/rdna_hook.pth)")
        assert edited.returncode == 0, edited.stderr
        yield made


def changed(said: str) -> dict[str, int]:
    return {host: int(count) for host, count in re.findall(r"^(h\d+) .*changed=(\d+)", said, re.MULTILINE)}


def names(numbers: list[int]) -> str:
    return ",".join(f"h{number}" for number in numbers)


def cost(made: Fleet, what: str, count: int, work: Callable[[], str]) -> str:
    before = made.seconds()
    said = work()
    host, control = (made.seconds() - before) / count, made.spent / count
    print(f"\n| {what} | {count} | {host:.2f} s | {control:.2f} s |", flush=True)
    return said


def sound(made: Fleet, number: int) -> dict[str, str]:
    """Its settings in force; every file is what its generation says: old or new, never between."""
    said = made.ssh(number, "rdna-installer status --json --owner all")
    status = json.loads(said.stdout)
    assert not status["damaged"] and not any(owner["drift"] for owner in status["owners"]), said.stdout
    assert made.ssh(number, "rdna-installer recover --check").returncode == 0
    generations = [owner["generation"] for owner in status["owners"] if owner["generation"]]
    return {setting["key"]: setting["value"] for g in generations for setting in g["settings"]}


def busy(made: Fleet) -> bool:
    """Whether a host still runs something of the program, or of Ansible."""
    for pid in (made.group / "cgroup.procs").read_text().split():
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() in ("python3", "rdna-installer"):
                return True
        except OSError:
            pass
    return False


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_check_mode_changes_nothing_and_the_cost_is_linear(hundred: Fleet) -> None:
    processes, size = hundred.memory()
    print(f"\n{COUNT} hosts: {processes} processes, {size / COUNT / 1e6:.2f} MB a host", flush=True)
    ten = names(ORDINARY[:10])
    cost(hundred, "report", 10, lambda: hundred.play("rdna.installer.report", gpu_hosts=ten))
    cost(hundred, "report", COUNT, lambda: hundred.play("rdna.installer.report"))
    before = [hundred.tree(number, STATE) for number in range(1, COUNT + 1)]
    play = partial(hundred.play, "rdna.installer.canary", "--check", fails=True, **WANTED)
    cost(hundred, "canary, check mode", COUNT, play)
    assert [hundred.tree(number, STATE) for number in range(1, COUNT + 1)] == before


def test_b_all_that_can_have_it_get_it(hundred: Fleet) -> None:
    state = hundred.host(LOST) / "disk/up" / STATE[1:]
    seen: list[str] = []

    def cut() -> None:  # in the middle of its change, whose journal is open or just closed
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not seen:
            seen.extend(name for name in ("tx", "generations") if (state / name).exists())
            time.sleep(0.002)
        hundred.off(LOST)

    watch = threading.Thread(target=cut)
    watch.start()
    play = partial(hundred.play, "rdna.installer.canary", fails=True, **WANTED)
    said = cost(hundred, "canary, applied and rebooted", COUNT, play)
    watch.join()
    left = re.findall(r"h\d+", said[said.rindex("not done: ") :].partition(";")[0])
    assert {f"h{number}" for number in (DRIFT, FULL, LOST)} <= {*left}, left
    print(f"h{LOST} lost its power when its state had {seen}", flush=True)
    rows = hundred.rows()
    assert len(rows) == COUNT
    assert rows[f"h{REFUSED}"]["state"] == rows[f"h{REFUSED_TOO}"]["state"] == "refused"
    assert "[drift]" in str(rows[f"h{DRIFT}"]["note"]) and rows[f"h{DRIFT}"]["passed"] is None
    assert rows[f"h{FULL}"]["state"] == "failed" and rows[f"h{FULL}"]["passed"] is None, rows[f"h{FULL}"]
    assert "[no-trial]" in str(rows[f"h{UNTRIED}"]["note"]) and rows[f"h{UNTRIED}"]["state"] == "refused"
    assert rows[f"h{LOST}"]["state"] == "unreachable"
    wrong = {n: rows[f"h{n}"] for n in ORDINARY if n != LOST and rows[f"h{n}"]["passed"] is not True}
    assert all(KINDS[n - 1] == KINDS[LOST - 1] for n in wrong), {n: row["note"] for n, row in wrong.items()}
    hundred.on(LOST)
    hundred.wait(LOST)
    hundred.play("rdna.installer.canary", gpu_hosts=names([LOST, UNTRIED, *wrong]), gpu_trial="off", **WANTED)
    assert all(hundred.rows()[f"h{n}"]["state"] == "current" for n in (LOST, UNTRIED, *wrong)), hundred.rows()
    assert all(sound(hundred, n)["noretry"] == "1" for n in (LOST, UNTRIED, ORDINARY[0]))


def test_c_a_second_run_changes_nothing(hundred: Fleet) -> None:
    before = [hundred.tree(number, STATE) for number in ORDINARY]
    again = {**WANTED, "gpu_hosts": names(ORDINARY)}
    count = len(ORDINARY)
    said = cost(hundred, "canary again, nothing to do", count, lambda: hundred.play("rdna.installer.canary", **again))
    assert not any(changed(said).values()) and len(changed(said)) == len(ORDINARY)
    assert [hundred.tree(number, STATE) for number in ORDINARY] == before
    upper = [sum(f.lstat().st_blocks for f in (hundred.host(n) / "disk/up").rglob("*")) * 512 for n in ORDINARY]
    print(f"disk written: {sum(upper) / len(upper) / 1e3:.0f} KB a host", flush=True)


def test_d_a_killed_controller(hundred: Fleet) -> None:
    before = {number: hundred.tree(number) for number in ORDINARY}
    running = hundred.start("rdna.installer.rollback", gpu_hosts=names(ORDINARY), gpu_to=0, log="killed")
    until(lambda: any(hundred.tree(number) != before[number] for number in ORDINARY[:25]))
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    # A lost machine's ssh goes too; left here, it keeps a half-sent module of Ansible writing its error to nobody.
    subprocess.run(["pkill", "-KILL", "-f", f"^ssh: /tmp/{hundred.tag}-ssh/"], check=False, timeout=60)
    until(lambda: not busy(hundred))
    found = [bool(sound(hundred, number)) for number in ORDINARY]
    print(f"\ncontroller killed: {found.count(False)} hosts went back, {found.count(True)} did not", flush=True)
    assert True in found and False in found
    hundred.play("rdna.installer.rollback", gpu_hosts=names(ORDINARY), gpu_to=0)
    paths = [path for number in ORDINARY for path in hundred.tree(number) if "/state/rdna-installer" not in path]
    assert paths and [path for path in paths if "rdna" in path.lower()] == []


def test_e_two_controllers(hundred: Fleet) -> None:
    ten = names(ORDINARY[:10])
    both = [
        hundred.start("rdna.installer.canary", log=f"two-{mode}", **{**PYTHON_ONLY, "gpu_hosts": ten,
            "gpu_settings": {"MIOPEN_FIND_MODE": mode}})
        for mode in ("FAST", "NORMAL")
    ]  # fmt: skip
    for running in both:
        assert hundred.ended(running) == 0, (hundred.folder / "two-FAST").read_text()[-4000:]
    modes = [sound(hundred, number).get("MIOPEN_FIND_MODE") for number in ORDINARY[:10]]
    print(f"\ntwo controllers: {modes}", flush=True)
    assert set(modes) <= {"FAST", "NORMAL"}
