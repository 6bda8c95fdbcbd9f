"""Machines nobody posted, invented as the next ones may be; each decision was written down before the first run.

The decisions follow the corrections and the sources named in the knowledge data.
"""

from __future__ import annotations

from situations import HALO, OVERRIDE, STOCK64, STOCK71, Situation, therock
from user_machines import Card, Wheel

# What is in AMD's rocBLAS of ROCm 7 (pytorch#179865): no gfx900, gfx906, gfx1103.
ROCBLAS7 = ("gfx908", "gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1150", "gfx1151",
            "gfx1200", "gfx1201")  # fmt: skip
ROCM71 = Wheel("2.10.0+rocm7.1", ROCBLAS7)
ROCM72 = Wheel("2.13.0+rocm7.2", ROCBLAS7)
SOLVERS = {f"MIOPEN_DEBUG_CONV_{name}": "0" for name in ("GEMM", "DIRECT_OCL_WRW2", "DIRECT_OCL_WRW53",
           "DIRECT_HIP_WRW53")}  # fmt: skip
OLLAMA = "etc/systemd/system/ollama.service.d/override.conf"
INVENTED = {
    # torch's own list has gfx900, the rocBLAS beside it has not: rocm6.3 or AMD's nightly; 9.0.0 is the chip itself.
    "vega56-rocm71-wheel": Situation(
        (Card(90000, 0x687F),), ROCM71, "6.8.0-88-generic", "unusable",
        files={"home/sam/.profile": f"export {OVERRIDE}=9.0.0\n"}, useless=(OVERRIDE,),
        says=("whl/rocm6.3", "device-gfx900"), never=("9.0.6", "whl/rocm7"), first="vega-older-wheel",
    ),
    # ROCm 6.4 dropped gfx906 from rocBLAS: the first matrix product aborts; 6.3 is the last. No kernel option helps.
    "radeonvii-rocm64-wheel": Situation(
        (Card(90006, 0x66AF),), Wheel("2.9.1+rocm6.4", ()), "6.14.0-37-generic", "unusable",
        says=("whl/rocm6.3", "device-gfx906"), never=("whl/rocm6.4",), first="vega-older-wheel",
    ),
    # No torch at all, ollama only: 9.0.0 takes the driver down on gfx90c. Language models by Vulkan, torch natively.
    "cezanne-ollama-only": Situation(
        (Card(90012, 0x1638, integrated=True),), None, "6.14.0-37-generic", "experimental",
        files={OLLAMA: f'[Service]\nEnvironment="{OVERRIDE}=9.0.0"\n'}, wrong=(OVERRIDE,),
        says=(f"/{OLLAMA}:2", "device-gfx90c", "Vulkan"), never=("whl/rocm6",), first=f"remove-{OVERRIDE}",
    ),
    # A distribution's torch with gfx1010 kernels: 10.1.0 for its siblings, but this kernel fails at the board's GPU.
    "bc250-arch-distro": Situation(
        (Card(100103, 0x13FE, integrated=True),), Wheel("2.9.1", ("gfx1010", "gfx1030"), more="hip = '6.4.43483'\n",
        distribution=True), "6.17.9-arch1-1", "experimental", python={OVERRIDE: "10.1.0"},
        says=("6.17.8 to 6.17.10", "freeze", "IOMMU"), never=("=10.3.0 is",), first="apply",
    ),
    # Only ollama, with the value people hand on for the 780M: it locks the machine; this kernel wants the option.
    "780m-ollama-1102": Situation(
        (Card(110003, 0x15BF, integrated=True),), None, "6.14.0-37-generic", "native",
        files={OLLAMA: f'[Service]\nEnvironment="{OVERRIDE}=11.0.2"\n'}, kernel={"cwsr_enable": "0"}, wrong=(OVERRIDE,),
        says=("locks the machine", "device-gfx1103"), never=("keep this torch",), first=f"remove-{OVERRIDE}",
    ),
    # A CPU build uses no GPU, whatever is set: AMD's wheel for the chip itself.
    "rx6400-cpu-torch": Situation(
        (Card(100304, 0x743F),), Wheel("2.9.1+cpu", ()), "6.12.63+deb13-amd64", "unusable",
        files={"home/sam/.bashrc": f"export {OVERRIDE}=10.3.0\n"},
        says=("CPU", "device-gfx1034"), never=("Conflicts",), first="rdna2-therock",
    ),
    # 11.0.0 is of another family; 10.3.0 is what this wheel needs.
    "680m-fedora-1100": Situation(
        (Card(100305, 0x1681, integrated=True),), STOCK64, "6.17.9-300.fc43.x86_64", "works",
        files={"etc/profile.d/rocm.sh": f"# for the iGPU\nexport {OVERRIDE}=11.0.0\n"},
        python={OVERRIDE: "10.3.0"}, conflicts=("/etc/profile.d/rocm.sh:2",), wrong=(OVERRIDE,),
        says=("another family",), first=f"remove-{OVERRIDE}",
    ),
    # The card is native; an override for the processor's graphics renames it. The graphics is hidden, not overridden.
    "7900xtx-raphael": Situation(
        (Card(110000, 0x744C, 1), Card(100306, 0x164E, integrated=True)), STOCK64, "6.14.0-37-generic", "native",
        files={"home/sam/.bashrc": f"export {OVERRIDE}=10.3.0\n"}, conflicts=("~/.bashrc:1",), wrong=(OVERRIDE,),
        says=("beside the card", "ROCR_VISIBLE_DEVICES", "gfx1036"), first=f"remove-{OVERRIDE}",
    ),
    # torch 2.13 has gfx1103, its rocBLAS has not; the kernel needs no option any more.
    "780m-rocm72-ubuntu2604": Situation(
        (Card(110003, 0x15BF, integrated=True),), ROCM72, "7.0.0-22-generic", "unusable",
        cmdline="amdgpu.cwsr_enable=0", useless=("cwsr_enable",),
        says=("device-gfx1103",), never=("whl/rocm7", "11.0.2"), first="rdna3-therock",
    ),
    # 11.0.0 on RDNA 3.5 with half as many registers: INVALID_ISA. The wheels from 2.10 on have the chip.
    "890m-nobara-1100": Situation(
        (Card(110500, 0x150E, integrated=True),), STOCK64, "6.17.8-200.nobara.fc42.x86_64", "unusable",
        files={"etc/environment": f"{OVERRIDE}=11.0.0\n"}, wrong=(OVERRIDE,),
        says=("INVALID_ISA", "torch>=2.10"), never=("11.5.1 is the value",), first=f"remove-{OVERRIDE}",
    ),
    # Fixed in 6.18.4: until then the option, and the way out is that kernel.
    "strixhalo-6182": Situation(
        (HALO,), ROCM71, "6.18.2-arch1-1", "native", kernel={"cwsr_enable": "0"}, says=("6.18.4",), first="apply",
    ),
    # From 6.19.10 on the option is needed no more; with this ROCm rocminfo itself was seen to fail on such kernels.
    "860m-kernel619": Situation(
        (Card(110502, 0x1114, integrated=True),), therock("2.13.0+rocm10.0.0", "gfx1152"), "6.19.12-200.fc43.x86_64",
        "experimental", cmdline="amdgpu.cwsr_enable=0", useless=("cwsr_enable",), says=("rocminfo", "TheRock#7952"),
        first="probe",
    ),
    # The stopgap is half of one, and torch 2.11 does not read it.
    "9060xt-half-a-stopgap": Situation(
        (Card(120000, 0x7590),), Wheel("2.11.0+rocm7.2", ROCBLAS7), "6.17.0-14-generic", "native",
        files={"home/sam/.bashrc": "export TORCH_BLAS_PREFER_HIPBLASLT=0\n"}, useless=("TORCH_BLAS_PREFER_HIPBLASLT",),
        says=("hipBLASLt of ROCm 7.2 to 10.0", "before 2.12", "rocm10.1.0", "ROCBLAS_USE_HIPBLASLT=0"),
        never=("whl/rocm7.2",), first="nothing",
    ),
    # The kernel hangs this card; the torch is good and stays.
    "9070xt-6182": Situation(
        (Card(120001, 0x7550),), STOCK64, "6.18.2-arch1-1", "native", says=("6.18.0 to 6.18.3", "6.18.4"),
        never=("hipBLASLt", "whl/rocm7.2"), first="nothing",
    ),
    # A known kernel for RDNA 3; said, and no more.
    "7900gre-arch-distro": Situation(
        (Card(110000, 0x744C),), Wheel("2.9.1", ("gfx1030", "gfx1100", "gfx1101"), more="hip = '7.1.52802'\n",
        distribution=True), "6.18.6-arch1-1", "native", says=("6.18.3 to 7.0", "6.17.9"), first="nothing",
    ),
    # device-all are libraries: libtorch_hip itself has no gfx1031. Not native; 10.3.0, and the solver switches.
    "6700xt-pytorch714": Situation(
        (Card(100301, 0x73DF),), Wheel("2.13.0+rocm7.14", (), more="rocm = '7.14.0'\n"), "6.17.9-arch1-1", "works",
        python={OVERRIDE: "10.3.0", **SOLVERS}, first="apply",
    ),
    # A CUDA build: nothing of AMD's runs. The wheel for RDNA 1, and what kernel it fails on before the download.
    "5700xt-cuda-torch": Situation(
        (Card(100100, 0x731F),), Wheel("2.9.1+cu128", ()), "6.14.0-37-generic", "unusable",
        says=("CUDA", "rocm10.1.0", "6.12"), first="rdna1-therock",
    ),
    # In a container kernel options are the host's.
    "6800-docker": Situation(
        (Card(100300, 0x73BF),), STOCK71, "6.14.0-37-generic", "native", cmdline="amdgpu.noretry=0",
        files={".dockerenv": ""}, wrong=("noretry",), says=("container (docker)", "--device /dev/kfd", "on the host"),
    ),
    # Steam Deck OLED: its own id, training refused, SteamOS immutable.
    "deckoled-therock": Situation(
        (Card(100303, 0x1435, integrated=True),), therock("2.13.0+rocm10.0.0", "gfx1033"),
        "6.11.11-valve24-1-neptune-611", "unusable",
        files={"etc/os-release": "ID=steamos\nVERSION_ID=3.8\n"},
        says=("SteamOS is immutable", "inference only", "Steam Deck OLED"), first="rdna2-inference-only",
    ),
    # Windows' driver decides; said to be WSL.
    "wsl2-7600": Situation(
        (), STOCK71, "6.6.87.2-microsoft-standard-WSL2", "error",
        files={"dev/dxg": "", "home/sam/.bashrc": "export HSA_ENABLE_DXG_DETECTION=1\n"},
        says=("this is WSL", "librocdxg", "HSA_ENABLE_DXG_DETECTION=1"), never=("no AMD GPU",),
    ),
    # One value for two cards renames the RDNA 1 card too: per node, or one card alone.
    "6600xt-beside-5700xt": Situation(
        (Card(100302, 0x73FF, 1), Card(100100, 0x731F, 2)), STOCK64, "6.14.0-37-generic", "unusable",
        files={"etc/environment": f"{OVERRIDE}=10.3.0\n"}, python={f"{OVERRIDE}_1": "10.3.0"}, wrong=(OVERRIDE,),
        says=("RDNA 1 is not RDNA 2", "--gpu", "rocm10.1.0"), first=f"remove-{OVERRIDE}",
    ),
}  # fmt: skip
assert len(INVENTED) >= 20
