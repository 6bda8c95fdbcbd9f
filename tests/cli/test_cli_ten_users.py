"""Ten common users, end to end: ``apply`` with the recommended profile, what it sets, says and returns.

Whole texts (RDNA_UPDATE_GOLDEN=1 writes them anew: read the difference against facts/ten-users.md).
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cli_sample import Cli
from user_machines import SITE, Card, Wheel, build

from rdna_installer import __version__

pytestmark = pytest.mark.processes  # modinfo

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "ten_users"
UUID = 0x5E1B2C3D4E5F6071

RX5600XT = Card(100100, 0x731F, UUID)
RX6700XT = Card(100301, 0x73DF, UUID)
RX6600 = Card(100302, 0x73FF, UUID)
RX6600_NO_ID = Card(100302, 0x73FF)
RAPHAEL = Card(100306, 0x164E, integrated=True)
RX6900XT = Card(100300, 0x73BF, UUID)
RX7600 = Card(110002, 0x7480, UUID)
R780M = Card(110003, 0x15BF, integrated=True)
HALO = Card(110501, 0x1586, integrated=True)
RX9070XT = Card(120001, 0x7550, UUID)
RX580 = Card(80003, 0x67DF)

OLDER = ("gfx900", "gfx906", "gfx908", "gfx90a", "gfx942", "gfx1030", "gfx1100")
NEWER = (*OLDER, "gfx1101", "gfx1102", "gfx1200", "gfx1201")
STOCK62 = Wheel("2.5.1+rocm6.2", OLDER)
STOCK64 = Wheel("2.9.1+rocm6.4", NEWER)
STOCK72 = Wheel("2.12.0+rocm7.2", (*NEWER, "gfx950", "gfx1150", "gfx1151"))
STOCK213 = Wheel("2.13.0+rocm7.2", (*NEWER, "gfx950", "gfx1103", "gfx1150", "gfx1151"))
THEROCK = Wheel("2.11.0+rocm7.15.0a20260919", ("gfx1010",), therock=True)
ROCM10 = Wheel("2.14.0+rocm10.0.0", ("gfx1151",), therock=True, more="rocm = '10.0.0'\n")
OVERRIDE = "HSA_OVERRIDE_GFX_VERSION"
SOLVERS = {
    "MIOPEN_DEBUG_CONV_GEMM": "0",
    "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW2": "0",
    "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53": "0",
}
TRITON = {"AMDGCN_USE_BUFFER_OPS": "0", "TORCH_DISABLE_NATIVE_JIT": "1"}
VISIBLE = f"ROCR_VISIBLE_DEVICES=GPU-{UUID:016x}"


@dataclass(frozen=True)
class User:
    """A machine, the options of ``apply``, and what it must come to."""

    cards: tuple[Card, ...]
    wheel: Wheel
    verdict: str
    code: int
    kernel: dict[str, str]
    python: dict[str, str]
    says: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    release: str = "6.12.48+deb13-amd64"


NATIVE: dict[str, Any] = {"verdict": "native", "code": 0, "kernel": {}, "python": {}}
UNUSABLE: dict[str, Any] = {"verdict": "unusable", "code": 3, "kernel": {}, "python": {}}
USERS = {
    "1-rx5600xt-stock": User(
        (RX5600XT,), STOCK62, **UNUSABLE, says=("torch[device-gfx1010]", "10.3.0 with MIOpen bypassed", "probe")
    ),
    "2-rx5600xt-therock": User(
        (RX5600XT,), THEROCK, "experimental", 0, {}, TRITON, ("cache clear", "before 6.12"), release="6.11.9-amd64"
    ),
    "3-rx6700xt-training": User(
        (RX6700XT,), STOCK62, "works", 0, {}, {OVERRIDE: "10.3.0", **SOLVERS}, options=("--use", "training")
    ),
    "4-rx6600-raphael-rocm64": User((RX6600, RAPHAEL), STOCK64, "works", 0, {}, {f"{OVERRIDE}_1": "10.3.0"}),
    "4-rx6600-raphael-rocm62": User((RX6600, RAPHAEL), STOCK62, **UNUSABLE, says=(VISIBLE, "BIOS")),
    "4-rx6600-raphael-rocm62-consent": User(
        (RX6600, RAPHAEL),
        STOCK62,
        "works",
        0,
        {},
        {OVERRIDE: "10.3.0", "ROCR_VISIBLE_DEVICES": f"GPU-{UUID:016x}"},
        options=("--set", VISIBLE),
    ),
    "4-rx6600-raphael-rocm62-no-id": User((RX6600_NO_ID, RAPHAEL), STOCK62, **UNUSABLE, says=("no unique id", "BIOS")),
    "5-rx6900xt": User((RX6900XT,), STOCK62, **NATIVE, says=("driver resets", "miopen-strict")),
    "6-rx7600": User((RX7600,), STOCK64, **NATIVE),
    "6-rx7600-older-torch": User((RX7600,), STOCK62, **UNUSABLE, says=("upgrade to torch >= 2.7",)),
    "7-780m": User((R780M,), STOCK213, **NATIVE),
    "7-780m-older-torch": User((R780M,), STOCK64, **UNUSABLE, says=("torch[device-gfx1103]", "hard lock")),
    "8-strix-halo": User((HALO,), STOCK72, "native", 0, {"cwsr_enable": "0"}, {}, ("reboot",), release="6.17.4-amd64"),
    "8-strix-halo-kernel-6.18": User((HALO,), STOCK72, **NATIVE, release="6.18.9-amd64"),
    "8-strix-halo-rocm10": User(
        (HALO,),
        ROCM10,
        "native",
        0,
        {},
        {"RDNA_CONV": "no-miopen"},
        ("strix-halo-rocm10-conv",),
        release="6.18.9-amd64",
    ),
    "9-rx9070xt": User((RX9070XT,), STOCK64, **NATIVE),
    "10-rx580": User((RX580,), STOCK62, **UNUSABLE, says=("Vulkan", "on the CPU")),
}


@pytest.fixture(params=USERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def machine(name: str, tmp_path: Path, module: Path) -> Path:
    user = USERS[name]
    return build(tmp_path / "root", user.cards, user.wheel, user.release, module)


def test_end_to_end(name: str, machine: Path, cli: Cli) -> None:
    user = USERS[name]
    options = (*user.options, "--root", str(machine))
    planned = json.loads(cli("plan", "--json", *options).out)
    assert planned["verdict"] == user.verdict
    assert {s["key"]: s["value"] for s in planned["settings"] if s["layer"] == "kernel"} == user.kernel
    assert {s["key"]: s["value"] for s in planned["settings"] if s["layer"] == "python"} == user.python
    assert [s for s in planned["settings"] if s["layer"] == "env"] == []
    assert planned["reboot_needed"] is bool(user.kernel)

    done = cli("apply", "--yes", *options)
    text = _plain(f"{done.out}--- standard error, exit {done.code} ---\n{done.err}")
    assert done.code == user.code
    assert [word for word in user.says if word not in " ".join(text.split()) + json.dumps(planned)] == []
    assert (machine / "etc/modprobe.d/rdna-installer.conf").exists() is bool(user.kernel)
    assert (machine / SITE / "rdna_hook.pth").exists() is bool(user.python)
    _compare(GOLDEN / f"{name}.txt", text)
    wide = [line for line in text.splitlines() if len(line) > 80]
    assert [line for line in wide if not _may_be_wide(line)] == []


def _plain(text: str) -> str:
    """Without what changes from version to version: our number, and the size of the hook's own code."""
    text = text.replace(f"rdna-installer {__version__},", "rdna-installer VERSION,")
    return re.sub(r"[0-9]+ files", "N files", text)


def _compare(path: Path, text: str) -> None:
    if os.environ.get("RDNA_UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text


def _may_be_wide(line: str) -> bool:
    """Commands, addresses, paths and lines of files are not broken; all else fits a terminal."""
    written = line.startswith("  new ")  # paths and contents are shown as they are
    return written or "://" in line or "rdna-installer " in line or any(len(word) > 60 for word in line.split())


def test_a_second_apply_changes_nothing_and_undo_leaves_nothing(name: str, machine: Path, cli: Cli) -> None:
    user = USERS[name]
    if user.code != 0:
        pytest.skip("nothing is applied for this user")
    before = {path for path in machine.rglob("*") if "var/lib" not in str(path)}
    options = (*user.options, "--root", str(machine))
    assert cli("apply", "--yes", *options).code == 0
    assert cli("plan", "--detailed-exitcode", *options).code == 0
    assert cli("uninstall", "--yes", "--root", str(machine)).code == 0
    assert {path for path in machine.rglob("*") if "var/lib" not in str(path)} == before


def test_advice_begins_where_apply_ends(name: str, machine: Path, cli: Cli) -> None:
    user = USERS[name]
    use = tuple(word for word in user.options if word in ("--use", "training"))
    (item,) = json.loads(cli("advise", "--json", *use, "--root", str(machine)).out)["gpus"]
    first = item["routes"][0]
    assert first["commands"] or first["kind"] in ("nothing", "other")
    usable = user.code == 0 and not any(word.startswith("ROCR") for word in user.options)
    assert (first["kind"] in ("apply", "nothing")) is usable
    assert cli("advise", *use, "--root", str(machine)).code == 0


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(USERS)
