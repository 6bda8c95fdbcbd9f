"""What kind of system this is, as far as it decides what can be set here and what elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rdna_installer.model import HostFacts

DXG = "https://github.com/ROCm/librocdxg/issues/34"
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


def surroundings(facts: HostFacts) -> Iterator[tuple[str, str]]:
    """(kind, sentence) of each thing about this system that its owner should know."""
    if facts.wsl:
        yield (
            "wsl",
            (
                "this is WSL: no kernel driver of the GPU is here (no KFD, by design), it is reached through Windows"
                " (/dev/dxg). It takes AMD's driver in Windows, librocdxg here, and before ROCm 7.13"
                f" HSA_ENABLE_DXG_DETECTION=1; of this program only the Python settings act here [{DXG}]"
            ),
        )
    if facts.immutable in IMAGES:
        yield facts.immutable or "", IMAGES[facts.immutable or ""]
    if facts.container is not None:
        yield "container", f"this is a container ({facts.container}): {HOST}"
