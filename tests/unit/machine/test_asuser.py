"""Work with another's rights: what comes back, and what becomes of a child that does not answer as ours do."""

from __future__ import annotations

import os
import signal
from pathlib import PurePosixPath
from typing import Any

import pytest

from rdna_installer import codec
from rdna_installer.codec import MisfitError
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine import asuser
from rdna_installer.machine.asuser import as_user, ask
from rdna_installer.machine.bounds import REPORT, Limits, Rights
from rdna_installer.model import Change, FileState, Generation, Managed, Setting, User

pytestmark = pytest.mark.processes

ROOT = os.geteuid() == 0
SAM = User(61302, 61303, "sam", PurePosixPath("/nonexistent"), "/bin/sh", frozenset())
OURS = Rights(os.getuid(), os.getgid())
needs_root = pytest.mark.skipif(not ROOT, reason="not root: dropping rights was not tested")


def ours(work: Any, answer: object, *, changes: bool = False) -> Any:
    return ask(OURS, work, answer, who="sam", changes=changes)


@needs_root
def test_everything_is_dropped() -> None:
    ids = as_user(SAM, lambda: (os.getresuid(), os.getresgid(), tuple(os.getgroups())), tuple[tuple[int, ...], ...])
    assert ids == ((61302,) * 3, (61303,) * 3, (61303,))


@needs_root
def test_files_get_the_usual_mode_and_the_users_group(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert as_user(SAM, lambda: os.umask(0), int) == 0o022


def test_errors_come_back_whole() -> None:
    def refuses() -> None:
        raise RdnaError("a-reason", "said there", context="where", hint="do", exit_code=Exit.FAILED)

    with pytest.raises(RdnaError) as caught:
        ours(refuses, None)
    err = caught.value
    assert (err.reference, err.message, err.context, err.hint, err.exit_code) == (
        "a-reason", "said there", "where", "do", Exit.FAILED,
    )  # fmt: skip
    with pytest.raises(FileNotFoundError) as missing:
        ours(lambda: os.stat("/no/such"), None)
    assert missing.value.filename == "/no/such"
    with pytest.raises(RdnaError, match="ZeroDivisionError") as other:
        ours(lambda: 1 // 0, None)
    assert other.value.reference == "child-failed"


@pytest.mark.parametrize("changes", [True, False])
@pytest.mark.parametrize(
    ("work", "said"),
    [
        (lambda: os._exit(7), "status 7"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "status -9"),
        (lambda: os.kill(os.getpid(), signal.SIGSTOP), "no answer in time"),
        (lambda: "x" * 5000, "answered more"),
    ],
)
def test_a_child_without_an_answer(work: Any, said: str, changes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asuser, "WORK" if changes else "LOOK", Limits(total=0.5, report=1000))
    with pytest.raises(RdnaError, match=said) as died:
        ours(work, str, changes=changes)
    assert (died.value.reference, died.value.exit_code) == ("child-died", Exit.INCOMPLETE if changes else Exit.REFUSED)
    assert died.value.hint is not None and ("recover" in died.value.hint) is changes


LIES = [b"", b"[]", b"[" * 5000, b"\xff", b'{"answer": 1}', b'{"error": ["Up!", 3, "x", null, null]}',
        b'{"answer": {}}', b'{"error": ["up", 99, "x", null, null]}', b'{"system": ["x"]}',
        b'{"answer": ["FileState"]}']  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_lies_are_no_answers(lie: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the child says instead of our function's answer."""

    def liar(work: Any, encode: Any) -> Any:
        os.write(REPORT, lie)
        os._exit(0)

    monkeypatch.setattr(asuser, "_outcome", liar)
    with pytest.raises(RdnaError) as caught:
        ours(lambda: "x", str)
    assert caught.value.reference == "child-lied"


STATE = FileState(PurePosixPath("/x\udcff"), b"\xff\0", 0o644, 1, 2, codec.digest(b"\xff\0"), None, (("u", b"\xfe"),))
KINDS: list[tuple[Any, Any]] = [
    (STATE, FileState),
    ((1, "a"), tuple[int, str]),
    (None, Generation | None),
    ([True, None], list[bool | None]),
    ({PurePosixPath("/"): b"\0"}, dict[PurePosixPath, bytes]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "kind"), KINDS)
def test_values_travel_whole(value: Any, kind: Any) -> None:
    assert ours(lambda: value, kind) == value


@pytest.mark.parametrize("kind", [Generation, Change, Managed, Setting, User, FileState])
def test_every_type_of_ours_is_understood(kind: Any) -> None:
    """Its annotations can be resolved; a value of another type is refused."""
    with pytest.raises(MisfitError, match="not an object"):
        codec.decode_as(kind, ["Other"])
