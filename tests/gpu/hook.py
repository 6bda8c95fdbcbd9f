"""The start-up hook on a GPU: python3 tests/gpu/hook.py FOLDER (site-packages that `apply` wrote a hook into).

Needs torch with a CUDA or HIP device in this Python. An environment that sees this Python's packages gets the hook, and
Python is started there as anybody starts it: what each RDNA_CONV makes of a network, forward and backward, against
float64 on the CPU, and by whose convolutions; that another torch than ROCm's is left alone without RDNA_CONV_ANY;
that RDNA_HOOK=0 switches it off, and what the memory cap does. A line a check; exit status 1 where one fails.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

CHILD = """
import json, sys, torch
from torch import nn
from torch.profiler import ProfilerActivity, profile
torch.manual_seed(0)
torch.backends.cudnn.allow_tf32 = False
net = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 8, 3, 2, 1, groups=4),
                    nn.ConvTranspose2d(8, 4, 4, 2, 1), nn.Conv2d(4, 4, 1))
given = torch.randn(2, 3, 33, 32)
def grads(device, dtype):
    here = net.to(device, dtype)
    here.zero_grad()
    x = given.to(device, dtype).requires_grad_()
    out = here(x)
    out.square().mean().backward()
    return [t.detach().double().cpu() for t in (out, x.grad, *(p.grad for p in here.parameters()))]
wanted = grads("cpu", torch.float64)
with profile(activities=[ProfilerActivity.CPU]) as seen:
    found = grads("cuda", torch.float32)
    torch.cuda.synchronize()
off = max(((a - b).norm() / b.norm()).item() for a, b in zip(found, wanted))
vendor = sorted({e.key for e in seen.key_averages() if e.key in ("aten::cudnn_convolution", "aten::miopen_convolution",
                 "aten::cudnn_convolution_transpose", "aten::miopen_convolution_transpose")})
try:
    torch.empty(1 << 33, dtype=torch.uint8, device="cuda")
    room = True
except torch.cuda.OutOfMemoryError:
    room = False
print(json.dumps({"off": off, "vendor": vendor, "room": room, "hook": "_rdna_hook" in sys.modules}))
"""
STRATEGIES = ("native", "no-miopen", "gemm", "cpu")


def child(python: Path, **env: str) -> tuple[dict[str, object], str]:
    """What it found, and what was said beside it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RDNA_")}
    done = subprocess.run(
        [python, "-c", CHILD], env={**clean, **env}, capture_output=True, text=True, timeout=180, check=False
    )
    if done.returncode:
        raise SystemExit(f"{env}: ended with {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout), done.stderr


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("applied", type=Path, metavar="FOLDER")
    applied = parser.parse_args().applied
    failed = 0

    def check(name: str, right: bool, found: object) -> None:
        nonlocal failed
        failed += not right
        print(f"{name:45} {'passed' if right else 'FAILED'}  {found}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, system_site_packages=True)
        python = Path(folder, "bin/python")
        (place,) = Path(folder).glob("lib/python3*/site-packages")
        beside = Path(next(p for p in map(Path, sys.path) if (p / "torch").is_dir()))
        (place / "beside.pth").write_text(f"{beside}\n")  # where this Python is itself of an environment
        bare, _ = child(python)
        check("without a hook: the vendor's convolutions", bool(bare["vendor"]) and not bare["hook"], bare)
        for name in ("rdna_hook.pth", "_rdna_hook"):
            source = applied / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, place / name)
        for strategy in STRATEGIES:
            found, said = child(python, RDNA_CONV=strategy, RDNA_CONV_ANY="1")
            own = strategy == "native" or not found["vendor"]
            check(f"{strategy}: right, and by whose", found["off"] < 1e-5 and own and found["hook"], found)
        found, said = child(python, RDNA_CONV="gemm", RDNA_HOOK="verbose")
        told = [line for line in said.splitlines() if "no ROCm build" in line]
        check("another torch than ROCm's is left alone", bool(found["vendor"] and told), told)
        found, _ = child(python, RDNA_CONV="gemm", RDNA_CONV_ANY="1", RDNA_HOOK="0")
        check("switched off", bool(found["vendor"]), found["vendor"])
        found, _ = child(python, RDNA_MEMORY_FRACTION="0.02", RDNA_CONV_ANY="1")
        check("a cap of 2 % leaves no room for 8 GiB", not found["room"] and bool(bare["room"]), found["room"])
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
