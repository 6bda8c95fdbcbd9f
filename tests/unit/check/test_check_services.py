"""What is made of systemd's own words about a service, also of those that it does not say."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.check import services
from rdna_installer.check.services import SHOWN, Watched, check_services
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Status

FOLDER = PurePosixPath("/etc/systemd/system/ollama.service.d")
UNIT = Watched(FOLDER, None, {"HSA_XNACK": "0"}, {}, 0.0)
SAYS = {
    "Id": "ollama.service", "LoadState": "loaded", "ActiveState": "inactive", "NeedDaemonReload": "no", "MainPID": "0",
    "ExecMainStartTimestampMonotonic": "0", "DropInPaths": f"{FOLDER}/60-rdna-installer.conf",
}  # fmt: skip


def said(root: Path, monkeypatch: pytest.MonkeyPatch, says: dict[str, str]) -> Check:
    """The one line for the unit where systemctl says this."""
    drop_in = root / str(FOLDER)[1:] / "60-rdna-installer.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nEnvironment=HSA_XNACK=0\n")
    text = "".join(f"{key}={value}\n" for key, value in says.items())
    monkeypatch.setattr(services, "control", lambda *_: text)
    monkeypatch.setattr(services, "runs", lambda *_: True)
    (found,) = check_services(Sysroot(root), [UNIT], lambda *_: {})
    return found


def test_all_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {*SAYS} == {*SHOWN.split(",")}
    assert said(tmp_path, monkeypatch, SAYS).status is Status.OK


@pytest.mark.parametrize("key", [key for key in SAYS if key != "Id"])
def test_what_systemd_does_not_tell_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    found = said(tmp_path, monkeypatch, {name: value for name, value in SAYS.items() if name != key})
    assert found.status is Status.UNKNOWN and key in str(found.hint) and found.running is None


@pytest.mark.parametrize("value", ["", "n/a", "-1", "\u00b2"])
@pytest.mark.parametrize("key", ["MainPID", "ExecMainStartTimestampMonotonic"])
def test_what_is_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, value: str) -> None:
    found = said(tmp_path, monkeypatch, {**SAYS, "ActiveState": "active", "MainPID": "1", key: value})
    assert found.status is Status.UNKNOWN and key in str(found.hint)


@pytest.mark.parametrize("state", ["not-found", "masked"])
def test_a_unit_that_is_not_there_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    found = said(tmp_path, monkeypatch, {**SAYS, "LoadState": state, "NeedDaemonReload": "yes"})
    assert (found.status, found.hint) == (
        Status.NOT_APPLICABLE,
        f"ollama.service is {state}: the drop-in does nothing until it comes back",
    )
