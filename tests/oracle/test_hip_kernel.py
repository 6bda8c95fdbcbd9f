"""A kernel compiled by the real compiler for one card, found by the reader that judges every library of a torch."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.detect.codeobjects import targets_of
from rdna_installer.machine.sysroot import Sysroot

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        shutil.which("hipcc") is None,
        reason="no hipcc: no kernel was compiled, and the reader saw none of a compiler's",
    ),
]
KERNEL = """
#include <hip/hip_runtime.h>
__global__ void twice(float *x, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) x[i] *= 2;
}
extern "C" void run(float *x, int n) { twice<<<(n + 63) / 64, 64>>>(x, n); }
"""


@pytest.mark.parametrize(
    ("asked", "packed"),
    [(("gfx1010",), False), (("gfx1010",), True), (("gfx1012", "gfx1031"), True), (("gfx906:xnack-",), False)],
)
def test_each_target_that_was_compiled_for_is_found_and_no_other(
    tmp_path: Path, asked: tuple[str, ...], packed: bool
) -> None:
    source, library = tmp_path / "twice.hip", tmp_path / "libtwice.so"
    source.write_text(KERNEL)
    targets = [f"--offload-arch={gfx}" for gfx in asked]
    more = ["--offload-compress"] if packed else []
    if packed and shutil.which("zstd") is None:
        pytest.skip("no zstd: a compressed bundle was not read")
    made = ["hipcc", *targets, *more, "-shared", "-fPIC", "-o", library, source]
    subprocess.run(made, check=True, timeout=300)
    assert sorted(targets_of(Sysroot("/"), PurePosixPath(library)) or ()) == sorted(asked)
