"""Who has state, where one's home hangs. The hanging home is a stand-in; a real one is in tests/security."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from rdna_installer.change.store import Store
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User
from rdna_installer.workflow import owners


class Place:
    def __init__(self, user: User) -> None:
        self.user = user

    @property
    def exists(self) -> bool:
        if self.user.name == "hangs":
            raise RdnaError("child-died", "it does not answer")
        return self.user.name == "has"


@pytest.mark.parametrize(
    "names", [(), ("hangs",), ("has", "none"), ("has", "hangs", "none", "has"), ("hangs", "hangs")]
)
def test_one_that_hangs_hides_nobody_else(monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]) -> None:
    monkeypatch.setattr(owners, "look", lambda work, _: work())
    monkeypatch.setattr(Store, "place", lambda _, user: Place(user))
    users = [User(n, n, name, PurePosixPath("/home"), "/bin/sh", frozenset()) for n, name in enumerate(names, 1000)]
    assert owners._with_state(Sysroot("/nowhere"), users) == [user.uid for user in users if user.name == "has"]
