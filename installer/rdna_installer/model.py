"""The data every stage hands to the next: frozen dataclasses and closed enums, no behaviour beyond predicates.

Flow: HostFacts -> (rules) -> Policy -> files wanted -> Plan -> generation -> Report. Imports nothing of ours but
what a record, its form in a file and a line are.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from pathlib import PurePosixPath

from rdna_installer.codec import Count, Digest, digest
from rdna_installer.printable import Lines
from rdna_installer.record import field, record

Xattrs = tuple[tuple[str, bytes], ...]
BULKY = "libMIOpen.so"  # how the names of files begin that have hundreds of MB


class Layer(enum.Enum):
    """Where a setting takes effect."""

    KERNEL = "kernel"
    ENV = "env"
    PYTHON = "python"
    SERVICES = "services"  # of systemd and podman; only for units that are named


USUAL = frozenset(Layer) - {Layer.SERVICES}  # where none is named


class Verdict(enum.Enum):
    """What can be expected of one torch site on one GPU; best first."""

    NATIVE = "native"
    WORKS = "works"
    EXPERIMENTAL = "experimental"
    UNUSABLE = "unusable"


class Use(enum.Enum):
    """What the user wants to do (``--use``)."""

    TRAINING = "training"
    INFERENCE = "inference"
    BOTH = "both"


class Status(enum.Enum):
    """Outcome of one check. UNKNOWN is never a pass."""

    OK = "ok"
    MISMATCH = "mismatch"
    FAILED = "failed"
    PENDING_REBOOT = "pending-reboot"
    PENDING_RESTART = "pending-restart"  # of a service
    NOT_APPLICABLE = "not-applicable"
    UNKNOWN = "unknown"


class GfxSource(enum.Enum):
    """Who knew the gfx target: the KFD, ip_discovery's GC version through our table, the PCI id table, the user."""

    KFD = "kfd"
    DRM = "drm"
    PCI_ID = "pci-id"
    GIVEN = "given"


class TorchOrigin(enum.Enum):
    """Who built an installed torch."""

    PYTORCH_ORG = "pytorch.org"
    THEROCK = "therock"
    DISTRO = "distro"
    SELF_BUILT = "self-built"
    UNKNOWN = "unknown"


class TorchKind(enum.Enum):
    """What an installed torch was built for."""

    ROCM = "rocm"
    CUDA = "cuda"
    CPU = "cpu"
    XPU = "xpu"
    UNKNOWN = "unknown"


class Proof(enum.Enum):
    """How a list of GPU targets is known."""

    BINARY = "binary"  # the code objects in the files that are loaded
    FILES = "file names"
    PACKAGE = "package metadata"
    UNKNOWN = "unknown"


class InitramfsTool(enum.Enum):
    """The tool that owns the installed image (not what os-release suggests)."""

    INITRAMFS_TOOLS = "initramfs-tools"
    DRACUT = "dracut"
    MKINITCPIO = "mkinitcpio"
    NONE = "none"  # no image found
    UNKNOWN = "unknown"  # images whose owner we do not know


# --- host facts -------------------------------------------------------------------------------------------------


@record(frozen=True)
class Gpu:
    """One AMD GPU. ``vendor`` and ``device`` are lower-case hex without 0x; ``pci`` is ``dddd:bb:dd.f``."""

    gfx: str
    name: str | None
    pci: str | None
    vendor: str
    device: str | None
    kfd_node: int | None
    source: GfxSource
    integrated: bool
    unique_id: int = 0  # KFD unique_id, 0 when the GPU has none; ROCR's uuid is GPU-%016x
    render_minor: int | None = None
    properties: frozenset[str] | None = None  # names of the KFD's lines about it; None: it has not been asked
    mes: int | None = None  # version of the MES firmware (gfx11 and later)
    sdma: int | None = None  # version of the SDMA firmware
    compute_units: int | None = None
    vram_bytes: int | None = None


@record(frozen=True)
class PciDevice:
    """An AMD display device whose gfx target nobody knows (too old for ROCm, or newer than our tables)."""

    pci: str | None
    vendor: str
    device: str
    why: str


@record(frozen=True)
class RocmInstall:
    """One ROCm user space: ``version`` like "6.2.4", ``source`` the file or package that said so."""

    version: str
    path: str
    source: str
    gfx_targets: tuple[str, ...] = ()  # names of the kernels inside its rocBLAS; () = none found
    miopen: str | None = None  # MIOpen's own version, where its header is installed


@record(frozen=True)
class LibraryKernels:
    """For which targets one of the libraries that a torch brings ("rocBLAS", "hipBLASLt") has kernels."""

    name: str
    gfx_targets: tuple[str, ...]
    known_from: Proof


@record(frozen=True)
class Torch:
    """An installed torch, read without executing anything of it.

    ``gfx_targets`` are torch's own kernels, proved; () with ``known_from`` UNKNOWN = nobody can tell, with any other
    = it has none. ``unsure``: targets something speaks for that is no proof. ``note``: what is missing, in words.
    """

    version: str  # "2.5.1+rocm6.2"
    rocm: str | None  # "6.2"; None for a CUDA or CPU build
    gfx_targets: tuple[str, ...]
    origin: TorchOrigin
    kind: TorchKind = TorchKind.UNKNOWN
    known_from: Proof = Proof.UNKNOWN
    libraries: tuple[LibraryKernels, ...] = ()
    unsure: tuple[str, ...] = ()
    note: str = ""
    reads: Mapping[str, bool] = field(default_factory=dict)  # of variables asked about: whether a library reads it

    @property
    def for_rocm(self) -> bool:
        """Whether it was built for ROCm; for which may still be unknown."""
        return self.rocm is not None or self.kind is TorchKind.ROCM

    @property
    def brings_rocm(self) -> bool | None:
        """Whether ROCm's libraries come with it, or it uses the system's; None: who knows. AMD's light wheels
        (``+rocm7.0.2.lw.git245bf6ed``) leave out what the system has already (ROCm/legacy-rocm-build#4224)."""
        if self.origin in (TorchOrigin.DISTRO, TorchOrigin.SELF_BUILT):
            return False
        if self.libraries or self.origin is not TorchOrigin.UNKNOWN:
            return True
        return False if ".lw." in self.version else None

    @property
    def rocblas(self) -> LibraryKernels:
        """The library without whose kernels the first matrix product ends the program."""
        unknown = LibraryKernels("rocBLAS", (), Proof.UNKNOWN)
        return next((library for library in self.libraries if library.name == "rocBLAS"), unknown)


@record(frozen=True)
class PythonSite:
    """One interpreter or venv: where the python layer writes. Paths are inside the root."""

    python: PurePosixPath
    prefix: PurePosixPath
    site_packages: PurePosixPath
    python_version: str  # "3.11"
    owner: int  # uid of site-packages; files here are written with that owner's rights
    group: int
    torch: Torch | None


@record(frozen=True)
class ServiceUnit:
    """A service or quadlet that was named: whose it is, what it starts, and where a drop-in of ours goes."""

    name: str  # "ollama.service", "web.container"
    folder: PurePosixPath  # its directory of drop-ins in which ours is
    runs: str  # the program, or the image of a container
    source: PurePosixPath  # its own file
    owner: int = 0  # 0: of the system; else of the user whose manager runs it
    group: int = 0


@record(frozen=True)
class KernelImage:
    """One installed kernel (a directory of /lib/modules) and the amdgpu parameters modinfo gives for it.

    ``parameters`` maps name to the C type modinfo prints ("int", "uint", "bool", …); None = modinfo could not be
    asked. ``amdgpu`` is "module", "builtin" or "absent". ``image`` is the initramfs of this kernel, if found.
    ``amdttm``: AMD's DKMS driver is installed for it, which brings ttm under that name.
    """

    release: str
    amdgpu: str
    parameters: Mapping[str, Mapping[str, str]] | None = None  # module -> name -> type
    image: PurePosixPath | None = None
    amdttm: bool = False


@record(frozen=True)
class ModuleState:
    """The amdgpu module now. ``parameters`` are the requested values sysfs shows; unreadable ones are left out."""

    loaded: bool
    builtin: bool
    in_initramfs: bool | None  # None = nobody could tell
    parameters: Mapping[str, str]


@record(frozen=True)
class ModprobeOption:
    """One ``options`` word of modprobe.d or one ``module.key=value`` of the kernel command line, in load order."""

    module: str
    key: str
    value: str
    source: str  # "/etc/modprobe.d/x.conf:3" or "kernel command line"


@record(frozen=True)
class ModprobeNote:
    """A modprobe.d line (or boot argument) that decides whether options of ``module`` act at all.

    ``kind``: "install", "blacklist", "softdep", "alias", "dotted" (``options amdgpu.x=y``: no effect) or
    "unreadable" (a file we may not read: ``module`` is then "").
    """

    module: str
    kind: str
    text: str
    source: str  # as in ModprobeOption


@record(frozen=True)
class Initramfs:
    """Who owns the images, and where they are (kernel release -> image path inside the root).

    ``copies``: whether that tool puts /etc/modprobe.d into its images (None: no tool, or its configuration could
    not be read); ``why`` names the configuration that says so.
    """

    tool: InitramfsTool
    images: Mapping[str, PurePosixPath] = field(default_factory=dict)
    copies: bool | None = None
    why: str = ""


@record(frozen=True)
class Distro:
    """What os-release says; "unknown" where it says nothing."""

    id: str
    version: str


@record(frozen=True)
class User:
    """The invoking user (through sudo: the one who called it)."""

    uid: int
    gid: int
    name: str
    home: PurePosixPath
    shell: str
    groups: frozenset[str]  # as the user database lists them
    session_groups: frozenset[str] | None = None  # those this process really has; None = another user's or root's


@record(frozen=True)
class HostFacts:
    """Everything the rules may look at. ``looked`` lists the places searched for GPUs, for the error message."""

    gpus: tuple[Gpu, ...]
    hidden_nodes: int
    unidentified: tuple[PciDevice, ...]
    rocm: tuple[RocmInstall, ...]
    sites: tuple[PythonSite, ...]
    running_kernel: str | None  # None below --root
    kernels: tuple[KernelImage, ...]
    cmdline: str
    modprobe: tuple[ModprobeOption, ...]
    amdgpu: ModuleState
    initramfs: Initramfs
    init: str  # "systemd" or what was found
    user: User
    boot_id: str | None
    ram_bytes: int | None
    live: bool
    looked: tuple[str, ...] = ()
    modprobe_notes: tuple[ModprobeNote, ...] = ()
    notes: tuple[str, ...] = ()  # what was found and left out, and why
    looked_for_pythons: tuple[str, ...] = ()  # places searched for environments with a torch; () = they were named
    unseen: tuple[tuple[str, str], ...] = ()  # Pythons that were named and cannot be looked at, and why
    systemd: bool = False  # whether it boots with systemd (a chroot or image: whether it would)
    wsl: bool = False  # a Linux under Windows: Microsoft's kernel, no KFD
    immutable: str | None = None  # "steamos", "rpm-ostree", "nixos", "bootc", "uki": /etc/modprobe.d is the wrong place
    container: str | None = None  # what kind of container this is ("docker", "podman", "lxc"), None: none
    services: tuple[ServiceUnit, ...] = ()  # those that were named
    fish: bool = False  # whether /etc/fish is there: it reads no profile.d


# --- policy ------------------------------------------------------------------------------------------------------


@record(frozen=True)
class Setting:
    """One value to put in force. ``site`` is the site's python path for the python layer, the directory of drop-ins for
    services, else None.
    Kernel keys are bare for amdgpu ("noretry") and qualified otherwise ("ttm.pages_limit")."""

    layer: Layer
    site: str | None
    key: str
    value: str
    rule: str

    @property
    def consumer(self) -> str | None:
        """The program it is for, by kind and name; None: whatever runs on the machine."""
        if self.layer is Layer.SERVICES:
            return f"service:{PurePosixPath(self.site or '').stem}"
        return f"torch:{self.site}" if self.site else None


@record(frozen=True)
class Rejected:
    """Something not done, and why (shown by plan, explained by ``explain``)."""

    key: str
    reason: str
    rule: str | None = None
    site: str | None = None


@record(frozen=True)
class Experiment:
    """A weak rule or risky spoof: named, never applied before ``command`` has passed here."""

    rule: str
    summary: str
    command: str
    site: str | None = None


@record(frozen=True)
class SiteVerdict:
    """The verdict for one torch site (``site`` None: for the machine, when there is no torch)."""

    site: str | None
    verdict: Verdict
    why: str
    rule: str | None
    route: tuple[str, ...] = ()  # what would work instead, best first


class TrialWish(enum.Enum):
    """What was said about putting new kernel options on trial."""

    AUTO = "auto"  # wherever it can work
    ON = "on"
    OFF = "off"


@record(frozen=True)
class Request:
    """What the user asked for, parsed and nothing more."""

    profile: str = "recommended"
    use: Use = Use.BOTH
    layers: frozenset[Layer] = USUAL
    gpu: str | None = None  # PCI address, KFD node number or index
    set: tuple[tuple[str, str], ...] = ()
    unset: frozenset[str] = frozenset()
    gtt_gib: int | None = None  # GiB an integrated GPU may map
    conv: str | None = None  # a convolution strategy; "probe": the one a probe of this machine found best
    trial: TrialWish = TrialWish.AUTO


@record(frozen=True)
class Policy:
    """Facts + rules -> what to do and why. Pure; per torch site where layers are python."""

    profile: str
    verdict: Verdict
    gpus: tuple[Gpu, ...]  # the GPUs decided for
    sites: tuple[SiteVerdict, ...]
    settings: tuple[Setting, ...]
    rejected: tuple[Rejected, ...]
    experiments: tuple[Experiment, ...]
    warnings: tuple[str, ...] = ()
    asked: bool = False  # its settings were asked for by name (--set, --gtt-size, a profile)
    reasons: tuple[tuple[str, str], ...] = ()  # (rule, why) of its settings
    costs: tuple[tuple[str, str], ...] = ()  # (interpreter, cost model of `gemm` that a probe fitted to this card)


def bulky(path: PurePosixPath) -> bool:
    """Whether a file is never held in memory: its digest stands for it, and its content moves by links and copies."""
    return path.name.startswith(BULKY)


# --- resources and plan --------------------------------------------------------------------------------------------


@record(frozen=True)
class FileState:
    """What is, was or shall be at a path (absolute inside the root); nothing is there unless something below says so.

    ``digest`` names the content of a regular file; ``content`` may be left out where it is kept elsewhere.
    ``link`` is the target of a symbolic link (never followed). ``special`` says what else is there ("a directory",
    "a fifo", …; nothing of it is read). ``owner`` and ``group`` are numeric; of a path that shall be empty they say
    whose transaction it belongs to.
    """

    path: PurePosixPath
    content: bytes | None = None
    mode: Count = 0
    owner: Count = 0
    group: Count = 0
    digest: Digest | None = None
    link: str | None = None
    xattrs: Xattrs = ()
    special: str | None = None

    @property
    def there(self) -> bool:
        """Whether anything is at the path."""
        return self.digest is not None or self.link is not None or self.special is not None

    def same_as(self, other: FileState) -> bool:
        """The same kind, content, mode and owner. Not xattrs: a relabel is nobody's edit."""
        mine = (self.digest, self.link, self.special, self.owner, self.group)
        theirs = (other.digest, other.link, other.special, other.owner, other.group)
        # Nothing there has no mode or owner, and a link's mode means nothing.
        return (not self.there and not other.there) or (
            mine == theirs and (self.link is not None or self.mode == other.mode)
        )

    def misfit(self) -> str | None:
        """What makes it impossible, for the codec."""
        if sum(kind is not None for kind in (self.digest, self.link, self.special)) > 1:
            return "more than one of file, link and something else"
        if str(self.path) == "/":
            return "the root itself"
        return "content without a digest" if self.content is not None and self.digest is None else None


def regular(
    path: PurePosixPath, content: bytes, mode: int = 0o644, owner: int = 0, group: int = 0, xattrs: Xattrs = ()
) -> FileState:
    """A regular file that shall exist."""
    return FileState(path, content, mode, owner, group, digest(content), None, xattrs)


class ChangeKind(enum.Enum):
    """What happens to a path."""

    CREATE = "create"
    REPLACE = "replace"
    REMOVE = "remove"


@record(frozen=True)
class Change:
    """One path's way from ``before`` to ``after``; ``diff`` is a unified diff of text."""

    path: PurePosixPath
    kind: ChangeKind
    diff: Lines
    before: FileState
    after: FileState


class StepKind(enum.Enum):
    """What has to run after the files are in place."""

    INITRAMFS = "initramfs"
    RELOAD = "daemon-reload"


@record(frozen=True)
class Step:
    """One activation step; ``kernels`` in the order they are rebuilt (the running one last)."""

    kind: StepKind
    tool: InitramfsTool
    kernels: tuple[str, ...]
    summary: str
    programs: tuple[str, ...] = ()  # of another root, run there as uid 0; looked up anew for each run, so not kept
    manager: Count | None = None  # of a reload: whose services' manager reads its files again; None: the system's


@record(frozen=True)
class Conflict:
    """Somebody else's setting that wins over ours; shown, never fought over."""

    key: str
    wanted: str | None
    found: str
    source: str  # file:line or "kernel command line"
    hint: str


@record(frozen=True)
class Plan:
    """What apply would do; serialisable. apply refuses when ``facts_digest`` no longer fits."""

    policy: Policy
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]
    conflicts: tuple[Conflict, ...]
    reboot_needed: bool
    facts_digest: str
    warnings: tuple[str, ...] = ()
    trial: bool = False  # whether its kernel options have to be confirmed by a boot


# --- generations ----------------------------------------------------------------------------------------------------


ADOPTED = "adopt"  # the reason of its generation, and the version of what it changed


@record(frozen=True)
class Managed:
    """One path of a generation: what it must be (``after``) and what it was before us (``origin``)."""

    path: PurePosixPath
    after: FileState
    origin: FileState
    generation: Count  # the generation that wrote it (its header names it)
    version: str = ""  # our version that wrote it (so does this)

    @property
    def ours(self) -> bool:
        """Whether it is a file of ours; ``adopt`` only took something away, and its owner may go on with it."""
        return self.version != ADOPTED


@record(frozen=True)
class Generation:
    """A committed state: why it was made, what it manages, and where its chain leads back to.

    Who asks for one gives what it says of itself; number, time, ``managed``, ``before`` and ``pending`` are filled in
    by the transaction. Generation 0 is the machine before us and manages nothing.
    """

    reason: str  # "apply", "rollback to 2", "uninstall"
    number: Count = 0
    time: str = ""  # ISO 8601, UTC
    profile: str | None = None
    boot_id: str | None = None  # the boot it was made in
    confirmed_boot: str | None = None
    managed: tuple[Managed, ...] = ()
    settings: tuple[Setting, ...] = ()
    pending: tuple[Step, ...] = ()  # activation not done yet
    gpus: tuple[str, ...] = ()  # "gfx1010 node 1 0000:03:00.0": what overrides were meant for
    change: str = ""  # the command that made it, the same in all owners' generations: rolled back together
    parts: tuple[Count, ...] = ()  # ids of the users whose files that command changed too
    words: tuple[str, ...] = ()  # the options it was applied with, to plan the same again after an upgrade
    booted: tuple[Setting, ...] = ()  # our kernel options in force when the boot it was made in began
    devices: tuple[str, ...] = ()  # what worked before its kernel options: "driver 0000:03:00.0", "screen … DP-1"
    before: tuple[Count, ...] | None = None  # all ancestors, nearest first; None: written by 0.1.0, all lower numbers
    stands_for: str = ""  # the change whose content it has: its own, or that of the generation gone back to
    users: tuple[tuple[Count, str], ...] = ()  # (id, change): what each user's part was when root last changed it
    left: tuple[str, ...] = ()  # changes that a rollback took back
    refused: tuple[str, ...] = ()  # kernel layers (``chain.kernel_layer``) that a rescue or a failed trial took out


class OnDrift(enum.Enum):
    """What to do with a file that somebody else changed or made."""

    REFUSE = "refuse"
    KEEP = "keep"
    OVERWRITE = "overwrite"  # theirs is kept in the generation


class DriftKind(enum.Enum):
    """How a managed path differs from what we wrote."""

    EDITED = "edited"
    DELETED = "deleted"
    REPLACED = "replaced"  # by a link, directory or device
    MODE = "mode"  # mode or owner only


@record(frozen=True)
class Drift:
    """A managed path somebody changed since we wrote it."""

    path: PurePosixPath
    kind: DriftKind
    detail: str


# --- verification --------------------------------------------------------------------------------------------------


@record(frozen=True)
class Check:
    """One line of ``verify``: what, wanted, running, who set it, what to do; of a variable in a process its verdict."""

    id: str
    status: Status
    wanted: str | None = None
    running: str | None = None
    source: str | None = None
    hint: str | None = None
    verdict: str | None = None


@record(frozen=True)
class RunningProgram:
    """A process that uses an AMD GPU, with a check for each variable, and for what else is to be said of it."""

    pid: int
    command: str
    user: str
    started: str
    uses: tuple[str, ...]
    unit: str | None
    container: str | None
    session: str | None
    checks: tuple[Check, ...]


@record(frozen=True)
class Report:
    """All checks of one ``verify``."""

    checks: tuple[Check, ...]
    reboot_pending: bool
    generation: int | None
    running: tuple[RunningProgram, ...] = ()

    @property
    def every(self) -> tuple[Check, ...]:
        """Those of the programs that run, too."""
        return (*self.checks, *(check for program in self.running for check in program.checks))

    @property
    def ok(self) -> bool:
        """True when nothing is wrong and nothing unknown; a pending reboot alone is not wrong."""
        return not any(c.status in (Status.MISMATCH, Status.FAILED, Status.UNKNOWN) for c in self.every)
