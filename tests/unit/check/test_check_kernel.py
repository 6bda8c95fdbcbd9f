"""Wanted against running parameters: every cause has its own answer."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from check_samples import BEFORE, BOOT, CONF, facts, generation, kernel, managed, option, put

from rdna_installer.check.kernel import check_kernel, leave_result, read_result
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, HostFacts, Initramfs, InitramfsTool, ModprobeNote, ModuleState, Report, Status
from rdna_installer.parameter import same_value

FOREIGN = "/etc/modprobe.d/zz-local.conf:7"
LOADED_EARLY = ModuleState(True, False, True, {})


def look(root: Path, host: HostFacts, made: Any) -> list[Check]:
    return list(check_kernel(host, made, Sysroot(root)))


def running(root: Path, key: str, value: str, mode: int = 0o444, module: str = "amdgpu") -> None:
    put(root, f"/sys/module/{module}/parameters/{key}", f"{value}\n", mode)


@pytest.mark.parametrize(
    ("key", "now", "options", "state", "status", "source"),
    [
        ("vm_update_mode", "0", [option("vm_update_mode", "0")], None, Status.OK, f"{CONF}:3"),
        ("vm_update_mode", "0", [], None, Status.OK, "default"),
        ("vm_update_mode", "0", [option("vm_update_mode", "0", FOREIGN)], None, Status.OK, FOREIGN),
        ("vm_update_mode", "3", [option("vm_update_mode", "0"), option("vm_update_mode", "3", FOREIGN)], None,
         Status.MISMATCH, FOREIGN),
        ("vm_update_mode", "3", [option("vm_update_mode", "0"), option("vm_update_mode", "3", "kernel command line")],
         None, Status.MISMATCH, "kernel command line"),
        # A foreign value that lost to ours does not matter.
        ("vm_update_mode", "0", [option("vm_update_mode", "3", FOREIGN), option("vm_update_mode", "0")], None,
         Status.OK, f"{CONF}:3"),
        ("vm_update_mode", "-1", [], None, Status.MISMATCH, "default"),
        ("vm_update_mode", "-1", [option("vm_update_mode", "0")], LOADED_EARLY, Status.FAILED, "stale initramfs"),
        ("vm_update_mode", "-1", [option("vm_update_mode", "0")], ModuleState(True, False, None, {}), Status.FAILED,
         "probably a stale initramfs"),
        ("vm_update_mode", "-1", [option("vm_update_mode", "0")], None, Status.MISMATCH, "set by hand"),
        ("vm_update_mode", None, [option("vm_update_mode", "0")], None, Status.FAILED, "the running kernel"),
    ],
)  # fmt: skip
def test_who_set_it(
    tmp_path: Path,
    key: str,
    now: str | None,
    options: list[Any],
    state: ModuleState | None,
    status: Status,
    source: str,
) -> None:
    (tmp_path / "sys/module/amdgpu/parameters").mkdir(parents=True)
    if now is not None:
        running(tmp_path, key, now)
    host = facts(modprobe=tuple(options), **({"amdgpu": state} if state else {}))
    [check] = look(tmp_path, host, generation(kernel(key, "0"), managed=(managed(),)))
    assert (check.id, check.status, check.wanted, check.running, check.source) == (
        f"kernel:{key}",
        status,
        "0",
        now,
        source,
    )
    assert (check.hint is None) == (status is Status.OK)


def test_stale_image_names_the_command_of_its_tool(tmp_path: Path) -> None:
    running(tmp_path, "vm_update_mode", "-1")
    host = facts(
        modprobe=(option("vm_update_mode", "0"),), amdgpu=LOADED_EARLY, initramfs=Initramfs(InitramfsTool.DRACUT)
    )
    [check] = look(tmp_path, host, generation(kernel("vm_update_mode", "0"), managed=(managed(),)))
    assert ": sudo dracut --force --regenerate-all" in str(check.hint)


def test_writable_parameter_proves_nothing_about_the_boot(tmp_path: Path) -> None:
    running(tmp_path, "noretry", "1", 0o644)
    made = generation(kernel("noretry", "1"), managed=(managed(),))
    [good] = look(tmp_path, facts(modprobe=(option("noretry", "1"),)), made)
    assert (good.status, "while the system runs" in str(good.hint)) == (Status.OK, True)
    running(tmp_path, "noretry", "-1", 0o644)
    [bad] = look(tmp_path, facts(modprobe=(option("noretry", "1"),), amdgpu=LOADED_EARLY), made)
    assert (bad.status, bad.source) == (Status.MISMATCH, "set at run time, or stale initramfs")


class TestPendingReboot:
    def test_generation_of_this_boot(self, tmp_path: Path) -> None:
        running(tmp_path, "noretry", "-1")
        made = generation(kernel("noretry", "1"), managed=(managed(),), boot_id=BOOT)
        [check] = look(tmp_path, facts(modprobe=(option("noretry", "1"),)), made)
        assert (check.status, check.running, check.source) == (Status.PENDING_REBOOT, "-1", f"{CONF}:3")

    def test_not_even_loaded(self, tmp_path: Path) -> None:
        made = generation(kernel("noretry", "1"), managed=(managed(),), boot_id=BOOT)
        [check] = look(tmp_path, facts(amdgpu=ModuleState(False, False, None, {})), made)
        assert check.status is Status.PENDING_REBOOT

    def test_a_foreign_winner_does_not_wait_for_the_reboot(self, tmp_path: Path) -> None:
        running(tmp_path, "noretry", "-1")
        made = generation(kernel("noretry", "1"), managed=(managed(),), boot_id=BOOT)
        [check] = look(tmp_path, facts(modprobe=(option("noretry", "1"), option("noretry", "0", FOREIGN))), made)
        assert (check.status, check.source) == (Status.MISMATCH, FOREIGN)

    @pytest.mark.parametrize(("booted", "status"), [("1", Status.PENDING_REBOOT), ("99999999999", Status.MISMATCH)])
    def test_file_of_an_earlier_generation(self, tmp_path: Path, booted: str, status: Status) -> None:
        """Generation 3 only touched a venv; the kernel file is of generation 2: its change time decides."""
        running(tmp_path, "noretry", "-1")
        put(tmp_path, CONF, "options amdgpu noretry=1\n")
        put(tmp_path, "/proc/stat", f"cpu 1 2 3\nbtime {booted}\n")
        made = generation(kernel("noretry", "1"), managed=(managed(number=2),), boot_id=BOOT)
        [check] = look(tmp_path, facts(modprobe=(option("noretry", "1"),)), made)
        assert check.status is status

    def test_unknown_boots_are_not_the_same(self, tmp_path: Path) -> None:
        running(tmp_path, "noretry", "-1")
        made = generation(kernel("noretry", "1"), managed=(managed(),), boot_id=None)
        [check] = look(tmp_path, facts(boot_id=None, modprobe=(option("noretry", "1"),)), made)
        assert check.status is Status.MISMATCH

    @pytest.mark.parametrize(
        ("boot", "now", "lines"), [(BOOT, "1", ["kernel:noretry"]), (BOOT, "-1", []), (BEFORE, "1", [])]
    )
    def test_options_taken_away(self, tmp_path: Path, boot: str, now: str, lines: list[str]) -> None:
        running(tmp_path, "noretry", now)
        made = replace(generation(boot_id=boot), booted=(kernel("noretry", "1"),))
        checks = look(tmp_path, facts(), made)
        assert [c.id for c in checks] == lines
        assert {c.status for c in checks} <= {Status.PENDING_REBOOT}


def test_module_not_loaded_names_who_keeps_it_away(tmp_path: Path) -> None:
    note = ModprobeNote("amdgpu", "blacklist", "blacklist amdgpu", "/etc/modprobe.d/no.conf:1")
    made = generation(kernel("noretry", "1"), managed=(managed(),))
    module, parameter = look(tmp_path, facts(modprobe_notes=(note,)), made)
    assert (module.id, module.status, module.source) == ("kernel:amdgpu", Status.FAILED, "/etc/modprobe.d/no.conf:1")
    assert (parameter.status, parameter.running) == (Status.UNKNOWN, None)


def test_below_a_root_nothing_runs(tmp_path: Path) -> None:
    running(tmp_path, "noretry", "1")
    [check] = look(tmp_path, facts(live=False), generation(kernel("noretry", "1"), managed=(managed(),)))
    assert (check.status, check.running) == (Status.NOT_APPLICABLE, None)


def test_parameters_of_ttm(tmp_path: Path) -> None:
    running(tmp_path, "noretry", "1")
    running(tmp_path, "pages_limit", "4096", module="ttm")
    made = generation(kernel("ttm.pages_limit", "0x1000"), managed=(managed(),))
    [check] = look(tmp_path, facts(modprobe=(option("pages_limit", "0x1000", module="ttm"),)), made)
    assert (check.id, check.status, check.source) == ("kernel:ttm.pages_limit", Status.OK, f"{CONF}:3")


class TestRootsAnswer:
    @pytest.fixture
    def hidden(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        running(tmp_path, "gttsize", "8192")
        whole = Sysroot.read_bytes

        def refuse(self: Sysroot, inside: Any, **more: Any) -> bytes:
            if "gttsize" in str(inside):
                raise PermissionError(13, "Permission denied")
            return whole(self, inside, **more)

        monkeypatch.setattr(Sysroot, "read_bytes", refuse)
        return tmp_path

    def test_unknown_without_one(self, hidden: Path) -> None:
        [check] = look(hidden, facts(), generation(kernel("gttsize", "8192")))
        assert (check.status, check.running) == (Status.UNKNOWN, None)
        assert "sudo" in str(check.hint)

    @pytest.mark.parametrize(
        ("number", "boot", "wanted", "status"),
        [
            (3, BOOT, "8192", Status.OK),
            (2, BOOT, "8192", Status.UNKNOWN),  # of another generation
            (3, BEFORE, "8192", Status.UNKNOWN),  # of another boot
            (3, BOOT, "4096", Status.UNKNOWN),  # asked something else
        ],
    )
    def test_taken_when_it_fits(self, hidden: Path, number: int, boot: str, wanted: str, status: Status) -> None:
        if status is Status.OK and os.geteuid() != 0:
            pytest.skip("only what root has written is believed")
        (hidden / "run").mkdir()
        seen = Check("kernel:gttsize", Status.OK, wanted, "8192", f"{CONF}:3")
        leave_result(Report((seen,), False, number), facts(boot_id=boot), Sysroot(hidden))
        [check] = look(hidden, facts(), generation(kernel("gttsize", "8192")))
        assert check.status is status

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", '{"boot_id": 1}', f'{{"boot_id":"{BOOT}","generation":3,"checks":[{{}}]}}']
    )
    def test_rubbish_is_no_answer(self, tmp_path: Path, text: str) -> None:
        put(tmp_path, "/run/rdna-installer/verify.json", text)
        assert read_result(generation(), facts(), Sysroot(tmp_path)) == {}

    def test_round_trip(self, tmp_path: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only what root has written is believed")
        (tmp_path / "run").mkdir()
        check = Check("kernel:x", Status.MISMATCH, "1", "0", "somewhere", "do it")
        leave_result(Report((check,), False, 3), facts(), Sysroot(tmp_path))
        assert read_result(generation(), facts(), Sysroot(tmp_path)) == {"kernel:x": check}
        path = tmp_path / "run/rdna-installer/verify.json"
        assert (path.stat().st_mode & 0o7777, path.parent.stat().st_mode & 0o7777) == (0o644, 0o755)
        assert [p.name for p in path.parent.iterdir()] == ["verify.json"]
        os.chown(path, 4242, 0)
        assert read_result(generation(), facts(), Sysroot(tmp_path)) == {}

    def test_no_link_is_followed(self, tmp_path: Path) -> None:
        (tmp_path / "run").mkdir()
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "run/rdna-installer").symlink_to(tmp_path / "elsewhere")
        said = leave_result(Report((), False, 3), facts(), Sysroot(tmp_path))
        assert said and "not kept" in said
        assert list((tmp_path / "elsewhere").iterdir()) == []
        (tmp_path / "run/rdna-installer").unlink()
        victim = put(tmp_path, "/elsewhere/victim", "precious")
        (tmp_path / "run/rdna-installer").mkdir()
        (tmp_path / "run/rdna-installer/verify.json").symlink_to(victim)
        leave_result(Report((), False, 3), facts(), Sysroot(tmp_path))
        assert victim.read_text() == "precious"


@pytest.mark.parametrize(
    ("wanted", "running", "same"),
    [
        ("1", "Y", True), ("0", "N", True), ("on", "Y", True), ("1", "N", False), ("0x10", "16", True),
        ("010", "8", True),
        ("0xFFFFFFFF", "4294967295", True), ("-1", "-1", True), ("-1", "1", False), ("9", "9\n", True),
        ("abc", "abc", True), ("abc", "(null)", False), ("", "0", False), ("08", "8", False), ("1_0", "10", False),
    ],
)  # fmt: skip
def test_spellings(wanted: str, running: str, same: bool) -> None:
    assert same_value(wanted, running) is same


def test_facts_in_load_order_decide_also_with_dashes(tmp_path: Path) -> None:
    running(tmp_path, "noretry", "1")
    made = generation(kernel("noretry", "1"), managed=(managed(),))
    host = replace(facts(), modprobe=(option("noretry", "1"), option("noretry", "1", FOREIGN)))
    assert look(tmp_path, host, made)[0].source == FOREIGN
