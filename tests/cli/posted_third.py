"""A third set of machines of public threads; each decision was written down before any run, by one who had not seen
what the program decides: from the facts (corrections first), the threads and what the components do.

The thread stands above each. Where it does not name a torch, a kernel or a file, one of its time is put in
("put in: …"). "doubtful:" stands where the facts do not settle a label.

Their one run: 17 of 20 right in every point. One label was mended (6800xt-renamed-1031: a profile is offered for an
error it would have, and nothing is said of the other target). Two were kinds: a wheel of AMD's own index was asked who
had built it, beside the libraries that it brings; a value for all GPUs that locks the graphics beside the card was
called superfluous.
"""

from __future__ import annotations

from posted import CEZANNE, OLD, UNIT
from posted_second import HALO_FIXED
from situations import HALO, OLDER, OVERRIDE, STOCK63, STOCK64, STOCK71, Situation, therock
from user_machines import Card, Wheel

RADEON702 = ("gfx908", "gfx90a", "gfx942", "gfx1030", "gfx1100", "gfx1101", "gfx1200", "gfx1201")
CONDA = "home/sam/miniconda3/envs/pytorch2"
CONDA_SITE = f"{CONDA}/lib/python3.9/site-packages"
# torch 2.0 for ROCm 5.4.2, installed with pip into a conda environment.
CONDA_PIP: dict[str, str | bytes] = {
    f"{CONDA}/bin/python": "nothing here could run\n",
    f"{CONDA}/conda-meta/history": "==> 2023-03-16 <==\n",
    f"{CONDA_SITE}/torch/version.py": "__version__ = '2.0.0+rocm5.4.2'\ndebug = False\ncuda = None\n"
    "hip = '5.4.22803-474e8620'\n",
    f"{CONDA_SITE}/torch-2.0.0+rocm5.4.2.dist-info/INSTALLER": "pip\n",
    **{f"{CONDA_SITE}/torch/lib/rocblas/library/TensileLibrary_lazy_{gfx}.dat": "x" for gfx in OLD},
}
POSTED_THIRD = {
    # ROCm/legacy-rocm-build#5238 (Ian-VA): MI210, "gfx1030" left over from another card: every program faults at (nil).
    # Put in: profile.d, torch, kernel.
    "mi210-leftover-1030": Situation(
        (Card(90010, 0x740F),), STOCK64, "6.8.0-71-generic", "native",
        files={"etc/profile.d/amd.sh": f"# for the RX 6600\nexport ROCM_PATH=/opt/rocm\nexport {OVERRIDE}=10.3.0\n"},
        conflicts=("/etc/profile.d/amd.sh:3",), wrong=(OVERRIDE,), says=("gfx90a",),
        never=("10.3.0 is what", "ROCM_ARCH=gfx1030"), first=f"remove-{OVERRIDE}",
    ),
    # kyuz0/amd-strix-halo-toolboxes#43 (barrrrt): Minisforum N5 Pro (HX 370, 890M), a container of llama.cpp for
    # gfx1151: 11.5.1 has 1.5 times the registers of gfx1150 (corrections A11). Put in: the compose file, kernel.
    "n5pro-890m-compose-1151": Situation(
        (Card(110500, 0x150E, integrated=True),), None, "6.17.4-2-pve", "native",
        files={"home/sam/llama/docker-compose.yml": "services:\n  llama:\n    image: kyuz0/amd-strix-halo-toolboxes\n"
               f"    environment:\n      - {OVERRIDE}=11.5.1\n"},
        wrong=(OVERRIDE,), says=("docker-compose.yml:5", "gfx1150"), never=("11.5.1 is", "11.0.0 is"),
        first=f"remove-{OVERRIDE}",
    ),
    # Comfy-Org/ComfyUI#7453 (gaalencar1): RX 5700 XT, Fedora 41; 11.0.0 is of another generation, 10.3.0 hung, no wheel
    # of pytorch.org has the card; this kernel is past 6.11. Put in: .zshrc, torch, kernel.
    "5700xt-fedora-1100": Situation(
        (Card(100100, 0x731F),), Wheel("2.6.0+rocm6.2.4", (*OLDER, "gfx1101")), "6.13.8-200.fc41.x86_64", "unusable",
        files={"home/sam/.zshrc": f"autoload -U compinit\nexport {OVERRIDE}=11.0.0\n"}, wrong=(OVERRIDE,),
        says=("~/.zshrc:2", "rocm10.1.0"), never=("10.3.0 is what", "11.0.0 is what", "whl/rocm6", "whl/rocm7"),
        first=f"remove-{OVERRIDE}",
    ),
    # NixOS/nixpkgs#207109: Ryzen 5600G, NixOS, the container of rocm/pytorch with 10.3.0 crashes: gfx90c is no RDNA 2;
    # 9.0.0, the advice there, takes the driver down with ROCm 6 (A7). Put in: the compose file, kernel.
    "5600g-nixos-compose": Situation(
        (CEZANNE,), None, "6.1.1", "experimental",
        files={"etc/os-release": "ID=nixos\nVERSION_ID=\"22.11\"\n", "etc/NIXOS": "",
               "home/sam/rocm/compose.yaml": "services:\n  torch:\n    image: rocm/pytorch:latest\n    environment:\n"
               f"      {OVERRIDE}: \"10.3.0\"\n"},
        wrong=(OVERRIDE,), says=("compose.yaml:5", "device-gfx90c"), never=("10.3.0 is", "9.0.0 is what", "9.0.12"),
        first=f"remove-{OVERRIDE}",
    ),
    # Jeffser/Alpaca#83 (snoweuph): RX 6650 XT, ollama inside a Flatpak, the number in its override file: it is right.
    # Put in: kernel.
    "6650xt-flatpak-alpaca": Situation(
        (Card(100302, 0x73EF),), None, "6.8.11-300.fc40.x86_64", "works",
        files={"home/sam/.local/share/flatpak/overrides/com.jeffser.Alpaca": f"[Environment]\n{OVERRIDE}=10.3.0\n"},
        never=("take HSA_OVERRIDE", "another family", "Conflicts"),
    ),
    # IBM/text-generation-inference#45 (maxdebayser): only the graphics of a Ryzen 7 7700X (gfx1036): 10.3.0 is what it
    # needs, and is set. Put in: torch of March 2024, .bashrc, kernel.
    "7700x-graphics-alone": Situation(
        (Card(100306, 0x164E, integrated=True),), Wheel("2.2.1+rocm5.7", (*OLD, "gfx1100")), "6.5.0-21-generic",
        "works",
        files={"home/sam/.bashrc": f"export {OVERRIDE}=10.3.0\n"}, python={OVERRIDE: "10.3.0"},
        says=("gfx1036",), never=("Conflicts", "another family", "10.3.6 is"),
    ),
    # 1bit-MONSTER/1bit-MONSTER#251 and PrismML-Eng/Bonsai-demo#90: Strix Halo, Ubuntu 26.04, kernel 7.0 (their #1): the
    # chip's own number, set for all: superfluous and no more. Put in: torch; profile.d is the second thread's plan.
    "strixhalo-own-number": Situation(
        (HALO,), STOCK71, "7.0.0-27-generic", "native",
        files={"etc/profile.d/rocm-strix-halo.sh": f"export {OVERRIDE}=11.5.1\nexport HSA_ENABLE_SDMA=0\n"
               "export ROCBLAS_USE_HIPBLASLT=1\n", "proc/meminfo": "MemTotal:       131072000 kB\n"},
        useless=(OVERRIDE,), says=("/etc/profile.d/rocm-strix-halo.sh:1",),
        never=("cwsr_enable=0 is needed", "Conflicts"), first="nothing",
    ),
    # ROCm/TheRock#8232: RX 7900 XTX by OCuLink beside an Intel processor, Ubuntu 24.04; runpm=0 brought it back and is
    # to stay. The kernel is in the range of RDNA 3's page faults (B16). Put in: torch.
    "7900xtx-oculink-runpm": Situation(
        (Card(110000, 0x744C),), STOCK71, "7.0.0-31-generic", "native", cmdline="amdgpu.runpm=0",
        says=("6.18.3 to 7.0",), never=("hipBLASLt", "cwsr_enable=0 is needed"), first="nothing",
    ),
    # invoke-ai/InvokeAI#7977 (gcolds): Radeon VII; the image called rocm has the CUDA torch. ROCm 6.3 is the last with
    # gfx906 in rocBLAS. Put in: kernel; the environment is seen from inside.
    "radeonvii-invokeai-cuda": Situation(
        (Card(90006, 0x66AF),), Wheel("2.6.0+cu124", (), more="cuda = '12.4'\nhip = None\n"), "6.12.25-amd64",
        "unusable", files={".dockerenv": ""}, says=("CUDA", "gfx906", "whl/rocm6.3", "container (docker)"),
        never=("whl/rocm6.4", "whl/rocm7", "9.0.6"),
    ),
    # likelovewant/ollama-for-amd#101: RX 9060 XT and RX 6700 XT, Ubuntu 24.04, only ollama. _N counts KFD nodes: _1 is
    # the RX 9060 XT, which needs none, and _0 the processor. Put in: kernel.
    # doubtful: works or native; _0 wrong or superfluous (as in 6600-per-node-0, where it was needed elsewhere).
    "9060xt-6700xt-per-node": Situation(
        (Card(120000, 0x7590, 1), Card(100301, 0x73DF, 2)), None, "6.14.0-29-generic", "works",
        files={UNIT: f'[Service]\nEnvironment="{OVERRIDE}_0=12.0.0"\nEnvironment="{OVERRIDE}_1=10.3.0"\n'},
        wrong=(f"{OVERRIDE}_0", f"{OVERRIDE}_1"), says=(f"/{UNIT}:3",),
    ),
    # pytorch/pytorch#96964 (hexpayload): RX 7900 XTX, conda with pip's torch 2.0.0: gfx1100 is in no wheel before 2.1;
    # no number of RDNA 2 helps. Put in: kernel.
    "7900xtx-conda-torch20": Situation(
        (Card(110000, 0x744C),), None, "6.1.0-1033-oem", "unusable", files=CONDA_PIP, says=("gfx1100",),
        never=("10.3.0 is what", "11.0.0 is", "built for the CPU"),
    ),
    # AUTOMATIC1111/stable-diffusion-webui#13534 (CrashTD): RX 7800 XT with 11.0.1, the chip's own number, where this
    # torch has gfx1100 alone: it never worked until 11.0.0. Put in: .bashrc, torch, kernel.
    # doubtful: wrong, for it keeps the value that is needed from being seen; a judge of values alone calls it useless.
    "7800xt-own-number": Situation(
        (Card(110001, 0x747E),), Wheel("2.1.0+rocm5.6", (*OLD, "gfx1100")), "6.5.5-arch1-1", "works",
        files={"home/sam/.bashrc": f"export {OVERRIDE}=11.0.1\n"}, python={OVERRIDE: "11.0.0"},
        conflicts=("~/.bashrc:1",), wrong=(OVERRIDE,), says=("gfx1101",), never=("another family",),
        first=f"remove-{OVERRIDE}",
    ),
    # brknsoul/ROCmLibs#1 (CS1o): for an RX 6500 XT on Linux "10.3.0 or 10.3.2": no wheel has gfx1032 either. Put in:
    # environment.d, torch, kernel.
    "6500xt-1032": Situation(
        (Card(100304, 0x743F),), Wheel("2.5.1+rocm6.2", OLDER), "6.8.0-49-generic", "works",
        files={"home/sam/.config/environment.d/gpu.conf": f"{OVERRIDE}=10.3.2\n"}, python={OVERRIDE: "10.3.0"},
        conflicts=("~/.config/environment.d/gpu.conf:1",), wrong=(OVERRIDE,), says=("gpu.conf:1",),
        never=("another family", "10.3.2 is what"), first=f"remove-{OVERRIDE}",
    ),
    # AlphaMine-Tech/alpha-miner#6: RX 6800 XT beside NVIDIA's, Ubuntu 22.04; 10.3.1, which that miner's backend wants,
    # renames a gfx1030 to what no torch wheel has. Put in: /etc/environment, torch, kernel.
    "6800xt-renamed-1031": Situation(
        (Card(100300, 0x73BF),), STOCK63, "6.8.0-111-generic", "native",
        files={"etc/environment": f"{OVERRIDE}=10.3.1\n"}, conflicts=("/etc/environment:1",), wrong=(OVERRIDE,),
        says=("gfx1030", "/etc/environment:1"), never=("10.3.1 is what",),
        first=f"remove-{OVERRIDE}",
    ),
    # ROCm/legacy-rocm-build#6143 (ThomasKorimort): EVO-X2 (Strix Halo), Debian 13, kernel 6.12: from 6.12.107 on it has
    # the fix, and the KFD shows it (A5). Put in: that kernel, torch in a venv.
    "evo-x2-trixie-612": Situation(
        (HALO,), STOCK71, "6.12.107+deb13-amd64", "native",
        files={"etc/os-release": 'ID=debian\nVERSION_ID="13"\n', "proc/meminfo": "MemTotal:       131072000 kB\n",
               "sys/class/kfd/kfd/topology/nodes/1/properties": HALO_FIXED},
        never=("cwsr_enable=0 is needed", "11.0.0 is"), first="nothing",
    ),
    # Comfy-Org/ComfyUI#10369 (druidican): RX 9070 XT, Ubuntu 24.04.3, AMD's wheel for ROCm 7.0.2: no over-read there
    # (A1), and no reason to leave for 7.2.
    "9070xt-rocm702": Situation(
        (Card(120001, 0x7550),), Wheel("2.8.0+rocm7.0.2.lw.git245bf6ed", RADEON702), "6.14.0-34-generic", "native",
        never=("hipBLASLt", "whl/rocm7.2", "cwsr_enable=0 is needed"), first="nothing",
    ),
    # ROCm/legacy-rocm-build#6625 (DanCaldwell3D): RX 9070 XT, faults in backward(): hipBLASLt of 7.2 to 10.0. Put in:
    # AMD's torch for ROCm 10.0, kernel.
    "9070xt-rocm100-backward": Situation(
        (Card(120001, 0x7550),), therock("2.13.0+rocm10.0.0", "gfx1201"), "6.17.0-24-generic", "native",
        says=("hipBLASLt", "rocm10.1.0", "ROCBLAS_USE_HIPBLASLT=0"), never=("whl/rocm7.2",), first="nothing",
    ),
    # pytorch/pytorch#73534: V1605B (Raven, gfx902), Ubuntu 18.04: no wheel ever had it. Put in: the version, kernel.
    # doubtful: what is said of gfx902, of which the facts have nothing; that no kernel runs is certain.
    "v1605b-bionic": Situation(
        (Card(90002, 0x15DD, integrated=True),), Wheel("1.10.2+rocm4.2", ("gfx900", "gfx906", "gfx908")),
        "5.4.0-100-generic", "unusable", says=("gfx902",), never=("9.0.0 is what", "10.3.0 is", "device-gfx90c"),
    ),
    # NixOS/nixos-hardware#1240 (pinage404): Framework 16, RX 7700S and 780M, NixOS 24.11: 11.0.2 is the card's own
    # number, and renames the graphics beside it, where it locks the machine. The unit is what that option generates.
    # doubtful: he says that it works; which of the two files is named.
    "7700s-780m-nixos": Situation(
        (Card(110002, 0x7480, 1), Card(110003, 0x15BF, integrated=True)), None, "6.6.72", "native",
        files={"etc/os-release": "ID=nixos\nVERSION_ID=\"24.11\"\n", "etc/NIXOS": "",
               "etc/nixos/configuration.nix": "{ pkgs, ... }:\n{\n  services.ollama.enable = true;\n"
               '  services.ollama.acceleration = "rocm";\n  services.ollama.rocmOverrideGfx = "11.0.2";\n}\n',
               "etc/systemd/system/ollama.service": "[Unit]\nDescription=Server for local large language models\n\n"
               f'[Service]\nEnvironment="{OVERRIDE}=11.0.2"\nExecStart=/nix/store/x-ollama/bin/ollama serve\n'},
        wrong=(OVERRIDE,), says=("gfx1103",), never=("11.0.2 is what", "11.0.0 is"), first=f"remove-{OVERRIDE}",
    ),
    # lllyasviel/Fooocus#1079 (wocif): RX 590, Mint 21.2, 10.3.0 from the howto for RDNA 2: rocminfo shows the
    # number, the card stays a Polaris. Put in: .bash_profile, torch, kernel.
    "rx590-mint-fooocus": Situation(
        (Card(80003, 0x67DF),), Wheel("2.1.1+rocm5.6", (*OLD, "gfx1100")), "5.15.0-91-generic", "unusable",
        files={"home/sam/.bash_profile": f"export HCC_AMDGPU_TARGET=gfx1030\nexport {OVERRIDE}=10.3.0\n"},
        wrong=(OVERRIDE,), says=("~/.bash_profile:2", "gfx803_rocm", "Vulkan"),
        never=("10.3.0 is what", "rocm52-spoof"), first=f"remove-{OVERRIDE}",
    ),
}  # fmt: skip
assert len(POSTED_THIRD) == 20
