"""The kernel layer: wanted parameters against the running ones and who set those, and what the boot images carry.

Kernel files younger than this boot show only after a reboot; stale ones inside an image act at the next.
Parameters with mode 0600 a reader without root has from root's last result in /run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rdna_installer import codec
from rdna_installer.codec import MisfitError
from rdna_installer.detect.initramfs import read_image
from rdna_installer.errors import Exit, RdnaError, explain
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, HostFacts, InitramfsTool, Layer, Report, Setting, Status
from rdna_installer.parameter import same_value, split
from rdna_installer.record import record, replace

if TYPE_CHECKING:
    from rdna_installer.model import Managed, ModprobeOption

STALE = "stale initramfs"
GONE = "the running kernel"  # the source of a check whose parameter is in no module any more
WRITABLE = "it can be changed while the system runs: this value does not show what the boot has set"
NOT_LIVE = "not the running system: only its own boot can show this"
HELD = "/rdna-installer-trial.conf"
REBUILD = {
    InitramfsTool.INITRAMFS_TOOLS: "sudo update-initramfs -u -k all",
    InitramfsTool.DRACUT: "sudo dracut --force --regenerate-all",
    InitramfsTool.MKINITCPIO: "sudo mkinitcpio -P",
}
AS_THEY_ARE = "our options as they are"
RESULT = PurePosixPath("/run/rdna-installer/verify.json")
FORMAT = 2


def kernel_files(generation: Generation) -> list[Managed]:
    """The managed paths that set module options."""
    return [m for m in generation.managed if m.path.parent.name == "modprobe.d"]


def written_this_boot(facts: HostFacts, generation: Generation, root: Sysroot) -> bool:
    """Whether a kernel file changed since the machine booted.
    A generation of this boot may have kept the file of an earlier one: then the file's own change time decides."""
    if not made_this_boot(facts, generation):
        return False
    booted = _boot_time(root)
    managed = ((m, root.status(m.path, follow=False)) for m in kernel_files(generation))
    return any(m.generation == generation.number or (at and at.st_ctime >= booted) for m, at in managed)


def made_this_boot(facts: HostFacts, generation: Generation) -> bool:
    """Whether the generation was made in this very boot; unknown boots are not the same."""
    return facts.boot_id is not None and facts.boot_id == generation.boot_id


def _boot_time(root: Sysroot) -> float:
    """Seconds since the epoch at boot, from /proc/stat; in no time where it does not say."""
    said = re.search(r"^btime ([0-9]+)$", root.read_optional("/proc/stat") or "", re.MULTILINE)
    return int(said[1]) if said else float("inf")


@record(frozen=True)
class Parameter:
    """A wanted parameter. ``running`` None: not loaded, absent or (``readable`` False) not to be read by us.

    ``loaded``: the module is there and shows what it has. One whose load hangs or was killed may be a bare directory.
    """

    setting: Setting
    module: str
    loaded: bool
    running: str | None
    readable: bool
    writable: bool  # at run time, so that the running value says nothing about the boot
    option: ModprobeOption | None  # the one that wins: files in load order, then the command line

    @property
    def in_force(self) -> bool:
        """Whether the running value is the wanted one."""
        return self.running is not None and same_value(self.setting.value, self.running)


def read_parameter(setting: Setting, facts: HostFacts, root: Sysroot) -> Parameter:
    """Look the parameter up in /sys/module; keys are bare for amdgpu and qualified otherwise."""
    module, key = split(setting.key)
    path = f"/sys/module/{module}/parameters/{key}"
    status, running, readable = root.status(path), None, True
    try:
        running = root.read_text(path).strip()
    except OSError as err:
        readable = isinstance(err, (FileNotFoundError, NotADirectoryError))  # then there is nothing to read
    options = [o for o in facts.modprobe if (o.module.replace("-", "_"), o.key) == (module, key)]
    live = (root.read_optional(f"/sys/module/{module}/initstate") or "").strip() == "live"
    loaded = live or root.is_dir(f"/sys/module/{module}/parameters")
    writable = status is not None and bool(status.st_mode & 0o222)
    return Parameter(setting, module, loaded, running, readable, writable, options[-1] if options else None)


@record(frozen=True)
class KernelScene:
    """What every parameter is judged against. ``fresh``: the kernel files are younger than this boot."""

    facts: HostFacts
    generation: Generation
    root: Sysroot
    fresh: bool


def check_kernel(facts: HostFacts, generation: Generation, root: Sysroot) -> Iterator[Check]:
    """One line for each wanted parameter, one for a module that is not there, one for options taken away."""
    settings = [s for s in generation.settings if s.layer is Layer.KERNEL]
    if not facts.live:
        yield from (_line(s, Status.NOT_APPLICABLE, hint=NOT_LIVE) for s in settings)
        return
    scene = KernelScene(facts, generation, root, written_this_boot(facts, generation, root))
    if settings and not scene.fresh and not root.is_dir("/sys/module/amdgpu"):
        yield _not_loaded(facts)
    for setting in settings:
        yield _check(read_parameter(setting, facts, root), scene)
    yield from _left_over(scene)


def _line(
    setting: Setting, status: Status, running: str | None = None, source: str | None = None, hint: str | None = None
) -> Check:
    return Check(f"kernel:{setting.key}", status, setting.value, running, source, hint)


def _check(parameter: Parameter, scene: KernelScene) -> Check:
    setting, running, last = parameter.setting, parameter.running, parameter.option
    if parameter.in_force:
        set_by = last.source if last is not None and same_value(last.value, running or "") else "default"
        return _line(setting, Status.OK, running, set_by, WRITABLE if parameter.writable else None)
    ours = {str(m.path) for m in scene.generation.managed}
    others = last is not None and last.source.rpartition(":")[0] not in ours
    if last is not None and others and not same_value(setting.value, last.value):
        hint = f"remove {last.key}={last.value} there, or keep it: sudo rdna-installer apply --unset {setting.key}"
        return _line(setting, Status.MISMATCH, running, last.source, hint)
    if not parameter.readable:
        return _roots_answer(setting, scene)
    if scene.fresh:
        source = last.source if last else None
        return _line(setting, Status.PENDING_REBOOT, running, source, "takes effect after a reboot")
    return _absent(parameter) if running is None else _differs(parameter, scene.facts)


def _absent(parameter: Parameter) -> Check:
    if not parameter.loaded:
        return _line(parameter.setting, Status.UNKNOWN, hint=f"load the module: sudo modprobe {parameter.module}")
    hint = f"no such parameter here; leave it out: sudo rdna-installer apply --unset {parameter.setting.key}"
    return _line(parameter.setting, Status.FAILED, None, GONE, hint)


def _differs(parameter: Parameter, facts: HostFacts) -> Check:
    """Nobody else's file says otherwise, we have booted since, and the value is another one."""
    setting, running, last = parameter.setting, parameter.running, parameter.option
    if last is None:
        hint = "no file sets it any more; write it again as the line of the file says, then reboot"
        return _line(setting, Status.MISMATCH, running, "default", hint)
    inside = facts.amdgpu.in_initramfs if parameter.module == "amdgpu" else None
    if inside is False:
        hint = f"{last.source} is right, but the value was given by hand, at load or later; reboot, then look again"
        return _line(setting, Status.MISMATCH, running, "set by hand", hint)
    if parameter.writable:
        why = "changed while the system ran, or the boot image is old"
        hint = f"reboot, then look again: {last.source} is right, {why}"
        return _line(setting, Status.MISMATCH, running, f"set at run time, or {STALE}", hint)
    rebuild = REBUILD.get(facts.initramfs.tool, "as your distribution does")
    hint = f"{last.source} is right, the boot image has older options; rebuild it, then reboot: {rebuild}"
    return _line(setting, Status.FAILED, running, STALE if inside else f"probably a {STALE}", hint)


def _roots_answer(setting: Setting, scene: KernelScene) -> Check:
    """Only root may read the value: what root saw in this boot; else pending (written since) or unknown."""
    seen = read_result(scene.generation, scene.facts, scene.root).get(f"kernel:{setting.key}")
    if seen is not None and seen.wanted == setting.value and seen.running is not None:
        return replace(seen, hint=" ".join(filter(None, [seen.hint, "(seen by root's last verify)"])))
    if scene.fresh:
        return _line(setting, Status.PENDING_REBOOT, hint="takes effect after a reboot")
    return _line(setting, Status.UNKNOWN, hint="only root may read it; look as root: sudo rdna-installer verify")


def _not_loaded(facts: HostFacts) -> Check:
    notes = [n for n in facts.modprobe_notes if n.module == "amdgpu" and n.kind in ("blacklist", "install")]
    if notes:
        source, why = notes[-1].source, f"remove the line `{notes[-1].text}`, which keeps it away"
        if HELD in source:
            why = "the trial's script was to load it; see why it did not: sudo journalctl -b -u rdna-installer-trial"
    else:
        source, why = None, "no AMD GPU, or a bad option? See why: sudo journalctl -k -b --grep amdgpu"
    return Check("kernel:amdgpu", Status.FAILED, "loaded", "not loaded", source, why)


def _left_over(scene: KernelScene) -> Iterator[Check]:
    """Options of ours that this boot began with and nobody wants any more: they run until the next."""
    if not made_this_boot(scene.facts, scene.generation):
        return
    wanted = {s.key for s in scene.generation.settings if s.layer is Layer.KERNEL}
    for setting in scene.generation.booted:
        if setting.key in wanted:
            continue
        parameter = read_parameter(setting, scene.facts, scene.root)
        if parameter.in_force or not parameter.readable:
            hint = "it was removed; the old value stays until you reboot"
            yield Check(f"kernel:{setting.key}", Status.PENDING_REBOOT, "not set", parameter.running, None, hint)


def check_images(facts: HostFacts, generation: Generation, root: Sysroot) -> Iterator[Check]:
    """A line for each image that can be read: all are looked at, for any may be what the boot menu starts next."""
    managed = kernel_files(generation)
    if not facts.live or not managed or not facts.initramfs.copies:
        return
    wanted = {m.path: m.after.digest for m in managed}
    for release, image in facts.initramfs.images.items():
        try:
            yield _check_image(f"initramfs:{release}", image, wanted, facts, root)
        except PermissionError:
            continue  # not for this reader; root's verify looks into it


def _check_image(
    line: str, image: PurePosixPath, wanted: Mapping[PurePosixPath, str | None], facts: HostFacts, root: Sysroot
) -> Check:
    try:
        found = read_image(root, image, [str(path) for path in wanted])
    except (FileNotFoundError, RdnaError) as err:
        why = err.message if isinstance(err, RdnaError) else "run it again: the image is gone"
        return Check(line, Status.UNKNOWN, AS_THEY_ARE, None, str(image), why)
    if found.squashed:
        why = "its files are in an image of their own"
        return Check(line, Status.NOT_APPLICABLE, AS_THEY_ARE, None, str(image), why)
    inside = {path: codec.digest(content) for path, content in found.files.items()}
    differs = [str(path) for path, digest in wanted.items() if inside.get(str(path)) != digest]
    if not differs:
        return Check(line, Status.OK, AS_THEY_ARE, "the same bytes inside", str(image))
    if not found.amdgpu:
        return Check(line, Status.OK, AS_THEY_ARE, "amdgpu is not inside: its own are not read", str(image))
    rebuild = REBUILD.get(facts.initramfs.tool, "as your distribution does")
    hint = f"{', '.join(differs)}: the boot image holds an old copy, and amdgpu too; rebuild it: {rebuild}"
    return Check(line, Status.FAILED, AS_THEY_ARE, "stale initramfs", str(image), hint)


@record(frozen=True)
class LastResult:
    """What root's last ``verify`` found, and the boot it looked at."""

    report: Report
    boot_id: str | None


def leave_result(report: Report, facts: HostFacts, root: Sysroot) -> str | None:
    """Write the report for readers without root; why it could not be. As root on the running system only."""
    from rdna_installer.machine.durable import publish

    try:
        publish(root, RESULT, codec.write(LastResult(report, facts.boot_id), FORMAT))
    except (OSError, RdnaError) as err:  # a read-only or full /run, or somebody's link there: what was found stands
        return unkept(err)
    return None


def unkept(err: OSError | RdnaError) -> str:
    """What is to be said of a result that /run did not take."""
    message = err.message if isinstance(err, RdnaError) else explain(err, Exit.FAILED).message
    return f"not kept for users without root: {RESULT.parent}: {message}"


def read_result(generation: Generation, facts: HostFacts, root: Sysroot) -> Mapping[str, Check]:
    """Root's checks by id, when they were made in this boot for this generation; else nothing."""
    found = root.status(RESULT, follow=False)
    if facts.boot_id is None or found is None or found.st_uid != 0:
        return {}
    try:
        last = codec.read(LastResult, root.read_bytes(RESULT, limit=1 << 22), "verify", FORMAT)
    except (OSError, MisfitError):
        return {}  # half-made or of another version: as good as none
    if (last.boot_id, last.report.generation) != (facts.boot_id, generation.number):
        return {}
    return {check.id: check for check in last.report.checks}
