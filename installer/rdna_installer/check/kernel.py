"""Wanted kernel parameters against the running ones, and who set the running value."""

from __future__ import annotations

from collections.abc import Iterator

from rdna_installer.amd.values import same_value
from rdna_installer.check.boot import made_this_boot, written_this_boot
from rdna_installer.check.lastresult import read_result
from rdna_installer.check.parameters import Parameter, read_parameter
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, HostFacts, InitramfsTool, Layer, ModprobeOption, Setting, Status
from rdna_installer.record import record, replace

STALE = "stale initramfs"
GONE = "the running kernel"  # the source of a check whose parameter is in no module any more
WRITABLE = "it can be written at run time: the running value does not prove what the boot has set"
NOT_LIVE = "not the running system: only its own boot can show this"
HELD = "/rdna-installer-trial.conf"
REBUILD = {
    InitramfsTool.INITRAMFS_TOOLS: "`sudo update-initramfs -u -k all`",
    InitramfsTool.DRACUT: "`sudo dracut --force --regenerate-all`",
    InitramfsTool.MKINITCPIO: "`sudo mkinitcpio -P`",
}


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
        return _in_force(parameter)
    if last is not None and not _is_ours(last, scene.generation) and not same_value(setting.value, last.value):
        hint = f"{last.key}={last.value} there wins over ours: remove it, or `apply --unset {setting.key}`"
        return _line(setting, Status.MISMATCH, running, last.source, hint)
    if not parameter.readable:
        return _roots_answer(setting, scene)
    if scene.fresh:
        return _line(setting, Status.PENDING_REBOOT, running, _source(last), "takes effect at the next boot: reboot")
    return _after_boot(parameter, scene.facts)


def _in_force(parameter: Parameter) -> Check:
    last, running = parameter.option, parameter.running or ""
    source = last.source if last is not None and same_value(last.value, running) else "default"
    return _line(parameter.setting, Status.OK, running, source, WRITABLE if parameter.writable else None)


def _after_boot(parameter: Parameter, facts: HostFacts) -> Check:
    """Not in force although we have booted since, and nobody else's file is the reason."""
    if parameter.running is None:
        return _absent(parameter)
    if parameter.option is None:
        hint = "no file sets it any more: `rdna-installer apply` writes ours again, then reboot"
        return _line(parameter.setting, Status.MISMATCH, parameter.running, "default", hint)
    return _differs(parameter, parameter.option, facts)


def _absent(parameter: Parameter) -> Check:
    if not parameter.loaded:
        return _line(parameter.setting, Status.UNKNOWN, hint=f"the module {parameter.module} is not loaded")
    hint = f"the running kernel's {parameter.module} has no such parameter: it is ignored; `apply --unset` drops it"
    return _line(parameter.setting, Status.FAILED, None, GONE, hint)


def _differs(parameter: Parameter, last: ModprobeOption, facts: HostFacts) -> Check:
    """Every file says what we want, we have booted since, and the value is another one."""
    setting, running = parameter.setting, parameter.running
    inside = facts.amdgpu.in_initramfs if parameter.module == "amdgpu" else None
    if inside is False:
        hint = f"{last.source} is right, but the value was given by hand, at load or later: reboot, then look again"
        return _line(setting, Status.MISMATCH, running, "set by hand", hint)
    if parameter.writable:
        hint = (
            f"{last.source} is right: it was written at run time, or the boot image is stale. Reboot, then look again"
        )
        return _line(setting, Status.MISMATCH, running, f"set at run time, or {STALE}", hint)
    rebuild = REBUILD.get(facts.initramfs.tool, "rebuild the initramfs")
    hint = f"{last.source} is right, the boot image has older options: {rebuild}, then reboot"
    return _line(setting, Status.FAILED, running, STALE if inside else f"probably a {STALE}", hint)


def _roots_answer(setting: Setting, scene: KernelScene) -> Check:
    """Only root may read the value: what root saw in this boot; else pending (written since) or unknown."""
    seen = read_result(scene.generation, scene.facts, scene.root).get(f"kernel:{setting.key}")
    if seen is not None and seen.wanted == setting.value and seen.running is not None:
        return replace(seen, hint=" ".join(filter(None, [seen.hint, "(seen by root's last verify)"])))
    if scene.fresh:
        return _line(setting, Status.PENDING_REBOOT, hint="takes effect at the next boot: reboot")
    return _line(setting, Status.UNKNOWN, hint="only root may read it: `sudo rdna-installer verify`")


def _not_loaded(facts: HostFacts) -> Check:
    notes = [n for n in facts.modprobe_notes if n.module == "amdgpu" and n.kind in ("blacklist", "install")]
    if notes:
        source, why = notes[-1].source, f"`{notes[-1].text}` keeps it away"
        if HELD in source:
            why = (
                "the trial's script was to load it: `journalctl -b -u rdna-installer-trial` and `-k` say what happened"
            )
    else:
        source, why = None, "`journalctl -k -b --grep amdgpu` says why (no AMD GPU? a bad option?)"
    return Check("kernel:amdgpu", Status.FAILED, "loaded", "not loaded", source, why)


def _is_ours(option: ModprobeOption, generation: Generation) -> bool:
    return option.source.rpartition(":")[0] in {str(m.path) for m in generation.managed}


def _source(option: ModprobeOption | None) -> str | None:
    return option.source if option else None


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
            hint = "it was taken away in this boot and runs until the next: reboot"
            yield Check(f"kernel:{setting.key}", Status.PENDING_REBOOT, "not set", parameter.running, None, hint)
