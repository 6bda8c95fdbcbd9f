"""The cost model picks what was measured on the one device it was fitted to (NVIDIA H200, torch 2.11, CUDA 13.0).

`measured_h200.tsv` holds single operations, as a probe measures them; CASES whole layers, as
tests/benchmarks/conv_speed.py does, where what the calls cost the host counts too. Data fitted to these numbers must go
on choosing by them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rdna_installer.runtime.conv import costs, geometry

MODEL = costs.load("cuda", "NVIDIA H200", 132)
ORDINARY = (costs.FORWARD, costs.IMAGE, costs.WEIGHT)
TRANSPOSED = (costs.IMAGE, costs.FORWARD, costs.WEIGHT)
LAYERS = {  # input, weight, stride, padding, transposed, groups
    "resnet-3x3-56": ((32, 64, 56, 56), (64, 64, 3, 3), 1, 1, False, 1),
    "expand-1x1-56": ((32, 64, 56, 56), (256, 64, 1, 1), 1, 0, False, 1),
    "stem-7x7s2-224": ((32, 3, 224, 224), (64, 3, 7, 7), 2, 3, False, 1),
    "grouped32-3x3-56": ((32, 128, 56, 56), (128, 4, 3, 3), 1, 1, False, 32),
    "resnet-3x3-7": ((32, 512, 7, 7), (512, 512, 3, 3), 1, 1, False, 1),
    "unet-3x3-64": ((2, 320, 64, 64), (320, 320, 3, 3), 1, 1, False, 1),
    "conv3d-3x3x3-16": ((8, 32, 16, 16, 16), (32, 32, 3, 3, 3), 1, 1, False, 1),
    "transpose-4x4s2-56": ((8, 64, 56, 56), (64, 64, 4, 4), 2, 1, True, 1),
}
ALL, NONE, GRADIENT = (True, True, True), (False, False, False), (False, True, False)
CASES = [  # layer, type, milliseconds without MIOpen and with gemm for every shape: forward, then both; what to pick
    ("resnet-3x3-56", "float32", (0.794, 0.360), (2.802, 1.176), ALL),
    ("resnet-3x3-56", "float16", (0.458, 0.137), (2.181, 0.822), ALL),
    ("expand-1x1-56", "float32", (0.366, 0.191), (1.855, 0.492), ALL),
    ("expand-1x1-56", "float16", (0.332, 0.103), (1.839, 0.316), ALL),
    ("stem-7x7s2-224", "float32", (0.914, 0.495), (4.273, 2.400), ALL),
    ("stem-7x7s2-224", "float16", (0.854, 0.269), (3.553, 1.707), ALL),
    ("grouped32-3x3-56", "float32", (14.537, 0.690), (47.087, 2.255), ALL),
    ("grouped32-3x3-56", "float16", (11.960, 0.862), (50.162, 2.233), ALL),
    ("resnet-3x3-7", "float32", (0.806, 0.207), (2.304, 0.746), ALL),
    ("resnet-3x3-7", "float16", (0.600, 0.100), (2.066, 1.000), ALL),
    ("unet-3x3-64", "float32", (0.435, 0.424), (1.452, 1.330), GRADIENT),
    ("unet-3x3-64", "float16", (0.106, 0.100), (0.469, 0.821), NONE),
    ("conv3d-3x3x3-16", "float32", (1.650, 0.122), (2.754, 0.798), ALL),
    ("conv3d-3x3x3-16", "float16", (1.719, 0.107), (2.723, 0.941), ALL),
    ("transpose-4x4s2-56", "float32", (0.469, 0.264), (1.192, 1.083), ALL),
    ("transpose-4x4s2-56", "float16", (0.372, 0.175), (0.925, 0.813), ALL),
]
SMALL = [  # input, weight, stride, padding; on a slow host 34 to 43 us more with gemm than without
    ((4, 3, 28, 28), (128, 3, 3, 3), 2, 0),
    ((4, 3, 28, 28), (64, 3, 5, 5), 1, 2),
    ((4, 3, 64, 64), (8, 3, 3, 3), 2, 0),
]
Pair = tuple[float, float]


def picks(one: Any, dtype: str, transposed: bool) -> tuple[bool, ...]:
    """Whether forward, image gradient and weight gradient are ours."""
    operations = TRANSPOSED if transposed else ORDINARY
    return tuple(MODEL.prefers_gemm(one, operation, dtype, at > 0) for at, operation in enumerate(operations))


@pytest.mark.parametrize(("name", "dtype", "forward", "both", "wanted"), CASES)
def test_whole_layers(name: str, dtype: str, forward: Pair, both: Pair, wanted: tuple[bool, ...]) -> None:
    x, w, stride, padding, transposed, groups = LAYERS[name]
    n = len(x) - 2
    one = geometry.geometry_of(x, w, [stride] * n, [padding] * n, [1] * n, transposed, [0] * n, groups)
    assert picks(one, dtype, transposed) == wanted
    for (torchs, ours), picked in ((forward, wanted[:1]), (both, wanted)):
        if all(picked):
            assert ours < torchs
        if not any(picked):
            assert torchs <= ours or torchs - ours < 0.03  # what the issue allows under 0.2 ms


def measured() -> Iterator[tuple[Any, str, bool, list[float], list[float]]]:
    lines = (Path(__file__).parent / "measured_h200.tsv").read_text().splitlines()[2:]
    for line in lines:
        dtype, *shapes, transposed, groups, torchs, ours = line.split("\t")
        x, w, stride, padding, dilation = ([int(n) for n in shape.split("x")] for shape in shapes)
        one = geometry.geometry_of(x, w, stride, padding, dilation, transposed == "1", [0] * len(stride), int(groups))
        assert one is not None
        if one.groups == 1 or one.groups < one.image_channels or transposed == "1":  # depthwise is never ours
            yield one, dtype, transposed == "1", [float(t) for t in torchs.split()], [float(t) for t in ours.split()]


def test_single_operations() -> None:
    """Where ours is picked it never loses 20 %, and what is lost by picking is little of what could be won."""
    gained, possible = [], []
    for one, dtype, transposed, torchs, ours in measured():
        for mine, theirs, picked in zip(ours, torchs, picks(one, dtype, transposed), strict=True):
            assert not picked or mine < 1.2 * theirs, (one, dtype, theirs, mine)
            gained.append(math.log(theirs / (mine if picked else theirs)))
            possible.append(math.log(theirs / min(mine, theirs)))
    assert len(gained) > 600
    assert sum(gained) > 0.95 * sum(possible) > 0


@pytest.mark.parametrize(("x", "w", "stride", "padding"), SMALL)
def test_the_forward_of_small_layers_is_left_to_pytorch(x: Any, w: Any, stride: int, padding: int) -> None:
    one = geometry.geometry_of(x, w, [stride] * 2, [padding] * 2, [1] * 2, False, [0] * 2, 1)
    assert not any(picks(one, dtype, False)[0] for dtype in ("float32", "float16"))
