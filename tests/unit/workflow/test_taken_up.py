"""What is said of services after a change. systemd is a stand-in; a real one is in tests/system/test_services.py."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import services

ACTIVE = {
    "a.service": "a.service loaded active running A\n",
    "b@*.service": "b@1.service loaded active\nb@2.service x\n",
}


@pytest.mark.parametrize("code", [0, 1])
def test_what_is_started_again_and_what_waits(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    asked: list[tuple[str, ...]] = []

    def systemctl(_: int | None, *words: str, seconds: float = 0) -> SimpleNamespace:
        asked.append(words)
        return SimpleNamespace(code=code if words[0] == "restart" else 0, text=ACTIVE.get(words[-1], ""))

    monkeypatch.setattr(services, "systemctl", systemctl)
    monkeypatch.setattr(services, "runs", lambda *_: True)
    units = ("a.service", "b@.service", "c.service")
    said = [*services._taken_up(Sysroot("/nowhere"), None, units, ("a", "b@1"))]
    assert [words[1:] for words in asked if words[0] == "restart"] == [("a.service",), ("b@1.service",)]
    refused = [
        f"{unit} did not start again: systemctl status {name}"
        for unit, name in (("a.service", "a.service"), ("b@.service", "b@1.service"))
    ]
    assert [line for line in said if "did not start" in line] == [
        line.replace("systemctl", "sudo systemctl") for line in refused
    ] * code
    waits = "restart pending, b@2.service runs with what it was started with: sudo systemctl restart b@2.service"
    assert [line for line in said if "did not start" not in line] == [waits]
