"""What kind of system this is, as far as it decides what can be set here and what elsewhere. Pure.

Where /etc/modprobe.d is the wrong place for kernel options they are refused, with the snippet to use there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdna_installer.errors import RdnaError
from rdna_installer.model import HostFacts, Layer, Setting
from rdna_installer.printable import Lines, printable

WSL = (
    "this is WSL: no kernel driver of the GPU is here (no KFD, by design), it is reached through Windows (/dev/dxg). It"
    " takes AMD's driver in Windows, librocdxg here, and before ROCm 7.13 HSA_ENABLE_DXG_DETECTION=1; of this program"
    " only the Python settings act here [https://github.com/ROCm/librocdxg/issues/34]"
)
HOST = (
    "kernel, driver and firmware are the host's, so kernel options are set on the host. It has to pass the devices and"
    " their group in: --device /dev/kfd --device /dev/dri --group-add (the number of the host's group render)"
)
IMAGES = {
    "steamos": "SteamOS is immutable: what is written outside /home does not survive its updates, and kernel options"
    " are not ours to set there. The Python settings in your home stay: use those",
    "rpm-ostree": "this system is immutable (rpm-ostree): kernel options are set with `rpm-ostree kargs`, not in"
    " /etc/modprobe.d; PyTorch belongs into an environment (venv) in your home or a container (distrobox)",
    "bootc": "this system is an immutable image (bootc): kernel options belong into the image build; PyTorch belongs"
    " into an environment (venv) in your home or a container",
    "nixos": "NixOS is built from its configuration: kernel options belong into boot.kernelParams",
    "uki": "the kernel boots from one signed file (unified kernel image): options belong into the command line it is"
    " built with",
}
KNOWN = {
    "steamos": "SteamOS is immutable, and its updates replace what is written to /etc/modprobe.d and the boot images",
    "rpm-ostree": "this system's files come from an rpm-ostree image, and its boot images are not built here",
    "nixos": "NixOS generates /etc/modprobe.d from its configuration",
    "bootc": "this system is a bootc image: kernel arguments belong into the image build",
    "uki": "the kernel boots from a unified image that cannot be rebuilt here",
}


NO_OPTION = "no kernel option acts on the GPU here: leave --gtt-size and kernel keys out, or --layer python"


def surroundings(facts: HostFacts) -> Iterator[tuple[str, str]]:
    """(kind, sentence) of each thing about this system that its owner should know."""
    if facts.wsl:
        yield "wsl", WSL
    if facts.immutable in IMAGES:
        yield facts.immutable or "", IMAGES[facts.immutable or ""]
    if facts.container is not None:
        yield "container", f"this is a container ({facts.container}): {HOST}"


def refuse_kernel_layer(facts: HostFacts, settings: Iterable[Setting]) -> RdnaError | None:
    """Why kernel options cannot be installed by modprobe.d on this machine, or None. Pure."""
    words = [_boot_word(s) for s in settings if s.layer is Layer.KERNEL]
    if not words:
        return None
    if facts.wsl:
        return _refused("wsl", "this is WSL, whose kernel is Microsoft's and has no amdgpu", NO_OPTION)
    if facts.container is not None:
        why = f"this is a container ({facts.container}): the kernel is its host's"
        return _refused("container", why, "on the host: " + _cmdline(words))
    if facts.immutable is not None:
        why = KNOWN.get(facts.immutable, f"this is {facts.immutable}: its /etc/modprobe.d is managed by the system")
        return _refused(facts.immutable, why, _snippet(facts.immutable, words))
    if facts.amdgpu.builtin or _running_is_builtin(facts):
        return _refused("builtin", "amdgpu is built into this kernel: modprobe.d has no effect on it", _cmdline(words))
    return None


def _refused(what: str, why: str, snippet: str) -> RdnaError:
    return RdnaError(f"kernel-layer-{what}", f"kernel options cannot be installed by this program: {why}", hint=snippet)


def _running_is_builtin(facts: HostFacts) -> bool:
    """The running kernel, or below a root every kernel, has amdgpu built in."""
    mine = [k for k in facts.kernels if facts.running_kernel in (None, k.release)]
    return bool(mine) and all(k.amdgpu == "builtin" for k in mine)


def _boot_word(setting: Setting) -> str:
    from rdna_installer.parameter import split  # detect only describes: it has no setting to spell

    module, name = split(setting.key)
    value = f'"{setting.value}"' if " " in setting.value else setting.value
    return f"{module}.{name}={value}"


def _snippet(what: str, settings: list[str]) -> Lines:
    words = [printable(word) for word in settings]
    if what == "rpm-ostree":
        return Lines("sudo rpm-ostree kargs " + " ".join(f"--append-if-missing={word}" for word in words))
    if what == "nixos":
        listed = " ".join(f'"{word}"' for word in (w.replace('"', '\\"') for w in words))
        return Lines(f"in configuration.nix: boot.kernelParams = [ {listed} ];\nthen: sudo nixos-rebuild boot")
    if what == "bootc":
        listed = ", ".join(f"'{word}'" for word in words)
        return Lines(f"in the image build, /usr/lib/bootc/kargs.d/50-amdgpu.toml:\nkargs = [{listed}]")
    return _cmdline(words)


def _cmdline(words: list[str]) -> Lines:
    text = " ".join(words)
    return Lines(
        f"put this on the kernel command line: {text}\n"
        f"GRUB: append it to GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, then run update-grub (or grub-mkconfig)\n"
        f"systemd-boot: append it to /etc/kernel/cmdline or the entry's options line, then run kernel-install add-all"
    )
