"""Work of ours with another user's rights: a function in a bounded child, its answer as data, its errors as errors."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from rdna_installer import codec
from rdna_installer.codec import MisfitError
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.bounds import Ended, How, Limits, Rights
from rdna_installer.machine.sysroot import Inside, Sysroot
from rdna_installer.model import User

LOOK = Limits(total=20.0, report=64 << 20)
WORK = Limits(total=60.0, report=64 << 20)  # a state of ten generations with all they hold has a few MiB
TEXT = 2000  # letters of an error's message
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")  # of an error's reference
WHY = {
    How.LATE: "gave no answer in time and was ended",
    How.FLOODED: "answered more than anything of ours does and was ended",
    How.UNKILLABLE: "hangs and cannot be ended",
}

T = TypeVar("T")


def rights_of(user: User) -> Rights:
    """The user's own ids and groups, those of the group file and of the name service."""
    import pwd

    try:
        known = pwd.getpwuid(user.uid).pw_name == user.name
    except KeyError:
        known = False
    groups = os.getgrouplist(user.name, user.gid) if known else [user.gid]
    return Rights(user.uid, user.gid, tuple(groups))


def as_user(user: User, work: Callable[[], T], answer: object, *, changes: bool = False) -> T:
    """The result of ``work``, done with ``user``'s rights where we are root and they are not; ``answer``: its type.

    Effects on another user's files go through here, so that a link swapped in by that user cannot make root
    write elsewhere. All that ``work`` imports must be imported before: the child may not be able to. RdnaError,
    OSError and KeyboardInterrupt travel back. Raises RdnaError("child-died") when the child ends without an answer;
    ``changes``: then something may be left for `recover`.
    """
    if os.geteuid() == user.uid:
        return work()
    return ask(rights_of(user), work, answer, who=user.name, changes=changes)


def look(work: Callable[[], T], answer: object, user: User | None = None) -> T:
    """The result of a look below a path that may be somebody's: for root in a child, with the rights of ``user``, who
    may let it hang or lead it elsewhere; None: with our own. Who is not root looks itself. Raises as ``as_user``."""
    if os.geteuid() != 0:
        return work()
    if user is None or user.uid == 0:
        return ask(Rights(0, os.getegid()), work, answer, who="root")
    return ask(rights_of(user), work, answer, who=user.name)


def with_rights(rights: Rights, work: Callable[[], T], answer: object, *, who: str) -> T:
    """``as_user`` for who has these rights."""
    return work() if os.geteuid() == rights.uid else ask(rights, work, answer, who=who)


def ask(rights: Rights, work: Callable[[], T], answer: object, *, who: str, changes: bool = False) -> T:
    """``as_user`` with these rights, always in a child: also our own, where a look may hang."""
    from rdna_installer.machine.foreign import foreign  # with ctypes: most commands never come here

    done = foreign(lambda: _outcome(work, partial(codec.encode_as, answer)), rights, WORK if changes else LOOK, env={})
    code = Exit.INCOMPLETE if changes else Exit.REFUSED
    if not done.well:
        raise _died(done, who, code)
    told = _understood(done.report, who, code)
    try:
        return codec.decode_as(answer, told, "answer")  # type: ignore[no-any-return]
    except MisfitError as err:
        message = f"the answer of the process working as {who} is not what was asked for: {err}"
        raise RdnaError("child-lied", message, exit_code=code) from err


def _died(done: Ended, who: str, code: Exit) -> RdnaError:
    what = WHY.get(done.how, f"ended with status {done.code}: {done.why}".rstrip(": "))
    left = "".join(f"; process {pid} is in state {state}" for pid, state in done.left)
    hint = "look whether a network or FUSE mount among its files hangs, or a person stopped it"
    then = "; then: rdna-installer recover" if code is Exit.INCOMPLETE else ""
    return RdnaError("child-died", f"the process working as {who} {what}{left}", hint=hint + then, exit_code=code)


def _outcome(work: Callable[[], Any], encode: Callable[[Any], Any]) -> dict[str, Any]:
    os.umask(0o022)
    try:
        return {"answer": encode(work())}
    except RdnaError as err:
        told = (err.message, err.context, err.hint)
        return {"error": [err.reference, int(err.exit_code), *(text and text[:TEXT] for text in told)]}
    except OSError as err:
        name = os.fsdecode(err.filename) if isinstance(err.filename, (str, bytes)) else None
        return {"system": [err.errno or 0, (err.strerror or str(err))[:TEXT], name]}
    except KeyboardInterrupt:
        return {"interrupted": True}
    except Exception as err:
        return {"other": f"{type(err).__name__}: {err}"[:TEXT]}


def _understood(report: bytes, who: str, code: Exit) -> Any:
    """The answer as it travelled. Raises what the work raised; RdnaError("child-lied", ``code``) for anything else."""
    import json

    try:
        told = json.loads(report)
    except (ValueError, RecursionError):
        told = None
    match told:
        case {"answer": held}:
            return held
        case {"error": [str(reference), int(raised), str(message), None | str() as context, None | str() as hint]}:
            if LETTERS.issuperset(reference) and raised in Exit.__members__.values():
                raise RdnaError(reference, message, context=context, hint=hint, exit_code=Exit(raised))
        case {"system": [int(number), str(text), None | str() as name]}:
            raise OSError(number, text, name) if number else OSError(text)
        case {"interrupted": True}:
            raise KeyboardInterrupt
        case {"other": str(text)}:
            raise RdnaError("child-failed", text, exit_code=Exit.FAILED)
    raise RdnaError("child-lied", f"the process working as {who} gave no answer of ours", exit_code=code)


def refusal(root: Sysroot, inside: Inside, rights: Rights, who: str) -> int:
    """The error with which it cannot be opened with these rights (``who``'s), 0 where it can.

    Raises RdnaError("child-died") when the question could not be asked. It is opened: mode bits do not
    tell of ACLs, nor access(2) of a device cgroup, which refuses only who opens.
    """
    real = root.path(inside)

    def opened() -> int:
        try:
            os.close(os.open(real, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC))
        except OSError as err:
            return err.errno or -1
        return 0

    return with_rights(rights, opened, int, who=who)
