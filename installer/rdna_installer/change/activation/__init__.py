"""After the files are in place: rebuild the initramfs images kernel by kernel, and prove what is inside them."""

from __future__ import annotations

import stat
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from rdna_installer.change.activation import dracut, initramfs_tools, mkinitcpio
from rdna_installer.change.activation.image import require_inside
from rdna_installer.change.activation.programs import programs, untrusted
from rdna_installer.change.activation.space import require_space
from rdna_installer.detect.initramfs import image_of
from rdna_installer.detect.kernels import release_key
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.durable import sync_written
from rdna_installer.machine.process import Finished, run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts, InitramfsTool, Step, StepKind
from rdna_installer.printable import Lines, printable
from rdna_installer.record import replace

BUILD_SECONDS = 1800.0  # a full image takes 10 s on a desktop and over 10 minutes in an emulated machine
SHOWN = 15  # lines of a failed tool's output that go into the error
MODPROBE = PurePosixPath("/etc/modprobe.d")
COMMANDS: Mapping[InitramfsTool, Callable[[Sysroot, str, PurePosixPath], list[str]]] = {
    InitramfsTool.INITRAMFS_TOOLS: initramfs_tools.command,
    InitramfsTool.DRACUT: dracut.command,
    InitramfsTool.MKINITCPIO: mkinitcpio.command,
}
Progress = Callable[[str], None]


def plan_step(facts: HostFacts) -> tuple[Step | None, str | None]:
    """The step that carries changed modprobe.d files into the images, or None and the reason why there is none.

    A step may come with a word of warning too.
    """
    owner = facts.initramfs
    if owner.tool is InitramfsTool.NONE:
        return None, "there is no initramfs image here: amdgpu reads modprobe.d itself"
    if owner.tool is InitramfsTool.UNKNOWN:
        return None, "the tool that builds the initramfs images is not known: rebuild them if amdgpu is inside"
    if not owner.copies:
        return None, _not_copied(facts)
    kernels = tuple(sorted(owner.images, key=lambda r: (r == facts.running_kernel, release_key(r))))
    count = f"{len(kernels)} initramfs image{'s' if len(kernels) > 1 else ''}"
    return Step(
        StepKind.INITRAMFS, owner.tool, kernels, f"rebuild {count} with {owner.tool.value} and prove them"
    ), None


def _not_copied(facts: HostFacts) -> str:
    """Harmless when amdgpu loads after the initramfs; otherwise its options would come too late."""
    reason = (
        f"the initramfs is not rebuilt: {facts.initramfs.tool.value} does not copy modprobe.d ({facts.initramfs.why})"
    )
    if facts.amdgpu.in_initramfs is False:
        return f"{reason}, and amdgpu is not in it"
    fix = {
        InitramfsTool.DRACUT: 'install_items+=" /etc/modprobe.d/rdna-installer.conf " in /etc/dracut.conf.d/',
        InitramfsTool.MKINITCPIO: "the hook modconf in /etc/mkinitcpio.conf",
    }.get(facts.initramfs.tool, "its configuration")
    inside = "is in it" if facts.amdgpu.in_initramfs else "may be in it"
    return f"{reason}; amdgpu {inside} and would then load without our options: add {fix} and rebuild it"


def named(step: Step, root: Sysroot) -> Step:
    """The step with the programs of another root that it runs there as root, for people to see before they agree."""
    found = programs(step, root)
    if not found:
        return step
    return replace(step, programs=found, summary=f"{step.summary}; runs as root, from {root.root}: {', '.join(found)}")


def activate(step: Step, root: Sysroot, wanted: Mapping[PurePosixPath, bytes | None], on_line: Progress) -> None:
    """Rebuild every image of the step, each proved before the next one is touched.

    ``wanted``: bytes each changed file must have (None: must be absent); only those of modprobe.d are proved.
    ``on_line`` gets the tool's output as it comes. Raises RdnaError: what ``require_ready`` raises, before anything is
    built, then "initramfs-failed" or "initramfs-unproved" (exit 1).
    """
    images = require_ready(step, root)
    proofs = {path: content for path, content in wanted.items() if path.parent == MODPROBE}
    for number, (release, image) in enumerate(images.items(), 1):
        on_line(f"initramfs {number}/{len(images)}: {image}")
        output = _build(COMMANDS[step.tool](root, release, image), root, on_line)
        try:
            require_inside(root, image, proofs)
        except RdnaError as err:
            raise _with_output(err, output) from err
        # mkinitcpio does not sync: the proof was read from memory, and a power cut could still leave an empty image.
        sync_written(root, image)


def require_ready(step: Step, root: Sysroot) -> dict[str, PurePosixPath]:
    """The image of each kernel of the step. Raises RdnaError where a rebuild cannot work: ask before changing files.

    So it does where it would run programs of another root that others than root can change.
    """
    if refusal := untrusted(step, root):
        raise refusal
    images = {release: _image(root, release) for release in step.kernels}
    _require_devices(root)
    require_space(root, images.values())
    return images


def _image(root: Sysroot, release: str) -> PurePosixPath:
    image = image_of(root, release)
    if image is None:
        raise RdnaError("image-gone", f"kernel {release} has no initramfs image any more", exit_code=Exit.FAILED)
    return image


def _require_devices(root: Sysroot) -> None:
    """Below another root the tools would make a regular file of a missing /dev/null."""
    null = root.status("/dev/null")
    if null is None or not stat.S_ISCHR(null.st_mode):
        raise RdnaError(
            "root-not-prepared",
            f"{root.root} has no /dev: its initramfs cannot be rebuilt from here",
            hint="mount /proc, /sys and /dev below it, or use --no-initramfs and rebuild the image once it has booted",
        )


def _build(command: list[str], root: Sysroot, on_line: Progress) -> list[str]:
    last: deque[str] = deque(maxlen=SHOWN)

    def heard(line: str) -> None:
        last.append(line)
        on_line(line)

    done = run(command, root=root, timeout=BUILD_SECONDS, on_line=heard)
    if done.code != 0:
        error = RdnaError(
            "initramfs-failed", f"{command[0]} {_ending(done)}", context=" ".join(command), exit_code=Exit.FAILED
        )
        raise _with_output(error, list(last))
    return list(last)


def _ending(done: Finished) -> str:
    return (
        f"was still running after {BUILD_SECONDS / 60:.0f} minutes" if done.code == 124 else f"ended with {done.code}"
    )


def _with_output(error: RdnaError, output: list[str]) -> RdnaError:
    """The error with the tool's last lines in it: nobody has to look for a log."""
    said = [f"  {printable(line)}" for line in output] or ["  (nothing)"]
    hint = Lines("\n".join(["the last lines it said:", *said]))
    return RdnaError(error.reference, error.message, context=error.context, hint=hint, exit_code=error.exit_code)
