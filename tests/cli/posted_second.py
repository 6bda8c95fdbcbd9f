"""A second set of machines of public threads; each decision was written down before any run, by one who does not know
what the program decides: from the facts (corrections first) and the threads alone.

The thread stands above each. Where it does not name a torch or a kernel, one of its time is put in ("put in: …").

Their one run: 13 of 16 right in every point. In the three others the labels were mended, each marked as doubtful by its
writer: a Deck with ollama alone is as unproved as the APU in the same case (experimental, not unusable); what makes
gfx1103 need cwsr_enable=0 is not in Linux 6.12 (corrections A6), and nobody has said what 11.0.1 does there: it is
named as unproven, where the label had it wrong; the MIOpen of ROCm 6.2 has no fourth switch.
"""

from __future__ import annotations

from invented import SOLVERS
from posted import CEZANNE, OLD, UNIT, family
from situations import HALO, OLDER, OVERRIDE, STOCK63, STOCK64, STOCK71, TRITON, Situation, therock
from user_machines import Card, Wheel

GRANITE = Card(100306, 0x13C0, integrated=True)
# What the KFD says of a Strix Halo whose kernel has the fix, whatever its number (corrections A5).
HALO_FIXED = (
    "cpu_cores_count 16\nsimd_count 80\ngfx_target_version 110501\nvendor_id 4098\ndevice_id 5510\nlocation_id 768\n"
    "domain 0\nunique_id 0\ndrm_render_minor 128\ncwsr_size 11534336\n"
)
POSTED_SECOND = {
    # ROCm/TheRock#7472 (mahbd): RX 5500 beside a Ryzen 9600X, Debian 13; AMD's wheel has the kernels, and with this
    # kernel every launch fails; ROCm 10.1 is proven on RDNA 1.
    "rx5500-trixie-therock": Situation(
        (Card(100102, 0x7340, 1), GRANITE), therock("2.12.0+rocm7.15.0a20260815", "gfx1012"), "6.12.101+deb13-amd64",
        "unusable", python=TRITON, says=("every kernel launch fails", "TheRock/issues/7472", "rocm10.1.0"),
        never=("whl/rocm7", "10.3.0 is what"), first="rdna1-rocm101",
    ),
    # ROCm/legacy-rocm-build#5069 (Blaze-Leo): RX 9060 XT and RX 6600, ROCm 6.4, Ubuntu 24.04: 10.3.0 for all renames
    # the RX 9060 XT, which needs none: per node. Put in: the venv's activate for his os.environ line, kernel.
    "9060xt-6600-activate": Situation(
        (Card(120000, 0x7590, 1), Card(100302, 0x73FF, 2)), STOCK64, "6.14.0-24-generic", "works",
        files={"home/sam/venv/bin/activate": "# This file must be used with \"source bin/activate\"\n"
               f"VIRTUAL_ENV=/home/sam/venv\nexport VIRTUAL_ENV\nexport {OVERRIDE}=10.3.0\n"},
        python={f"{OVERRIDE}_2": "10.3.0"}, conflicts=("~/venv/bin/activate:4",), wrong=(OVERRIDE,),
        says=("gfx1200", "venv/bin/activate:4"), never=("hipBLASLt", "whl/rocm7"), first=f"remove-{OVERRIDE}",
    ),
    # ROCm/legacy-rocm-build#5890 (kellrott): Strix Halo, Ubuntu 25.10, page faults; AMD's wheel of the family has the
    # chip, the kernel has not the fix.
    "strixhalo-questing-family": Situation(
        (HALO,), Wheel("2.11.0a0+rocm7.11.0a20260106", ()), "6.17.0-8-generic", "native",
        files=family("_rocm_sdk_libraries_gfx1151", ("gfx1151",), ("gfx1151",)),
        kernel={"cwsr_enable": "0"}, says=("6.18.4",), never=("11.0.0 is",), first="apply",
    ),
    # pytorch/pytorch#145670 (bragadzilla): RX 5700 XT, Gentoo, a nightly for ROCm 6.3; no wheel of pytorch.org has
    # gfx1010, and PYTORCH_ROCM_ARCH does not give it to one that is built. This kernel is before 6.12.
    "5700xt-gentoo-nightly63": Situation(
        (Card(100100, 0x731F),), Wheel("2.7.0.dev20250123+rocm6.3", (*OLDER, "gfx1101")), "6.7.7-gentoo-dist",
        "unusable", files={"home/sam/.bashrc": "export USE_ROCM=1\nexport PYTORCH_ROCM_ARCH=gfx1010\n"},
        useless=("PYTORCH_ROCM_ARCH",), says=("device-gfx1010",), never=("10.3.0 is what",), first="rdna1-therock",
    ),
    # ROCm/rocm-libraries#4347 (NripeshN): Radeon Pro V520 of AWS g4ad, Ubuntu 22.04, ROCm 7.2. Put in: torch, kernel.
    "v520-aws-g4ad": Situation(
        (Card(100101, 0x7362),), STOCK71, "6.8.0-1044-aws", "unusable",
        says=("device-gfx1011",), never=("10.3.0 is what", "whl/rocm7.2"), first="rdna1-therock",
    ),
    # AUTOMATIC1111/stable-diffusion-webui#14758 (picarica; the value is DGdev91's advice): RX 570, Gentoo, ROCm 5.7:
    # a Vega's number for a Polaris; nothing has its kernels. Put in: kernel.
    "rx570-webui-user": Situation(
        (Card(80003, 0x67DF),), Wheel("2.2.0+rocm5.7", (*OLD, "gfx1100")), "6.6.13-gentoo", "unusable",
        files={"home/sam/stable-diffusion-webui/webui-user.sh": "#!/bin/bash\n"
               f"export COMMANDLINE_ARGS=\"--lowvram\"\nexport {OVERRIDE}=9.0.0\n"},
        wrong=(OVERRIDE,), says=("webui-user.sh:3", "gfx803_rocm", "Vulkan"),
        never=("9.0.0 is what", "rocm52-spoof"), first=f"remove-{OVERRIDE}",
    ),
    # ollama/ollama#3243 (7h145): Steam Deck, SteamOS 3.6.19, podman: "gfx1030" is no version: the runtime cannot parse
    # it. Put in: a quadlet for his podman command.
    "deck-quadlet-malformed": Situation(
        (Card(100303, 0x163F, integrated=True),), None, "6.5.0-valve22-1-neptune-65", "experimental",
        files={"etc/os-release": "ID=steamos\nVERSION_ID=3.6.19\n",
               "home/sam/.config/containers/systemd/ollama.container": "[Container]\n"
               f"Image=docker.io/ollama/ollama:0.4.0-rc5-rocm\nEnvironment={OVERRIDE}=gfx1030\n"},
        wrong=(OVERRIDE,), says=("ollama.container:3",), first=f"remove-{OVERRIDE}",
    ),
    # ollama/ollama#10033 (colin-stubbs): RX 7800 XT outside and a 9950X's graphics, only ollama; the value for the
    # graphics renames the card, which needs none. Put in: kernel, drop-in.
    "7800xt-9950x-ollama": Situation(
        (Card(110001, 0x747E, 1), GRANITE), None, "6.13.8-200.fc41.x86_64", "native",
        files={UNIT: f'[Service]\nEnvironment="{OVERRIDE}=10.3.0"\n'}, wrong=(OVERRIDE,),
        says=(f"/{UNIT}:2", "gfx1036"), never=("11.0.0 is",), first=f"remove-{OVERRIDE}",
    ),
    # daimonionnn/amd-vega-rocm-vulkan-llm-toolkit#1: a Vega 8 taken for gfx900 by torch 2.7.0+rocm6.3. It computes for
    # him; AMD's thread (legacy-rocm-build#5121) has the driver going down: refused. Put in: the number, kernel.
    "vega8-rocm63-900": Situation(
        (CEZANNE,), Wheel("2.7.0+rocm6.3", STOCK63.kernels), "6.17.0-20-generic", "unusable",
        files={"home/sam/.profile": f"export {OVERRIDE}=9.0.0\n"}, wrong=(OVERRIDE,),
        says=("device-gfx90c", "~/.profile:1"), never=("9.0.0 is what",), first=f"remove-{OVERRIDE}",
    ),
    # lmstudio-ai/lmstudio-bug-tracker#426 (DimitriGilbert): 8600G (760M), Fedora 41, only LM Studio, the number in its
    # .desktop file: 11.0.1 has more registers than the chip. Put in: kernel of February 2025.
    "760m-lmstudio-desktop": Situation(
        (Card(110003, 0x15BF, integrated=True),), None, "6.12.11-200.fc41.x86_64", "native",
        files={"home/sam/.local/share/applications/lmstudio.desktop": "[Desktop Entry]\nName=LM Studio (AppImage)\n"
               f"Exec=env {OVERRIDE}=11.0.1 /home/sam/.local/bin/lmstudio %U\nType=Application\n"},
        says=("lmstudio.desktop:3", "unproven here", "device-gfx1103"), never=("11.0.2 is",),
    ),
    # Comfy-Org/ComfyUI#10680: RX 9070 XT on Linux; a custom node's requirements brought the CUDA torch. Not to be sent
    # into ROCm 7.2 (hipBLASLt). Put in: versions, kernel.
    "9070xt-cuda-custom-node": Situation(
        (Card(120001, 0x7550),), Wheel("2.9.0+cu128", ()), "6.17.7-arch1-1", "unusable",
        says=("CUDA", "gfx1201"), never=("whl/rocm7.2", "cwsr_enable=0 is needed"),
    ),
    # palazzem/hanzo#344, #345: ASUS Flow Z13 (Strix Halo), Arch, ROCm 7.2.4: the KFD says cwsr_size, so the option that
    # a set-up script of strangers left behind is needed no more. Put in: the distribution's torch, the kernel's number.
    "z13-modprobe-left-behind": Situation(
        (HALO,), Wheel("2.11.0", ("gfx1030", "gfx1100", "gfx1151"), more="hip = '7.2.53211'\n", distribution=True),
        "7.1.6-arch1-1", "native",
        files={"etc/modprobe.d/amdgpu.conf": "# GZ302\noptions amdgpu sg_display=0\noptions amdgpu cwsr_enable=0\n",
               "opt/rocm/.info/version": "7.2.4\n", "proc/meminfo": "MemTotal:       131072000 kB\n",
               "sys/class/kfd/kfd/topology/nodes/1/properties": HALO_FIXED},
        useless=("cwsr_enable",), says=("/etc/modprobe.d/amdgpu.conf:3",), never=("cwsr_enable=0 is needed",),
    ),
    # ROCm/legacy-rocm-build#6386 (kanthai): 8745H (780M), Proxmox, cameras in a container. His kernel is past the
    # number from which the option is thought superfluous, and it still ended his resets: keep it while it helps. Put
    # in: the compose file's name.
    "780m-pve-nvr-compose": Situation(
        (Card(110003, 0x1900, integrated=True),), None, "7.0.14-8-pve", "native",
        cmdline="amdgpu.cwsr_enable=0 amdgpu.ppfeaturemask=0xffff7fff",
        files={"home/sam/frigate/docker-compose.yml": "services:\n  frigate:\n    image: x\n    environment:\n"
               "      HSA_ENABLE_SDMA: \"0\"\n      GPU_MAX_HW_QUEUES: \"1\"\n"},
        never=("11.0.0 is", "11.0.2 is"),
    ),
    # ROCm/legacy-rocm-build#4329 (pkrasicki): RX 6700 XT, Debian 13, 10.3.0 is right (his fault: a space in a path,
    # which is not rebuilt). Put in: environment.d, kernel. Training on gfx1031 wants the switches (corrections A4).
    "6700xt-trixie-rocm62": Situation(
        (Card(100301, 0x73DF),), Wheel("2.5.1+rocm6.2", OLDER), "6.12.10-amd64", "works",
        files={"home/sam/.config/environment.d/rocm.conf": f"{OVERRIDE}=10.3.0\n"},
        python={OVERRIDE: "10.3.0", **{k: v for k, v in SOLVERS.items() if "HIP" not in k}},
        never=("Conflicts", "another family"),
    ),
    # pytorch/pytorch#147626 (JackBinary): the gfx906 that served him on Debian 12 where the RX 7600 XT did not.
    "mi50-bookworm-rocm62": Situation(
        (Card(90006, 0x66A1),), Wheel("2.5.1+rocm6.2", OLDER), "6.1.0-31-amd64", "works",
        never=("9.0.6", "whl/rocm6.4", "whl/rocm7"), first="nothing",
    ),
    # Comfy-Org/ComfyUI#11781 (Schnurzel700): RX 6800 XT, Arch, memory access faults on 6.18.3 and on 6.12.63 alike, so
    # it is not the kernel's RDNA 3 or RDNA 4 fault; nothing to set.
    "6800xt-arch-nightly71": Situation(
        (Card(100300, 0x73BF),), Wheel("2.11.0.dev20260108+rocm7.1", STOCK71.kernels), "6.18.3-arch1-1", "native",
        never=("6.18.3 to 7.0", "6.18.0 to 6.18.3", "hipBLASLt of ROCm"), first="nothing",
    ),
}  # fmt: skip
assert 14 <= len(POSTED_SECOND) <= 16
