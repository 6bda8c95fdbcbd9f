"""Real sshd hosts on this machine, each a captured one with the program live in it, and Ansible beside them.

Each host has its own process, mount, uts, ipc and network namespace, a disk over one Debian root, and a boot id. Their
network is a bridge in a namespace without any way out; the controller runs there. What it does not show: boot images
(the root has no tool for them), the order of systemd, a hang, a real module.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import debian_root
from booted import CGROUPS, _remove
from debian_machine import CHECKOUT, PROJECT, Machine
from debian_tree import Entry, snapshot

KEYS = "/".join(("disk", "up", "root", ".ssh"))  # where root of a host has the keys that it takes
HERE = Path(__file__).resolve().parent
RECIPE = debian_root.Recipe(("openssh-server", "systemd-sysv", "kmod", "iproute2", "python3-apt", *debian_root.PYTHON))
COLLECTION = PROJECT / "packaging" / "ansible"
NET = "198.18"
PATIENCE = 900.0
TORCH = "2.9.1+rocm6.4"
TARGETS = "gfx900 gfx906 gfx908 gfx90a gfx942 gfx1010 gfx1030 gfx1100 gfx1101 gfx1102 gfx1103 gfx1200 gfx1201"
# What a change may touch; what ssh, Ansible and the boots of a host leave is not looked at.
SETTINGS = ("/etc", "/home")
STATE = "/var/lib/rdna-installer"


def missing() -> str | None:
    """What this machine lacks, or None."""
    tools = ("ip", "unshare", "ssh", "ssh-keygen", ansible())
    absent = [tool for tool in tools if shutil.which(tool) is None]
    return f"not installed: {', '.join(absent)}" if absent else debian_root.missing()


def ansible(tool: str = "ansible-playbook") -> str:
    """Of RDNA_TEST_ANSIBLE (a folder of programs), else the machine's."""
    return f"{os.environ['RDNA_TEST_ANSIBLE']}/{tool}" if "RDNA_TEST_ANSIBLE" in os.environ else tool


def furnished(folder: Path) -> str:
    """What is below every host: the root; over it this checkout installed, a fake modprobe, a Python with a torch."""
    debian_root._private_mounts()
    base = debian_root.base_root(RECIPE)
    upper, work, root = (folder / name for name in ("furnished", "furnished.work", "furnished.root"))
    for path in (upper, work, root):
        path.mkdir(mode=0o755)
    debian_root._mount("-t", "overlay", "overlay", "-o", f"lowerdir={base},upperdir={upper},workdir={work}", str(root))
    try:
        debian_root._mount("-t", "proc", "proc", str(root / "proc"))
        debian_root._mount("--rbind", "/dev", str(root / "dev"))
        machine = Machine(root)
        machine.must("./install.sh", "--install-only", "--yes")
        shutil.rmtree(machine.path(CHECKOUT))
        shutil.copytree(HERE / "inside", root / "opt/fleet")
        (root / "fleet").mkdir()
        for name in ("shutdown", "reboot"):
            (root / "sbin" / name).unlink(missing_ok=True)
            (root / "sbin" / name).symlink_to("/opt/fleet/shutdown")
        release = os.uname().release
        modules = root / "lib/modules" / release / "kernel/drivers/gpu/drm/amd/amdgpu"
        modules.mkdir(parents=True)
        sample = ("python3", str(PROJECT / "tests/sample/sample_module.py"))
        (modules / "amdgpu.ko").write_bytes(subprocess.run(sample, check=True, capture_output=True).stdout)
        debian_root.in_root(root, "depmod", "-a", release)
        debian_root.in_root(root, "useradd", "-m", "-u", "1000", "sam")
        _write_torch(root / "home/sam/venv")
        debian_root.in_root(root, "chown", "-R", "sam:sam", "/home/sam")
    finally:
        subprocess.run(["umount", "--recursive", "--lazy", str(root)], check=True)
    return f"{upper}:{base}"


def _write_torch(venv: Path) -> None:
    """An environment whose torch has kernels for all cards of today; nothing of it can be imported."""
    torch = venv / "lib/python3.11/site-packages/torch"
    library, info = torch / "lib/rocblas/library", torch.with_name(f"torch-{TORCH}.dist-info")
    for path in (library, info, venv / "bin"):
        path.mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\ninclude-system-site-packages = false\n")
    (venv / "bin/python").symlink_to("/usr/bin/python3")
    (torch / "version.py").write_text(f'__version__ = "{TORCH}"\ncuda = None\nhip = "6.4.43484-123eb5128"\n')
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: torch\nVersion: {TORCH}\n")
    (info / "INSTALLER").write_text("pip\n")
    for gfx in TARGETS.split():
        (library / f"TensileLibrary_lazy_{gfx}.dat").touch()


def _rights(captured: Path, folder: Path) -> Path:
    """A captured machine that a host may write over: its folders are read-only where they were collected so."""
    own = folder / "captured" / captured.name
    if not own.exists():
        shutil.copytree(captured, own, symlinks=True)
        subprocess.run(["chmod", "-R", "u+rwX,go+rX", str(own)], check=True)
    return own


def start(folder: Path, tag: str, *argv: str, log: str = "log", **variables: object) -> subprocess.Popen[bytes]:
    """ansible-playbook with these words and variables, for the inventory in ``folder``; its output goes to ``log``."""
    place = folder / "collections/ansible_collections/rdna"
    if not place.exists():
        place.mkdir(parents=True)
        (place / "installer").symlink_to(COLLECTION)
    (folder / "home").mkdir(exist_ok=True)
    config = folder / "ansible.cfg"
    config.write_text(
        f"[defaults]\ninventory={folder}/inventory\nhost_key_checking=false\nforks=25\n"
        f"collections_path={folder}/collections\nretry_files_enabled=false\nnocows=true\n"
        f"[ssh_connection]\npipelining=true\ncontrol_path_dir=/tmp/{tag}-ssh\n"
        "ssh_args=-C -o ControlMaster=auto -o ControlPersist=30s\n"
    )
    env = {**os.environ, "HOME": f"{folder}/home", "ANSIBLE_CONFIG": str(config), "PWD": str(folder)}
    env["LC_ALL"] = "C.UTF-8"
    given = json.dumps({"gpu_report": f"{folder}/report", **variables})
    with (folder / log).open("wb") as out:
        return subprocess.Popen(
            [*argv, "-e", given], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip


def write_inventory(folder: Path, hosts: Sequence[str], **variables: object) -> None:
    """``hosts``: a line each, in the group gpu; all are root's, by the key in ``folder``."""
    options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=10"
    given = {"ansible_user": "root", "ansible_ssh_private_key_file": f"{folder}/key"}
    given["ansible_ssh_common_args"] = options
    given |= {"ansible_python_interpreter": "/usr/bin/python3", **variables}
    lines = ["[gpu]", *hosts, "[gpu:vars]", *(f"{name}={value}" for name, value in given.items())]
    (folder / "inventory").write_text("\n".join(lines) + "\n")


def make_key(folder: Path) -> str:
    """A key for the controller; its public half."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True)
    return (folder / "key.pub").read_text()


@dataclass
class Fleet:
    """``folder`` has a folder h1, h2, … for each host; ``tag`` names the namespaces."""

    folder: Path
    base: str
    tag: str
    small: frozenset[int] = frozenset()
    spent: float = 0.0
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def host(self, number: int) -> Path:
        return self.folder / f"h{number}"

    def _ip(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True, timeout=60)

    @property
    def group(self) -> Path:
        """Where the time of all hosts is counted."""
        return CGROUPS / f"rdna-fleet-{self.tag}"

    def seconds(self) -> float:
        """The processor time of all hosts so far."""
        usage = dict(line.split() for line in (self.group / "cpu.stat").read_text().splitlines())
        return int(usage["usage_usec"]) / 1e6

    def memory(self) -> tuple[int, int]:
        """Processes of all hosts, and the bytes that are theirs (a shared page in parts)."""
        pids = (self.group / "cgroup.procs").read_text().split()
        total = 0
        for pid in pids:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        return len(pids), total

    def up(self, kinds: Sequence[Path]) -> None:
        """Start a host of each captured machine in ``kinds``, in this order."""
        self.group.mkdir()
        make_key(self.folder)
        control = f"{self.tag}c"
        self._ip("netns", "add", control)
        for words in (["link", "set", "lo", "up"], ["link", "add", "br0", "type", "bridge"]):
            self._ip("-n", control, *words)
        self._ip("-n", control, "addr", "add", f"{NET}.0.1/16", "dev", "br0")
        self._ip("-n", control, "link", "set", "br0", "up")
        for number, kind in enumerate(kinds, 1):
            self._furnish(number, kind)
            self._connect(number)
            self.on(number)
        names = [f"h{number} ansible_host={NET}.1.{number}" for number in range(1, len(kinds) + 1)]
        write_inventory(self.folder, names)
        for number in range(1, len(kinds) + 1):
            self.wait(number)

    def _furnish(self, number: int, kind: Path) -> None:
        host = self.host(number)
        (host / "disk").mkdir(parents=True)
        if number in self.small:  # a disk of 8 MB, and nothing free on it
            debian_root._mount("-t", "tmpfs", "-o", "size=8m", "disk", str(host / "disk"))
        for name in ("root", "ctl", KEYS, "disk/work"):
            (host / name).mkdir(parents=True)
        (host / "disk/up/root").chmod(0o700)
        shutil.copy(self.folder / "key.pub", host / KEYS / "authorized_keys")
        if number in self.small:
            with contextlib.suppress(OSError), (host / "disk/up/full").open("wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
        (host / "base").write_text(self.base)
        (host / "class").write_text(str(_rights(kind, self.folder)))
        (host / "cmdline").write_text("BOOT_IMAGE=/vmlinuz ro quiet panic=30\n")

    def _connect(self, number: int) -> None:
        own, control = f"{self.tag}{number}", f"{self.tag}c"
        self._ip("netns", "add", own)
        self._ip("-n", control, "link", "add", f"v{number}", "type", "veth", "peer", "name", "eth0", "netns", own)
        self._ip("-n", control, "link", "set", f"v{number}", "master", "br0", "up")
        self._ip("-n", own, "addr", "add", f"{NET}.1.{number}/16", "dev", "eth0")
        for link in ("eth0", "lo"):
            self._ip("-n", own, "link", "set", link, "up")

    def on(self, number: int) -> None:
        host = self.host(number)
        (host / "ctl/again").unlink(missing_ok=True)
        with (host / "console").open("ab") as console:
            argv = [str(HERE / "host"), "power", str(host), f"{self.tag}{number}", str(self.group)]
            self.started.append(
                subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)
            )

    def off(self, number: int) -> None:
        """The power goes: SIGKILL to its process 1 and its power supply, if these are still what they were."""
        host = self.host(number)
        (host / "ctl/again").unlink(missing_ok=True)
        for name in ("power.pid", "unshare.pid"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                pid = int((host / name).read_text())
                if str(host).encode() + b"\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGKILL)

    def wait(self, number: int) -> None:
        """Until its sshd answers."""
        end = time.monotonic() + PATIENCE
        probe = f"exec 3<>/dev/tcp/{NET}.1.{number}/22"
        while self.inside("bash", "-c", probe).returncode != 0:
            assert time.monotonic() < end, f"h{number}:\n{(self.host(number) / 'console').read_text(errors='replace')}"
            time.sleep(0.2)

    def down(self) -> None:
        """End all of them, and remove the namespaces."""
        numbers = [int(host.name[1:]) for host in self.folder.glob("h[0-9]*")]
        for number in numbers:
            self.off(number)
        for process in self.started:
            process.wait(60)
        for number in numbers:
            netns = ["ip", "netns", "pids", f"{self.tag}{number}"]
            listed = subprocess.run(netns, check=False, capture_output=True, text=True)
            for pid in listed.stdout.split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        for name in [*(f"{self.tag}{n}" for n in numbers), f"{self.tag}c"]:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        _remove(self.group)

    # --- words ------------------------------------------------------------------------------------------------------

    def inside(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command where the controller is."""
        argv = ["ip", "netns", "exec", f"{self.tag}c", *command]
        return subprocess.run(
            argv, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PATIENCE
        )

    def ssh(self, number: int, script: str) -> subprocess.CompletedProcess[str]:
        options = [f"-i{self.folder}/key", "-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null"]
        return self.inside("ssh", *options, f"root@{NET}.1.{number}", script)

    def start(self, playbook: str, *words: str, log: str = "log", **variables: object) -> subprocess.Popen[bytes]:
        """A playbook of the collection, running where the controller is; its output goes to ``log``."""
        where = ("ip", "netns", "exec", f"{self.tag}c")
        return start(self.folder, self.tag, *where, ansible(), playbook, *words, log=log, **variables)

    def play(self, playbook: str, *words: str, fails: bool = False, log: str = "log", **variables: object) -> str:
        """The same, to its end; its output. The report is ``rows``."""
        running = self.start(playbook, *words, log=log, **variables)
        code = self.ended(running)
        said = (self.folder / log).read_text(errors="replace")
        assert (code != 0) == fails, said[-8000:]
        return said

    def ended(self, running: subprocess.Popen[bytes]) -> int:
        """Wait for a playbook, the longer the more hosts; ``spent`` is the processor time of the controller then."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        code = running.wait(PATIENCE + 60 * len([*self.folder.glob("h[0-9]*")]))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return code

    def rows(self) -> dict[str, dict[str, object]]:
        return json.loads((self.folder / "report.json").read_text())["hosts"]

    def tree(self, number: int, *more: str) -> dict[str, Entry]:
        """What a change may touch, seen in its upper directory: no process of the host takes part."""
        upper = self.host(number) / "disk/up"
        return snapshot(upper, [path for path in (*SETTINGS, *more) if (upper / path[1:]).exists()])


@contextlib.contextmanager
def fleet(folder: Path, kinds: Sequence[Path], small: frozenset[int] = frozenset()) -> Iterator[Fleet]:
    """Hosts that are ended afterwards, whatever happens."""
    made = Fleet(folder, furnished(folder), f"rf{os.getpid() % 10000}", small)
    try:
        made.up(kinds)
        yield made
    finally:
        made.down()
