"""After the files are in place: systemd reads its drop-ins again; the initramfs images are rebuilt kernel by
kernel, and what is inside them is proved.

What a rebuild runs in another root it runs there as uid 0, so those programs must be root's alone: our own chroot
keeps nothing in, what runs there as root can do everything to this machine.
"""

from __future__ import annotations

import os
import stat
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath

from rdna_installer.detect.initramfs import image_of, preset_of, read_image
from rdna_installer.detect.kernels import release_key
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.durable import sync_written
from rdna_installer.machine.process import EXPIRED, PATH, find, run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.machine.systemd import reread, runs
from rdna_installer.machine.whose import not_roots, not_roots_below
from rdna_installer.model import Change, HostFacts, InitramfsTool, Layer, Step, StepKind, User
from rdna_installer.plan.plan import layer_of
from rdna_installer.printable import Lines, printable
from rdna_installer.record import replace

BUILD_SECONDS = 1800.0  # a full image takes 10 s on a desktop and over 10 minutes in an emulated machine
SHOWN = 15  # lines of a failed tool's output that go into the error
MODPROBE = PurePosixPath("/etc/modprobe.d")
Progress = Callable[[str], None]
LSINITRD_SECONDS = 120.0
MARGIN = 8 << 20  # bytes; beside a tenth of the image, for what a newer tool or kernel adds to it


def plan_step(facts: HostFacts) -> tuple[Step | None, str | None]:
    """The step that carries changed modprobe.d files into the images, or None; and the reason, or a warning."""
    owner = facts.initramfs
    if owner.tool is InitramfsTool.NONE:
        return None, "there is no initramfs image here: amdgpu reads modprobe.d itself"
    if owner.tool is InitramfsTool.UNKNOWN:
        return None, "the tool that builds the initramfs images is not known: rebuild them if amdgpu is inside"
    if not owner.copies:
        return None, _not_copied(facts)
    kernels = tuple(sorted(owner.images, key=lambda r: (r == facts.running_kernel, release_key(r))))
    count = f"{len(kernels)} initramfs image{'s' if len(kernels) > 1 else ''}"
    summary = f"rebuild {count} with {owner.tool.value} and check what is inside"
    return Step(StepKind.INITRAMFS, owner.tool, kernels, summary), None


def _not_copied(facts: HostFacts) -> str:
    """Harmless when amdgpu loads after the initramfs; otherwise its options would come too late."""
    owner = facts.initramfs
    reason = f"no boot image is rebuilt: {owner.tool.value} does not put modprobe.d into it ({owner.why})"
    if facts.amdgpu.in_initramfs is False:
        return f"{reason}, and amdgpu is not in it"
    fix = {
        InitramfsTool.DRACUT: 'install_items+=" /etc/modprobe.d/rdna-installer.conf " in /etc/dracut.conf.d/',
        InitramfsTool.MKINITCPIO: "the hook modconf in /etc/mkinitcpio.conf",
    }.get(owner.tool, "its configuration")
    inside = "is in it" if facts.amdgpu.in_initramfs else "may be in it"
    return f"{reason}; amdgpu {inside} and would then load without our options: add {fix} and rebuild it"


def named(step: Step, root: Sysroot) -> Step:
    """The step with the programs of another root that it runs there as root, for people to see before they agree."""
    found = programs(step, root)
    if not found:
        return step
    return replace(step, programs=found, summary=f"{step.summary}; runs as root, from {root.root}: {', '.join(found)}")


def activate(
    step: Step, root: Sysroot, wanted: Mapping[PurePosixPath, bytes | None], on_line: Progress, before: int = 0
) -> None:
    """Reload systemd, or rebuild every image of the step, each proved before the next one is touched.

    ``wanted``: bytes each changed file must have (None: must be absent); only those of modprobe.d are proved.
    ``on_line`` gets each step's name, after ``before`` others of the change, and the tool's output. Raises RdnaError:
    what ``require_ready`` raises, before anything is built, then "initramfs-failed" or "initramfs-unproved" (exit 1);
    and what ``reread`` raises.
    """
    if step.kind is StepKind.RELOAD:
        reread(root, step.manager)
        return
    images = require_ready(step, root)
    proofs = {path: content for path, content in wanted.items() if path.parent == MODPROBE}
    for number, (release, image) in enumerate(images.items(), 1):
        total = before + 2 * len(images)
        on_line(f"[{before + 2 * number - 1}/{total}] Rebuilding the boot image {image}")
        output = _build(rebuilding(step.tool, root, release, image), root, on_line)
        on_line(f"[{before + 2 * number}/{total}] Checking the boot image {image}")
        try:
            require_inside(root, image, proofs)
        except RdnaError as err:
            raise _with_output(err, output) from err
        # mkinitcpio does not sync: the proof was read from memory, and a power cut could still leave an empty image.
        sync_written(root, image)


def require_ready(step: Step, root: Sysroot) -> dict[str, PurePosixPath]:
    """The image of each kernel of the step. Raises RdnaError where a rebuild cannot work: ask before changing files.
    So it does where it would run programs of another root that others than root can change."""
    if refusal := untrusted(step, root):
        raise refusal
    images: dict[str, PurePosixPath] = {}
    if step.kind is StepKind.RELOAD:
        return images
    for release in step.kernels:
        if (image := image_of(root, release)) is None:
            raise RdnaError("image-gone", f"kernel {release} has no initramfs image any more", exit_code=Exit.FAILED)
        images[release] = image
    _require_devices(root)
    require_space(root, images.values())
    return images


def _require_devices(root: Sysroot) -> None:
    """Below another root the tools would make a regular file of a missing /dev/null."""
    null = root.status("/dev/null")
    if null is None or not stat.S_ISCHR(null.st_mode):
        hint = "mount /proc, /sys and /dev below it, or use --no-initramfs and rebuild the image once it has booted"
        message = f"{root.root} has no /dev: its initramfs cannot be rebuilt from here"
        raise RdnaError("root-not-prepared", message, hint=hint)


def squashed_bytes(root: Sysroot, image: PurePosixPath, path: PurePosixPath) -> bytes | None:
    """A file of an image whose tree is a file system of its own inside it: only lsinitrd can look into that."""
    if find("lsinitrd", root) is None:
        return None
    for prefix in ("squashfs-root", "erofs-root"):
        done = run(["lsinitrd", "-f", f"{prefix}{path}", str(image)], root=root, timeout=LSINITRD_SECONDS)
        if done.out:
            return done.out
    return None


def rebuilding(tool: InitramfsTool, root: Sysroot, release: str, image: PurePosixPath) -> list[str]:
    """What rebuilds one kernel's image, at once and at its place.

    With ``-k`` update-initramfs does not wait for the end of a maintainer script, as with a bare ``-u``. mkinitcpio
    goes by the kernel package's preset, which also builds the fallback image.
    """
    if tool is InitramfsTool.DRACUT:
        return ["dracut", "--force", "--kver", release, str(image)]
    if tool is InitramfsTool.MKINITCPIO:
        preset = preset_of(root, release)
        return ["mkinitcpio", "-p", preset] if preset else ["mkinitcpio", "-k", release, "-g", str(image)]
    return ["update-initramfs", "-u", "-k", release]


def _build(command: list[str], root: Sysroot, on_line: Progress) -> list[str]:
    last: deque[str] = deque(maxlen=SHOWN)
    began = time.monotonic()

    def heard(line: str) -> None:
        last.append(line)
        on_line(line)

    def waited() -> None:
        on_line(f"\r{time.monotonic() - began:.0f} s")

    done = run(command, root=root, timeout=BUILD_SECONDS, on_line=heard, on_wait=waited)
    if done.code != 0:
        late = f"did not finish in {BUILD_SECONDS / 60:.0f} minutes and was stopped"
        message = f"{command[0]} {late if done.code == EXPIRED else f'ended with {done.code}'}"
        error = RdnaError("initramfs-failed", message, context=" ".join(command), exit_code=Exit.FAILED)
        raise _with_output(error, list(last))
    return list(last)


def _with_output(error: RdnaError, output: list[str]) -> RdnaError:
    """The error with the tool's last lines in it: nobody has to look for a log."""
    said = [f"  {printable(line)}" for line in output] or ["  (nothing)"]
    hint = Lines("\n".join(["read the last lines it said:", *said]))
    return RdnaError(error.reference, error.message, context=error.context, hint=hint, exit_code=error.exit_code)


def require_inside(root: Sysroot, image: PurePosixPath, wanted: Mapping[PurePosixPath, bytes | None]) -> None:
    """Raises RdnaError("initramfs-unproved") unless every path is inside with its bytes (None: is not inside)."""
    found = read_image(root, image, [str(path) for path in wanted])
    for path, content in wanted.items():
        inside = found.files.get(str(path))
        if inside is None and found.squashed:
            inside = squashed_bytes(root, image, path)
        if inside != content:
            message = f"the rebuilt image {_state(inside, content)} {path}"
            raise RdnaError("initramfs-unproved", message, context=str(image), exit_code=Exit.FAILED)


def _state(inside: bytes | None, wanted: bytes | None) -> str:
    if wanted is None:
        return "still has"
    return "does not have" if inside is None else "contains an old copy of"


def require_space(root: Sysroot, images: Iterable[PurePosixPath]) -> None:
    """Raises RdnaError("boot-full") when a new image does not fit beside the old one (the tools write it there).
    Images are rebuilt one after the other, so the largest of a file system decides."""
    for image in images:
        status = root.status(image)
        if status is None:
            continue
        need = status.st_size + status.st_size // 10 + MARGIN
        free = root.free_bytes(image.parent)
        if free < need:
            there = f"{image.parent} has {_mib(free)} free"
            message = f"rebuilding the initramfs needs {_mib(need)} beside the old one, {there}"
            hint = "remove old kernels, then run this again. On Debian and Ubuntu: sudo apt autoremove --purge"
            raise RdnaError("boot-full", message, context=str(image), hint=hint)


def _mib(size: int) -> str:
    return f"{-(-size // (1 << 20))} MiB"


TOOLS: Mapping[InitramfsTool, tuple[str, ...]] = {
    InitramfsTool.INITRAMFS_TOOLS: ("update-initramfs", "mkinitramfs"),
    InitramfsTool.DRACUT: ("dracut", "lsinitrd"),
    InitramfsTool.MKINITCPIO: ("mkinitcpio",),
}
# What these programs (shell scripts all) read and run themselves: hooks, modules, configuration that is sourced.
OWN: Mapping[InitramfsTool, tuple[str, ...]] = {
    InitramfsTool.INITRAMFS_TOOLS: ("/etc/initramfs-tools", "/usr/share/initramfs-tools", "/etc/initramfs"),
    InitramfsTool.DRACUT: ("/etc/dracut.conf", "/etc/dracut.conf.d", "/usr/lib/dracut"),
    InitramfsTool.MKINITCPIO: (
        "/etc/mkinitcpio.conf", "/etc/mkinitcpio.conf.d", "/etc/mkinitcpio.d", "/etc/initcpio", "/usr/lib/initcpio",
    ),
}  # fmt: skip
LOADER = ("/etc/ld.so.preload", "/etc/ld.so.cache", "/lib/ld-linux.so.2", "/lib64/ld-linux-x86-64.so.2")
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
HEAD = 256  # bytes; the kernel reads no more of a script's first line
DEPTH = 5  # interpreters of interpreters: the kernel gives up after that
HINT = "use --no-initramfs and rebuild the boot image once that system has booted"


def programs(step: Step, root: Sysroot) -> tuple[str, ...]:
    """Programs of another root that the step runs as root, with their interpreters; () on the machine itself."""
    if root.live or os.geteuid() != 0 or step.kind is StepKind.RELOAD:
        return ()
    tools = (find(tool, root) for tool in TOOLS[step.tool])
    return tuple(dict.fromkeys(program for tool in tools if tool for program in _chain(tool, root)))


def _chain(program: str, root: Sysroot) -> list[str]:
    chain = [program]
    while len(chain) <= DEPTH and (program := _interpreter(program, root)):
        chain.append(program)
    return chain


def _interpreter(program: str, root: Sysroot) -> str:
    """The program of a script's ``#!`` line (of ``env``: what it looks for is on the PATH); "" for any other file."""
    try:
        head = root.read_bytes(program, limit=HEAD)
    except OSError:
        return ""
    if not head.startswith(b"#!"):
        return ""
    words = head[2:].split(b"\n")[0].split()
    return words[0].decode("utf-8", "surrogateescape") if words else ""


def untrusted(step: Step, root: Sysroot) -> RdnaError | None:
    """Why root must not run another root's programs: somebody else could change them. None where all is root's."""
    if root.live or os.geteuid() != 0 or step.kind is StepKind.RELOAD:
        return None
    places = (not_roots(root, path) for path in (*programs(step, root), *LOADER, *LIBRARIES))
    folders = (not_roots_below(root, folder, deep=False) for folder in PATH.split(":"))
    own = (not_roots_below(root, folder, deep=True) for folder in OWN[step.tool])
    why = next((why for reasons in (places, folders, own) for why in reasons if why), None)
    if why is None:
        return None
    runs = f"rebuilding its boot image would run programs of {root.root} as root"
    return RdnaError("root-not-trusted", f"{runs}, and others than root can change them", context=why, hint=HINT)


def reload_steps(changes: Iterable[Change], root: Sysroot, user: User | None) -> tuple[Step, ...]:
    """The step that has systemd read changed drop-ins, of the system's services or of a user's; none where it does not
    run, or for another root."""
    manager, what = user.uid if user else None, "let systemd read its files again (daemon-reload)"
    needed = any(layer_of(change.path) is Layer.SERVICES for change in changes) and runs(root, manager)
    return (Step(StepKind.RELOAD, InitramfsTool.NONE, (), what, (), manager),) if needed else ()
