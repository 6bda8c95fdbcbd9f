"""Watch and disturb the system calls of a process and its children: seccomp's user notification, without a tracer.

Only calls that change something are ever stopped, so a run that is watched is about as fast as one that is not, on a
busy machine too (a tracer is asked twice for each of ten thousand reads). A child calls ``install`` and hands the
descriptor over; the other side calls ``receive``, and answers with ``go_on`` or ``fail``, or kills.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import platform
import struct
from dataclasses import dataclass
from pathlib import Path

# Those that create, write, rename, remove, sync or dress files; on x86_64.
NUMBERS = {
    **{"write": 1, "openat": 257, "pwrite64": 18, "ftruncate": 77, "rename": 82, "renameat": 264, "renameat2": 316},
    **{"unlink": 87, "unlinkat": 263, "rmdir": 84, "mkdir": 83, "mkdirat": 258, "link": 86, "linkat": 265},
    **{"symlink": 88, "symlinkat": 266, "fsync": 74, "fdatasync": 75, "fchmod": 91, "fchmodat": 268, "fchown": 93},
    **{"fchownat": 260, "utimensat": 280, "fsetxattr": 190, "fremovexattr": 199, "copy_file_range": 326},
}
NAMES = {number: name for name, number in NUMBERS.items()}
X86_64 = 0xC000003E
ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000
LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
NUMBER, ARCH, FIRST, THIRD = 0, 4, 16, 32  # where in struct seccomp_data
NO_NEW_PRIVS, SECCOMP, SET_FILTER, WITH_LISTENER = 38, 317, 1, 8
RECEIVE, ANSWER, CONTINUE = 0xC0502100, 0xC0182101, 1


def missing() -> str | None:
    """What this machine lacks, or None."""
    if platform.machine() != "x86_64":
        return "system calls are disturbed on x86_64 only"
    known = Path("/proc/sys/kernel/seccomp/actions_avail")
    if not known.exists() or "user_notif" not in known.read_text().split():
        return "this kernel has no seccomp user notification"
    return None


def _program() -> bytes:
    """Notify of NUMBERS: of write only beyond standard output and error, of openat only with O_CREAT."""
    names = list(NUMBERS)  # write and openat come first
    wanted = {"write": 1, "openat": 3}  # steps past the last comparison; all others go to NOTIFY
    steps = [(LOAD, 0, 0, ARCH), (EQUAL, 1, 0, X86_64), (RETURN, 0, 0, ALLOW), (LOAD, 0, 0, NUMBER)]
    steps += [(EQUAL, len(names) - 1 - n + wanted.get(name, 5), 0, NUMBERS[name]) for n, name in enumerate(names)]
    steps += [(RETURN, 0, 0, ALLOW)]
    steps += [(LOAD, 0, 0, FIRST), (AT_LEAST, 2, 3, 3)]
    steps += [(LOAD, 0, 0, THIRD), (ANY_BIT, 0, 1, os.O_CREAT)]
    steps += [(RETURN, 0, 0, NOTIFY), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def install() -> int:
    """Shut this process and its future children in; the descriptor that says what they are about to do."""
    libc = ctypes.CDLL(None, use_errno=True)
    program = ctypes.create_string_buffer(code := _program(), len(code))
    packed = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(program))
    if os.geteuid() != 0 and libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")
    fd = libc.syscall(SECCOMP, SET_FILTER, WITH_LISTENER, ctypes.create_string_buffer(packed, len(packed)))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return int(fd)


@dataclass(frozen=True)
class Call:
    """A call that waits for an answer."""

    ident: int
    pid: int
    name: str
    first: int  # its arguments: for nearly all a descriptor, and for those that end in "at" where the name is
    second: int

    @property
    def where(self) -> str:
        """What the first descriptor is, and the name in it."""
        folder = ""
        with contextlib.suppress(OSError):
            folder = os.readlink(f"/proc/{self.pid}/fd/{self.first & 0xFFFFFFFF}")
        return os.path.join(folder, self._text()) if "at" in self.name and self.name != "ftruncate" else folder

    def _text(self) -> str:
        with contextlib.suppress(OSError), open(f"/proc/{self.pid}/mem", "rb", 0) as memory:
            memory.seek(self.second)
            return memory.read(256).partition(b"\0")[0].decode(errors="replace")
        return "?"


def receive(fd: int) -> Call | None:
    """The next call; None where it was none any more."""
    buffer = bytearray(80)
    try:
        fcntl.ioctl(fd, RECEIVE, buffer)
    except OSError as err:
        if err.errno in (errno.ENOENT, errno.EINTR):
            return None
        raise
    ident, pid, _flags, number, _arch, _at, first, second = struct.unpack_from("QIIiIQQQ", buffer)
    return Call(ident, pid, NAMES[number], first, second)


def go_on(fd: int, call: Call) -> None:
    """Let it happen."""
    _answer(fd, call, 0, CONTINUE)


def fail(fd: int, call: Call, number: int) -> None:
    """It does not happen, and says this error."""
    _answer(fd, call, -number, 0)


def _answer(fd: int, call: Call, error: int, flags: int) -> None:
    with contextlib.suppress(FileNotFoundError):  # killed meanwhile
        fcntl.ioctl(fd, ANSWER, bytearray(struct.pack("QqiI", call.ident, 0, error, flags)))
