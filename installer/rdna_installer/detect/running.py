"""Processes that use an AMD GPU, as /proc shows them: what they have open and loaded, where they run, their variables.

Bounded, and nothing is executed. What may not be read is said to be so: another's process, or a block of variables
over which its own program has written.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator, Mapping

from rdna_installer.detect.assignments import WORTH, in_lists
from rdna_installer.detect.dotfiles import Assignment
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record, replace

KFD = "/sys/class/kfd/kfd/proc"  # a directory for each process that has opened the KFD; everybody may list it
LIBRARY = re.compile(
    r"/lib(?:hsa-runtime64|hsakmt|amdhip64|amdocl64|rocblas|hipblas(?:lt)?|MIOpen|ggml-hip|torch_hip|c10_hip)[-.\w]*\.so"
)
NODE = re.compile(r"/dev/(kfd|dri/(renderD[0-9]+))")
KEPT = re.compile(rf"{WORTH.pattern}|(?:OLLAMA|GGML)_\w+|LD_LIBRARY_PATH|VIRTUAL_ENV")
# Programs that bring kernels of their own; one that does not get at the GPU computes on the processor and is silent.
PROGRAMS = frozenset({"ollama", "llama-server", "llama-cli", "koboldcpp", "blender"})
PODMANS = re.compile(r"(/.+)/(\w+)-containers/([0-9a-f]+)/userdata")
DOCKERS = re.compile(r"docker[-/]([0-9a-f]{64})")
CONFIG = "=c2hhMjU2O"  # base64 of "sha256:": how containers/storage names the file of an image's configuration
KERNEL_THREAD = 0x00200000  # PF_KTHREAD, a flag in /proc/PID/stat
TICKS = 100  # a second, wherever Linux tells a program of time (USER_HZ)
TICK = 0.05  # seconds by which the start of a process may be told too early
ELDERS = 64  # ancestors of one process
OPEN = 4096  # descriptors of one process
BIG = 16 << 20  # bytes of its maps or variables, or of a list of containers


@record(frozen=True)
class Process:
    """One process. ``variables`` None: they cannot be read, for the reason in ``closed``."""

    pid: int
    parent: int
    uid: int
    gid: int
    groups: tuple[int, ...]
    name: str
    started: float  # seconds since 1970
    command: tuple[str, ...]
    cgroup: str
    folder: str = "/"  # where it works
    variables: Mapping[str, str] | None = None
    closed: str = ""
    abroad: bool = False  # in another mount or user namespace than ours
    uses: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()  # the GPU's libraries among its maps
    elders: tuple[Process, ...] = ()  # its ancestors, the nearest first


@record(frozen=True)
class Container:
    """One made by podman or docker, and its image with the variables of that."""

    name: str
    image: str
    variables: tuple[Assignment, ...]


@record(frozen=True)
class Running:
    """The processes that use a GPU, the managers of users' services, and how many others may not be looked into."""

    processes: tuple[Process, ...]
    managers: tuple[Process, ...]
    unseen: int


def find_running(root: Sysroot) -> Running:
    """Everything that runs now and uses an AMD GPU, or is a program known to."""
    listed = {*root.numbers(KFD)}
    complete = root.is_dir(KFD)  # then it is known who else computes
    found: list[Process] = []
    managers: list[Process] = []
    known: dict[int, Process | None] = {}
    mine = root.readlink("/proc/self")  # not getpid: the child that looks may have a namespace of its own
    unseen = int(not root.exists("/proc/1/stat"))  # /proc may not even list others' processes
    for pid in root.numbers("/proc"):
        fields = _stat(root, pid)
        if fields is None or fields[0] == "Z" or int(fields[6]) & KERNEL_THREAD or str(pid) == mine:
            continue
        seen = _uses(root, pid)
        unseen += seen is None and not complete
        nodes, loaded = seen or (set(), set())
        nodes |= {"/dev/kfd"} if pid in listed else set()
        name = next(iter(_block(root, pid, "cmdline") or ()), "").rpartition("/")[2]
        used = nodes or loaded or name in PROGRAMS
        if not (used or name == "systemd") or (process := read_process(root, pid)) is None:
            continue
        if used:
            elders, uses = tuple(_elders(root, process, known)), tuple(sorted(nodes))
            found.append(replace(process, uses=uses, loaded=tuple(sorted(loaded)), elders=elders))
        elif "/user@" in process.cgroup:
            managers.append(process)
    return Running(tuple(found), tuple(managers), unseen)


def read_process(root: Sysroot, pid: int) -> Process | None:
    """None where it has ended, or its number has become another's meanwhile."""
    before = _stat(root, pid)
    pairs = (line.partition(":") for line in (root.read_optional(f"/proc/{pid}/status") or "").split("\n"))
    ids = {name: tuple(map(int, rest.split())) for name, _, rest in pairs if name in ("Uid", "Gid", "Groups")}
    variables, closed = _variables(root, pid)
    words, cgroup = tuple(_block(root, pid, "cmdline") or ()), _cgroup(root.read_optional(f"/proc/{pid}/cgroup") or "")
    spaces = ([root.readlink(f"/proc/{who}/ns/{kind}") for who in ("self", pid)] for kind in ("mnt", "user"))
    abroad = any(None not in pair and pair[0] != pair[1] for pair in spaces)
    name, folder = (root.read_optional(f"/proc/{pid}/comm") or "?").strip(), root.readlink(f"/proc/{pid}/cwd") or "/"
    after = _stat(root, pid)
    if before is None or after is None or before[19] != after[19] or len(ids) < 3:
        return None
    started = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + int(before[19]) / TICKS
    who = (ids["Uid"][1], ids["Gid"][1], ids["Groups"])  # the effective ones: with those it opens a device
    return Process(pid, int(before[1]), *who, name, started, words, cgroup, folder, variables, closed, abroad)


def _elders(root: Sysroot, process: Process, known: dict[int, Process | None]) -> Iterator[Process]:
    here: Process | None = process
    for _ in range(ELDERS):
        if here is None or here.parent <= 1:
            return
        if here.parent not in known:
            known[here.parent] = read_process(root, here.parent)
        if (here := known[here.parent]) is not None:
            yield here


def _uses(root: Sysroot, pid: int) -> tuple[set[str], set[str]] | None:
    """The GPU's nodes it has open and the libraries it has loaded; None where nobody but root may look."""
    try:
        maps = root.read_text(f"/proc/{pid}/maps", limit=BIG)
    except PermissionError:
        return None
    except OSError:
        return set(), set()
    rows = (line.split(None, 5) for line in maps.split("\n") if LIBRARY.search(line))
    loaded = {row[5].removesuffix(" (deleted)") for row in rows if len(row) == 6}
    links = (root.readlink(f"/proc/{pid}/fd/{fd}") or "" for fd in root.names(f"/proc/{pid}/fd")[:OPEN])
    nodes = {m[0]: f"/sys/class/drm/{m[2]}/device/vendor" for link in links if (m := NODE.match(link))}
    return {node for node, maker in nodes.items() if root.read_optional(maker) in (None, "0x1002\n")}, loaded


def _variables(root: Sysroot, pid: int) -> tuple[dict[str, str] | None, str]:
    words = _block(root, pid, "environ")
    if words is None:
        return None, "run it with sudo: only root can see this"
    if words and not any("=" in word for word in words):  # programs that change their title in `ps` do that
        return None, "not readable: the program has written over its own block of variables"
    pairs = (word.partition("=") for word in reversed(words))  # of two of one name getenv finds the first
    return {key: value for key, equals, value in pairs if equals and KEPT.fullmatch(key)}, ""


def _block(root: Sysroot, pid: int, name: str) -> list[str] | None:
    try:
        raw = root.read_bytes(f"/proc/{pid}/{name}", limit=BIG).decode("utf-8", "surrogateescape")
    except OSError:
        return None
    return raw.removesuffix("\0").split("\0") if raw else []


def _stat(root: Sysroot, pid: int) -> list[str] | None:
    """The fields of stat from the state on; the name before them may hold anything."""
    fields = (root.read_optional(f"/proc/{pid}/stat") or "").rpartition(")")[2].split()
    return fields if len(fields) > 19 else None


def _cgroup(text: str) -> str:
    """The path in systemd's tree: cgroup v2's, or beside the old controllers one of that name."""
    rows = [line.split(":", 2) for line in text.split("\n") if line.count(":") >= 2]
    unified = next((row[2] for row in rows if row[0] == "0"), "/")
    return unified if unified != "/" else next((row[2] for row in rows if row[1] == "name=systemd"), "/")


def container_of(root: Sysroot, process: Process) -> Container | None:
    """The container a process is in: podman's by the conmon above it, docker's by its cgroup."""
    conmon = next((elder.command for elder in process.elders if elder.name == "conmon"), ())
    told = dict(itertools.pairwise(conmon))
    if data := PODMANS.fullmatch(told.get("-b", "")):
        folder, kind, number = data.groups()
        lists = (f"{folder}/{kind}-containers/{name}containers.json" for name in ("", "volatile-"))
        listed = "".join(root.read_optional(path) or "" for path in lists)
        image = re.search(rf'"id":"{number}"[^{{}}]*?"image":"([0-9a-f]+)".*?image-name\\":\\"([^"\\]*)', listed)
        files = f"{folder}/{kind}-images/{image[1]}" if image else ""
        place = next((f"{files}/{name}" for name in root.names(files or "/") if name.startswith(CONFIG)), "")
        return Container(told.get("-n", number[:12]), image[2] if image else "", _image(root, place))
    if data := DOCKERS.search(process.cgroup):
        text = root.read_optional(f"/var/lib/docker/containers/{data[1]}/config.v2.json") or ""
        name, image = (re.search(rf'"{key}":"(?:/|sha256:)([^"]+)"', text) for key in ("Name", "Image"))
        store = f"/var/lib/docker/image/{next(iter(root.names('/var/lib/docker/image')), 'overlay2')}"
        place = f"{store}/imagedb/content/sha256/{image[1]}" if image else ""
        return Container(name[1] if name else data[1][:12], image[1][:12] if image else "", _image(root, place))
    return None


def _image(root: Sysroot, place: str) -> tuple[Assignment, ...]:
    return tuple(in_lists((place and root.read_optional(place)) or "", "lists"))
