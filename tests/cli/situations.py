"""Machines out of public threads, rebuilt small: what is in them, and what an expert decides about each."""

from __future__ import annotations

from dataclasses import dataclass, field

from user_machines import Card, Wheel

OLDER = ("gfx900", "gfx906", "gfx908", "gfx90a", "gfx942", "gfx1030", "gfx1100")
STOCK63 = Wheel("2.7.1+rocm6.3", (*OLDER, "gfx1101", "gfx1102", "gfx1200", "gfx1201"))
STOCK64 = Wheel("2.9.1+rocm6.4", STOCK63.kernels)
STOCK71 = Wheel("2.10.0+rocm7.1", (*STOCK63.kernels, "gfx950", "gfx1150", "gfx1151"))
OVERRIDE = "HSA_OVERRIDE_GFX_VERSION"


def therock(version: str, gfx: str) -> Wheel:
    return Wheel(version, (gfx,), therock=True, more=f"rocm = {version.partition('+rocm')[2]!r}\n")


@dataclass(frozen=True)
class Situation:
    """A machine and the decisions. ``files``: text or bytes by path.

    ``wrong``: keys of values that do harm, and must be named.

    ``wheel`` None: no torch is there; ``verdict`` error: no plan can be made, and ``says`` stands in what is said then.
    ``useless``: keys said to be superfluous. ``says``: words that plan or advise must have; ``never``: words none has.
    """

    cards: tuple[Card, ...]
    wheel: Wheel | None
    release: str
    verdict: str
    cmdline: str = ""
    files: dict[str, str | bytes] = field(default_factory=dict)
    python: dict[str, str] = field(default_factory=dict)
    kernel: dict[str, str] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    useless: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    first: str | None = None  # id of advise's first way


TRITON = {"AMDGCN_USE_BUFFER_OPS": "0", "TORCH_DISABLE_NATIVE_JIT": "1"}
HALO = Card(110501, 0x1586, integrated=True)
SITUATIONS = {
    "780m-arch-xanmod-cwsr": Situation(
        (Card(110003, 0x15BF, integrated=True),), STOCK71, "6.18.8-x64v3-xanmod1-1", "unusable",
        cmdline="amdgpu.gpu_recovery=1 amdgpu.gttsize=24576 ttm.pages_limit=6291456",
        files={"home/sam/.config/fish/config.fish": f"set -gx {OVERRIDE} 11.0.0\n"},
        kernel={"cwsr_enable": "0"}, wrong=(OVERRIDE,), useless=("gttsize", "gpu_recovery"),
        says=("deprecated for ttm.pages_limit", "device-gfx1103"), never=("whl/rocm7.2",), first=f"remove-{OVERRIDE}",
    ),
    "7900xt-6600-per-node": Situation(
        (Card(110000, 0x744C, 1), Card(100302, 0x73FF, 2)), STOCK64, "6.16.10-arch1-1", "works",
        files={"home/sam/.config/environment.d/rocm.conf": f"{OVERRIDE}_1=11.0.0\n{OVERRIDE}_2=10.3.0\n"},
        python={f"{OVERRIDE}_2": "10.3.0"}, useless=(f"{OVERRIDE}_1",), first="nothing",
    ),
    "bc250-fedora": Situation(
        (Card(100103, 0x13FE, integrated=True),), STOCK63, "6.17.9-300.fc43.x86_64", "unusable",
        cmdline="amdgpu.sg_display=0 ttm.pages_limit=3959290 mitigations=off",
        files={"etc/environment": f"{OVERRIDE}=10.1.0\n"}, useless=(OVERRIDE,),
        says=("6.17.8 to 6.17.10", "IOMMU", "device-gfx1010", "Vulkan"), never=("decide for gfx1013",),
        first="rdna1-bc250-wheel",
    ),
    "bc250-therock-gfx1010": Situation(
        (Card(100103, 0x13FE, integrated=True),), therock("2.12.0+rocm7.14.0", "gfx1010"), "6.11.10-300.fc41.x86_64",
        "experimental", python={OVERRIDE: "10.1.0", **TRITON}, says=("before 6.12", "freeze"), first="apply",
    ),
    "debian860m-llamacpp-1150spoof": Situation(
        (Card(110502, 0x1114, integrated=True),), STOCK71, "6.17.13+deb13-amd64", "unusable",
        files={"home/sam/.zshrc": f"export {OVERRIDE}=11.5.0\n"}, kernel={"cwsr_enable": "0"},
        says=("device-gfx1152", "11.5.0", "A stopgap"), never=("11.0.0 ",), first="rdna35-therock",
    ),
    "mi50-ubuntu-unsloth": Situation(
        (Card(90006, 0x66A1),), STOCK63, "6.14.0-37-generic", "works",
        files={"etc/modprobe.d/amdgpu.conf": "options amdgpu gpu_recovery=1 ppfeaturemask=0xffffffff\n"},
        useless=("ppfeaturemask", "gpu_recovery"), says=("/etc/modprobe.d/amdgpu.conf:1", "unlocks overdrive"),
        first="nothing",
    ),
    "mint840m-adddgpu-rocm10": Situation(
        (Card(110502, 0x1114, integrated=True),), therock("2.13.0+rocm10.0.0", "gfx1152"), "7.0.0-31-generic",
        "experimental", says=("rocminfo", "TheRock#7952", "rdna-installer probe"), first="probe",
    ),
    "r9070xt-rocm64-cachyos": Situation(
        (Card(120001, 0x7550),), STOCK64, "6.17.9-2-cachyos", "native",
        cmdline="amdgpu.ppfeaturemask=0xffffffff",
        files={"home/sam/.config/fish/config.fish": f"set -x LANG C\nset -gx {OVERRIDE} 11.0.0\n"},
        conflicts=("~/.config/fish/config.fish:2",), wrong=(OVERRIDE,), useless=("ppfeaturemask",),
        never=("whl/rocm7.2", "hipBLASLt"), first=f"remove-{OVERRIDE}",
    ),
    "rx5600xt-ubuntu2604-therock": Situation(
        (Card(100100, 0x731F),), therock("2.11.0+rocm7.15.0a20260728", "gfx1010"), "7.0.0-22-generic", "unusable",
        python=TRITON, says=("every kernel launch fails", "TheRock/issues/7472", "rocm10.1.0"), first="rdna1-rocm101",
    ),
    "rx5700-manjaro-distro": Situation(
        (Card(100100, 0x731F),), Wheel("2.7.1", ("gfx1010", "gfx1030"), more="hip = '6.4.43483'\n", distribution=True),
        "6.12.37-1-MANJARO", "works", files={"home/sam/.bashrc": f"#\nexport {OVERRIDE}=10.1.0\n"}, useless=(OVERRIDE,),
        never=("Conflicts",),
    ),
    "rx5700xt-scriberr-compose": Situation(
        (Card(100100, 0x731F),), STOCK63, "6.14.0-37-generic", "unusable",
        files={"etc/environment": f"#\n{OVERRIDE}=10.3.0\n"}, wrong=(OVERRIDE,),
        says=("RDNA 1 is not RDNA 2", "/etc/environment:2", "rocm10.1.0"), first=f"remove-{OVERRIDE}",
    ),
    "rx580-debian-rocm10-port": Situation(
        (Card(80003, 0x67DF),), STOCK63, "6.12.63+deb13-amd64", "unusable",
        says=("gfx803_rocm", "Schaka/rocm-gfx803", "Vulkan"), never=("ROCm 5.4",), first="gcn-vulkan",
    ),
    "rx6800xt-bazzite42": Situation(
        (Card(100300, 0x73BF),), STOCK63, "6.14.3-101.bazzite.fc42.x86_64", "native", first="nothing",
    ),
    "rx9060xt-rocm714-lora": Situation(
        (Card(120000, 0x7590),), therock("2.12.0+rocm7.14.0", "gfx1200"), "6.17.0-14-generic", "native",
        files={"home/sam/.bashrc": "export PYTORCH_NO_HIP_MEMORY_CACHING=1\n"},
        says=("hipBLASLt of ROCm 7.2 to 10.0", "a stopgap", "rocm10.1.0"), first="nothing",
    ),
    "steamdeck-comfyui": Situation(
        (Card(100303, 0x163F, integrated=True),), STOCK63, "6.11.11-valve19-1-neptune-611", "unusable",
        files={"home/sam/.bashrc": f"export {OVERRIDE}=11.0.0\n"}, wrong=(OVERRIDE,),
        says=("another family", "inference only", "device-gfx1033"), first=f"remove-{OVERRIDE}",
    ),
    "strixhalo-halogen-cmdline": Situation(
        (HALO,), STOCK71, "7.0.0-31-generic", "native",
        cmdline="amdgpu.vm_update_mode=0 amdgpu.noretry=0 amdgpu.gttsize=31744 ttm.pages_limit=8126464 "
        "amdgpu.sg_display=0 amd_iommu=off",
        wrong=("noretry", "gttsize", "ttm.pages_limit"), useless=("vm_update_mode", "amd_iommu"),
        says=("retry faults ON", "NPU", "leaves the system"), first="remove-noretry",
    ),
    "strixhalo-r9700-egpu-bashrc": Situation(
        (Card(120001, 0x7551, 7), HALO), STOCK71, "6.17.9-300.fc43.x86_64", "native",
        files={"home/sam/.bashrc": f"#\n#\nexport {OVERRIDE}=12.0.1\n"}, conflicts=("~/.bashrc:3",), wrong=(OVERRIDE,),
        says=("gfx1151",), never=("hipBLASLt",), first=f"remove-{OVERRIDE}",
    ),
    "v620x2-proxmox-unit": Situation(
        (Card(100300, 0x73A1, 1), Card(100300, 0x73A1, 2)), STOCK64, "6.17.4-1-pve", "native",
        files={"etc/systemd/system/llama.service.d/gpu.conf": f'[Service]\nEnvironment="{OVERRIDE}=10.3.0"\n'},
        useless=(OVERRIDE,), says=("/etc/systemd/system/llama.service.d/gpu.conf:2",), first="nothing",
    ),
}  # fmt: skip
