"""Which of the two is faster for a shape: PyTorch's loop of small products, or ours. The numbers are data (costs.json).

The model is deliberately coarse: a floor for the calls themselves, arithmetic on the compute units that a product's
tiles can fill, bytes copied. `probe` measures a card; what it fits is a file of the same form, installed beside this
one as measured.json (or named by RDNA_CONV_COSTS). An AMD card nobody has measured gets our products only where
PyTorch's loop surely loses.
"""

from __future__ import annotations

import json
import os
from collections import namedtuple

from .geometry import FEW_CHANNELS, is_pointwise, pixels

TILE = 64
FORWARD, IMAGE, WEIGHT = "forward", "image", "weight"  # the operations a model tells apart
_CLASS = {"float16": "half", "bfloat16": "half"}
_PLACE = {False: "forward", True: "backward"}
_BYTES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}
Estimate = namedtuple("Estimate", "native gemm")
Estimate.__doc__ = "Predicted microseconds of both ways."


class Sure:
    """For cards nobody measured: ours where PyTorch loops over groups, or starves the card sample by sample."""

    def __init__(self, units):
        self.units = units

    def prefers_gemm(self, geometry, operation, dtype, backward):
        """Whether ours surely wins."""
        loops = geometry.batch * geometry.groups
        if geometry.groups > 1:
            return loops >= 8
        tiles = _tiles(*_sides(geometry, operation)[:2])
        return geometry.batch >= 8 and 2 * tiles <= self.units


class Always:
    """For tests and measurements: ours wherever it can."""

    def prefers_gemm(self, geometry, operation, dtype, backward):
        """True."""
        return True


class Model:
    """Predictions for one measured device."""

    def __init__(self, name, numbers, margin):
        self.name, self.numbers, self.margin = name, numbers, margin

    def prefers_gemm(self, geometry, operation, dtype, backward):
        """Whether ours is predicted to be faster by more than the margin.

        What the calls cost the host counts besides: between other short operations nothing hides it.
        """
        estimate = self.estimate(geometry, operation, dtype, backward)
        known = self.numbers["types"][_CLASS.get(dtype, dtype)]
        light = is_pointwise(geometry) and operation != WEIGHT
        ours = estimate.gemm + known["gemm"]["pointwise_us" if light else "host_us"][_PLACE[backward]]
        launches = known["native"]["call_us"] + geometry.batch * geometry.groups * _loop(
            geometry, operation, known["native"]
        )
        theirs = estimate.native + launches * known["native"]["launches_count"][_PLACE[backward]]
        return ours < theirs * self.margin

    def estimate(self, geometry, operation, dtype, backward):
        """Both predictions, in microseconds; `dtype` is a name such as float32.

        `backward` says who calls: calls from autograd's own thread cost more, whatever the operation.
        """
        numbers = self.numbers["types"][_CLASS.get(dtype, dtype)]
        return Estimate(
            self._native(geometry, operation, numbers),
            _gemm(geometry, operation, numbers, _BYTES[dtype], _PLACE[backward]),
        )

    def _native(self, geometry, operation, numbers):
        """One product per sample and group, each with its own columns."""
        known = numbers["native"]
        wide, positions, deep = _sides(geometry, operation)
        busy = min(1.0, max(known["least_busy"], _tiles(wide, positions) / self.numbers["units"]))
        each = 2.0 * wide * positions * deep / (known["tflops"] * 1e6 * busy)
        if not _without_columns(geometry):
            columns = geometry.image_channels // geometry.groups * pixels(geometry.kernel) * pixels(geometry.features)
            each += columns / (known["columns_gelem"][operation] * 1e3)
        loops = max(_loop(geometry, operation, known), each)
        if operation == FORWARD and (geometry.spatial == 3 or max(geometry.dilation) > 1):
            loops *= known["dilated_forward"]
        return max(known["call_us"], geometry.batch * geometry.groups * loops) * known["scale"][operation]


def _loop(geometry, operation, known):
    """Microseconds to launch what PyTorch launches for one sample and group."""
    return known["loop_us"][operation] * (known["pointwise_loop"] if _without_columns(geometry) else 1.0)


def _call(geometry, operation, known, place):
    """Microseconds that our PyTorch calls take however small the tensors."""
    if is_pointwise(geometry) and operation != WEIGHT:
        return known["pointwise_us"][place]
    call = known["call_us"][place]
    if operation == IMAGE and pixels(geometry.stride) > 1 and not _is_scattered(geometry, operation):
        # A product for each residue of the stride, at most four of which share one.
        call *= known["strided_image"] * (2.0 if geometry.groups > 1 or pixels(geometry.stride) > 4 else 1.0)
    return call


def _gemm(geometry, operation, numbers, size, place):
    """One product, columns for all samples, everything copied about twice."""
    known = numbers["gemm"]
    wide = (geometry.image_channels if operation == IMAGE else geometry.feature_channels) // geometry.groups
    deep = geometry.image_channels // geometry.groups * pixels(geometry.kernel)
    features = geometry.batch * pixels(geometry.features)
    copied = geometry.batch * geometry.image_channels * pixels(geometry.image) + features * geometry.feature_channels
    through, strided = geometry.image_channels, 1.0
    if _is_scattered(geometry, operation):
        wide = deep
    elif operation == IMAGE:
        through, strided = geometry.feature_channels, known["strided_image"] if pixels(geometry.stride) > 1 else 1.0
    if not is_pointwise(geometry):
        copied += features * through * pixels(geometry.kernel) + known["weights"] * geometry.feature_channels * deep
    flops = 2.0 * features * geometry.feature_channels * deep * min(-(-wide // 32) * 32 / wide, 8.0)
    busy = flops / (known["tflops"] * 1e6) + 2 * copied * strided * size / (known["gbs"] * 1e3)
    return max(_call(geometry, operation, known, place), busy) * known["scale"][operation]


def load(kind, name, units):
    """The model for a device: `kind` is "cuda" or "hip", `name` is the driver's. Bad files raise ValueError."""
    shipped = _read(_beside("costs.json"), {})
    for path in (os.environ.get("RDNA_CONV_COSTS"), _beside("measured.json")):
        if path and os.path.exists(path):
            found = _read(path, shipped["devices"]["cuda"])
            if name in found["devices"]:
                return Model(name, found["devices"][name], found["margin"])
    for key in (name, kind):
        if key in shipped["devices"]:
            return Model(key, shipped["devices"][key], shipped["margin"])
    return Sure(units)


def template(units):
    """A copy of the shipped model for a card with so many compute units: what a measurement starts from."""
    shipped = _read(_beside("costs.json"), {})
    return Model("template", dict(shipped["devices"]["cuda"], units=units), shipped["margin"])


def _beside(name):
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), name)


def _read(path, known):
    try:
        with open(path, encoding="utf-8") as file:
            return parse(file.read(), known)
    except (OSError, ValueError) as problem:
        raise ValueError("%s: %s" % (path, problem)) from None


def parse(text, known):
    """The content of a file of costs. Raises ValueError where a number of `known` is missing or impossible."""
    try:
        found = json.loads(text)
        if found["schema"] != 1:
            raise ValueError("schema %r" % (found["schema"],))
        for numbers in found["devices"].values():
            _check(numbers, known)
        float(found["margin"])
    except (KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise ValueError("%s: %s" % (type(problem).__name__, problem)) from None
    return found


def _check(numbers, known):
    """Every number of a device we ship, for a model reads them all, must be there and positive."""
    for key, value in known.items():
        if isinstance(value, dict):
            _check(numbers[key], value)
        elif not isinstance(value, str) and not float(numbers[key]) > 0:
            raise ValueError("every number must be positive")


def _sides(geometry, operation):
    """(rows, columns, inner) of the product of one sample and group."""
    out = geometry.feature_channels // geometry.groups
    taps = geometry.image_channels // geometry.groups * pixels(geometry.kernel)
    if operation == FORWARD:
        return out, pixels(geometry.features), taps
    if operation == IMAGE:
        return taps, pixels(geometry.features), out
    return out, taps, pixels(geometry.features)


def _tiles(rows, columns):
    return -(-rows // TILE) * -(-columns // TILE)


def _is_scattered(geometry, operation):
    """Whether `adjoint` makes columns and adds them up (2d, few image channels, strided)."""
    return (
        operation == IMAGE
        and geometry.image_channels <= FEW_CHANNELS
        and geometry.groups == 1
        and pixels(geometry.stride) > 1
    )


def _without_columns(geometry):
    return pixels(geometry.kernel) == pixels(geometry.stride) == 1 and not any(geometry.padding)
