"""Processes that use an AMD GPU, as /proc shows them: what they have open and loaded, where they run, what they were
started with.

Bounded, and nothing is executed. What may not be read is said to be so: another's process, or a block of variables that
its own program has written over.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence

from rdna_installer.detect.assignment import Assignment
from rdna_installer.detect.assignments import WORTH, in_lists
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record

KFD = "/sys/class/kfd/kfd/proc"  # a directory for each process that has opened the KFD; everybody may list it
LIBRARY = re.compile(
    r"/lib(?:hsa-runtime64|hsakmt|amdhip64|amdocl64|rocblas|hipblas(?:lt)?|MIOpen|ggml-hip|torch_hip|c10_hip)[-.\w]*\.so"
)
NODE = re.compile(r"/dev/(kfd|dri/renderD[0-9]+)")
KEPT = re.compile(rf"{WORTH.pattern}|(?:OLLAMA|GGML)_\w+|LD_LIBRARY_PATH|PATH|VIRTUAL_ENV|PYTHON\w+")
# Programs that bring kernels of their own; one that does not get at the GPU computes on the processor and is silent.
PROGRAMS = frozenset({"ollama", "llama-server", "llama-cli", "koboldcpp", "blender"})
USERDATA = re.compile(r"(?P<storage>/.+)/(?P<kind>\w+)-containers/[0-9a-f]+/userdata")
DOCKER = re.compile(r"docker[-/]([0-9a-f]{64})")
DOCKERS = "/var/lib/docker"
KERNEL_THREAD = 0x00200000  # PF_KTHREAD, a flag in /proc/PID/stat
TICKS = 100  # a second, wherever Linux tells a program of time (USER_HZ)
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
    folder: str | None = None  # where it works
    uses: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()  # the GPU's libraries among its maps
    variables: Mapping[str, str] | None = None
    closed: str = ""
    abroad: bool = False  # in another mount or user namespace than ours


@record(frozen=True)
class Container:
    """One made by podman or docker: its name, its image, where that image's variables are written, and they."""

    name: str
    image: str
    place: str = ""
    variables: tuple[Assignment, ...] = ()


@record(frozen=True)
class Running:
    """The processes that use a GPU, each one's ancestors (the nearest first), the managers of users' services.

    ``unseen``: how many others may use one, into which this process may not look.
    """

    processes: tuple[Process, ...]
    elders: Mapping[int, tuple[Process, ...]]
    managers: tuple[Process, ...]
    unseen: int


def find_running(root: Sysroot) -> Running:
    """Everything that runs now and uses an AMD GPU."""
    listed = {int(name) for name in root.names(KFD) if name.isdigit()}
    complete = root.is_dir(KFD)  # then it is known who else uses one for computing
    found: list[Process] = []
    managers: list[Process] = []
    unseen = int(not root.exists("/proc/1/stat"))  # /proc may not even list others' processes
    for pid in sorted(int(name) for name in root.names("/proc") if name.isdigit()):
        fields = _stat(root, pid)
        if fields is None or fields[0] == "Z" or int(fields[6]) & KERNEL_THREAD or pid == os.getpid():
            continue
        seen = _uses(root, pid)
        unseen += seen is None and not complete
        nodes, loaded = seen or (set(), set())
        nodes |= {"/dev/kfd"} if pid in listed else set()
        name = next(iter(_words(root, pid, "cmdline")), "").rpartition("/")[2]
        manager = name == "systemd" and pid != 1
        if not (nodes or loaded or name in PROGRAMS or manager) or (process := read_process(root, pid)) is None:
            continue
        if manager:
            managers += [process] if "/user@" in process.cgroup else []
        else:
            values = {**process.__dict__, "uses": tuple(sorted(nodes)), "loaded": tuple(sorted(loaded))}
            found.append(Process(**values))
    known: dict[int, Process | None] = {}
    return Running(tuple(found), {p.pid: tuple(_elders(root, p, known)) for p in found}, tuple(managers), unseen)


def read_process(root: Sysroot, pid: int) -> Process | None:
    """What is to be known of one process; None where it has ended, or its number has become another's."""
    before, status = _stat(root, pid), _status(root, pid)
    variables, closed = _variables(root, pid)
    words, cgroup = _words(root, pid, "cmdline"), _cgroup(root.read_optional(f"/proc/{pid}/cgroup") or "")
    folder, abroad = root.readlink(f"/proc/{pid}/cwd"), any(_elsewhere(root, pid, kind) for kind in ("mnt", "user"))
    name, after = (root.read_optional(f"/proc/{pid}/comm") or "?").strip(), _stat(root, pid)
    if before is None or after is None or before[19] != after[19] or not {"Uid", "Gid", "Groups"} <= set(status):
        return None
    uid, gid = int(status["Uid"][1]), int(status["Gid"][1])  # those that count when it opens something
    groups = tuple(int(group) for group in status["Groups"])
    started = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + int(before[19]) / TICKS
    where = (tuple(words), cgroup, folder)
    return Process(pid, int(before[1]), uid, gid, groups, name, started, *where, (), (), variables, closed, abroad)


def _elders(root: Sysroot, process: Process, known: dict[int, Process | None]) -> Iterator[Process]:
    here: Process | None = process
    for _ in range(ELDERS):
        if here is None or here.parent <= 1:
            return
        if here.parent not in known:
            known[here.parent] = read_process(root, here.parent)
        here = known[here.parent]
        if here is not None:
            yield here


def _uses(root: Sysroot, pid: int) -> tuple[set[str], set[str]] | None:
    """The GPU's nodes it has open and the libraries it has loaded; None where nobody but root may look."""
    try:
        maps = root.read_text(f"/proc/{pid}/maps", limit=BIG)
    except PermissionError:
        return None
    except OSError:
        return set(), set()
    loaded = {line.split(None, 5)[5].removesuffix(" (deleted)") for line in maps.split("\n") if LIBRARY.search(line)}
    links = (root.readlink(f"/proc/{pid}/fd/{fd}") or "" for fd in root.names(f"/proc/{pid}/fd")[:OPEN])
    nodes = {m[0] for link in links if (m := NODE.match(link)) and _of_amd(root, m[1])}
    return nodes, loaded


def _of_amd(root: Sysroot, node: str) -> bool:
    vendor = root.read_optional(f"/sys/class/drm/{node.rpartition('/')[2]}/device/vendor")
    return vendor is None or vendor.strip() == "0x1002"


def _variables(root: Sysroot, pid: int) -> tuple[dict[str, str] | None, str]:
    try:
        words = _block(root, pid, "environ")
    except PermissionError:
        return None, "not readable by you"
    except OSError:
        return None, "not readable"
    if words and not any("=" in word for word in words):  # programs that change their title in `ps` do that
        return None, "the program has written over its own block of variables"
    pairs = (word.partition("=") for word in words)
    first: dict[str, str] = {}
    for key, equals, value in pairs:  # of two of one name getenv finds the first
        if equals and KEPT.fullmatch(key):
            first.setdefault(key, value)
    return first, ""


def _words(root: Sysroot, pid: int, name: str) -> list[str]:
    try:
        return _block(root, pid, name)
    except OSError:
        return []


def _block(root: Sysroot, pid: int, name: str) -> list[str]:
    raw = root.read_bytes(f"/proc/{pid}/{name}", limit=BIG).decode("utf-8", "surrogateescape")
    return raw.removesuffix("\0").split("\0") if raw else []


def _stat(root: Sysroot, pid: int) -> list[str] | None:
    """The fields of stat from the state on; the name before them may hold anything."""
    fields = (root.read_optional(f"/proc/{pid}/stat") or "").rpartition(")")[2].split()
    return fields if len(fields) > 19 else None


def _status(root: Sysroot, pid: int) -> dict[str, list[str]]:
    pairs = (line.partition(":") for line in (root.read_optional(f"/proc/{pid}/status") or "").split("\n"))
    return {name: rest.split() for name, _, rest in pairs}


def _elsewhere(root: Sysroot, pid: int, kind: str) -> bool:
    ours, its = (root.readlink(f"/proc/{who}/ns/{kind}") for who in ("self", pid))
    return ours is not None and its is not None and ours != its


def _cgroup(text: str) -> str:
    """The path in systemd's tree: cgroup v2, or beside the old controllers one by that name."""
    rows = [line.split(":", 2) for line in text.split("\n") if line.count(":") >= 2]
    unified = next((row[2] for row in rows if row[0] == "0"), "/")
    return unified if unified != "/" else next((row[2] for row in rows if row[1] == "name=systemd"), "/")


def container_of(root: Sysroot, process: Process, elders: Sequence[Process]) -> Container | None:
    """The container a process is in: podman's by the conmon above it, docker's by its cgroup. Raises OSError."""
    conmon = next((elder.command for elder in elders if elder.name == "conmon"), ())
    told = dict(itertools.pairwise(conmon))
    if data := USERDATA.fullmatch(told.get("-b", "")):
        return _of_podman(root, told, data["storage"], data["kind"])
    number = DOCKER.search(process.cgroup)
    return _of_docker(root, number[1]) if number else None


def _of_podman(root: Sysroot, told: Mapping[str, str], storage: str, kind: str) -> Container:
    name, images = told.get("-n", told.get("-c", "?")), f"{storage}/{kind}-images"
    image = _named(root, f"{storage}/{kind}-containers/containers.json", told.get("-c", "")).get("image")
    if not isinstance(image, str) or not image:
        return Container(name, "")
    place = next((f"{images}/{image}/{file}" for file in root.names(f"{images}/{image}") if file[:1] == "="), "")
    names = _named(root, f"{images}/images.json", image).get("names")
    known = str(names[0]) if isinstance(names, list) and names else image[:12]
    return Container(name, known, place, tuple(in_lists(root.read_optional(place) or "")) if place else ())


def _named(root: Sysroot, path: str, number: str) -> Mapping[str, object]:
    """The record of one id in a list that containers/storage keeps; {} where there is none."""
    try:
        listed = json.loads(root.read_text(path, limit=BIG))
        return next((item for item in listed if isinstance(item, dict) and item.get("id") == number), {})
    except (OSError, ValueError, RecursionError, TypeError):
        return {}


def _of_docker(root: Sysroot, number: str) -> Container:
    text = root.read_optional(f"{DOCKERS}/containers/{number}/config.v2.json") or ""
    name, image = (re.search(rf'"{key}":"/?([^"]+)"', text) for key in ("Name", "Image"))
    digest = image[1].removeprefix("sha256:") if image else "?"
    place = f"{DOCKERS}/image/overlay2/imagedb/content/sha256/{digest}"
    return Container(
        name[1] if name else number[:12], digest[:12], place, tuple(in_lists(root.read_optional(place) or ""))
    )
