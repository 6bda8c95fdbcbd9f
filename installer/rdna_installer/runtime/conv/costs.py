"""Which of the two is faster for a shape: PyTorch's loop of small products, or ours. The numbers are data (costs.json).

The model is deliberately coarse: launches, arithmetic on the compute units that a product's tiles can fill, and bytes of
columns. `probe` measures a card and writes a file of the same form, named by RDNA_CONV_COSTS. An AMD card nobody has
measured gets our products only where the loop surely loses.
"""

from __future__ import annotations

import json
import os
from collections import namedtuple

from .link import pixels

TILE = 64
FORWARD, IMAGE, WEIGHT = "forward", "image", "weight"  # the operations a model tells apart
Estimate = namedtuple("Estimate", "native gemm")
Estimate.__doc__ = "Predicted microseconds of both ways."


class Sure:
    """For cards nobody measured: ours where PyTorch loops over groups, or starves the card sample by sample."""

    name = "uncalibrated"

    def __init__(self, units):
        self.units = units

    def prefers_gemm(self, link, operation, dtype):
        """Whether ours surely wins."""
        loops = link.batch * link.groups
        if link.groups > 1:
            return loops >= 8
        tiles = _tiles(*_sides(link, operation)[:2])
        return link.batch >= 8 and 2 * tiles <= self.units


class Always:
    """For tests and measurements: ours wherever it can."""

    name = "always"

    def prefers_gemm(self, link, operation, dtype):
        """True."""
        return True


class Model:
    """Predictions for one measured device."""

    def __init__(self, name, numbers, margin):
        self.name, self.numbers, self.margin = name, numbers, margin

    def prefers_gemm(self, link, operation, dtype):
        """Whether ours is predicted to be faster by more than the margin."""
        estimate = self.estimate(link, operation, dtype)
        return estimate.gemm < estimate.native * self.margin

    def estimate(self, link, operation, dtype):
        """Both predictions, in microseconds; `dtype` is a name such as float32."""
        scale = self.numbers["scale"].get(operation, {}).get(dtype, {})
        return Estimate(
            self._native(link, operation, dtype) * scale.get("native", 1.0),
            self._gemm(link, operation, dtype) * scale.get("gemm", 1.0),
        )

    def _native(self, link, operation, dtype):
        wide, positions, deep = _sides(link, operation)
        loops = link.batch * link.groups
        product = self._product(wide, positions, deep, 1, dtype)
        columns = 0.0
        if _needs_columns(link):
            columns = self._bytes(2 * _column_elements(link) / loops, dtype) + self.numbers["launch_us"] / 2
        return self.numbers["call_us"] / 3 + loops * max(self.numbers["launch_us"] * 2, product + columns)

    def _gemm(self, link, operation, dtype):
        wide, positions, deep = _sides(link, operation)
        product = self._product(wide, positions, deep, link.batch * link.groups, dtype)
        copied = _column_elements(link) if _needs_columns(link) else 0
        images = link.batch * (link.image_channels * pixels(link.image) + link.feature_channels * pixels(link.features))
        busy = product + self._bytes(images + copied, dtype) + copied / self.numbers["gather_gelem"] / 1e3
        return max(self.numbers["call_us"], busy)

    def _product(self, wide, positions, deep, batch, dtype):
        tiles = _tiles(wide, positions) * batch
        waste = _tiles(wide, positions) * TILE * TILE / (wide * positions)
        busy = min(1.0, tiles / self.numbers["units"])
        flops = 2.0 * wide * positions * deep * batch * min(waste, 4.0)
        return flops / (self.numbers["tflops"][dtype] * 1e6 * busy)

    def _bytes(self, elements, dtype):
        size = {"float64": 8, "float32": 4}.get(dtype, 2)
        return elements * size / (self.numbers["bandwidth_gbs"] * 1e3)


def load(kind, name, units):
    """The model for a device: `kind` is "cuda" or "hip", `name` what the driver calls it. Bad files raise ValueError."""
    path = os.environ.get("RDNA_CONV_COSTS")
    if path:
        found = _read(path)
        if name in found["devices"]:
            return Model(name, found["devices"][name], found["margin"])
    shipped = _read(os.path.join(os.path.dirname(os.path.abspath(__file__)), "costs.json"))
    for key in (name, kind):
        if key in shipped["devices"]:
            return Model(key, shipped["devices"][key], shipped["margin"])
    return Sure(units)


def refit(model, samples):
    """`model`'s numbers with scales that make its predictions match `samples` on average.

    A sample is (link, operation, dtype, native microseconds, gemm microseconds).
    """
    sums = {}
    for link, operation, dtype, native, gemm in samples:
        predicted = model.estimate(link, operation, dtype)
        row = sums.setdefault((operation, dtype), [1.0, 1.0, 0])
        row[0] *= native / predicted.native
        row[1] *= gemm / predicted.gemm
        row[2] += 1
    scale = {key: dict(value) for key, value in model.numbers["scale"].items()}
    for (operation, dtype), (native, gemm, count) in sums.items():
        old = scale.setdefault(operation, {}).get(dtype, {})
        scale[operation][dtype] = {
            "native": round(old.get("native", 1.0) * native ** (1.0 / count), 4),
            "gemm": round(old.get("gemm", 1.0) * gemm ** (1.0 / count), 4),
        }
    return dict(model.numbers, scale=scale)


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        if found["schema"] != 1:
            raise ValueError("schema %r" % (found["schema"],))
        for numbers in found["devices"].values():
            _check(numbers)
        float(found["margin"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError("%s: %s" % (path, problem)) from None
    return found


def _check(numbers):
    for key in ("units", "launch_us", "call_us", "bandwidth_gbs", "gather_gelem"):
        if not float(numbers[key]) > 0:
            raise ValueError("%s must be positive" % key)
    for dtype in ("float32", "float16", "bfloat16", "float64"):
        if not float(numbers["tflops"][dtype]) > 0:
            raise ValueError("tflops of %s must be positive" % dtype)
    numbers["scale"].items()


def _sides(link, operation):
    """(rows, columns, inner) of the product of one sample and group."""
    out, taps = link.feature_channels // link.groups, link.image_channels // link.groups * pixels(link.kernel)
    if operation == FORWARD:
        return out, pixels(link.features), taps
    if operation == IMAGE:
        return taps, pixels(link.features), out
    return out, taps, pixels(link.features)


def _tiles(rows, columns):
    return -(-rows // TILE) * -(-columns // TILE)


def _needs_columns(link):
    return pixels(link.kernel) > 1 or pixels(link.stride) > 1 or any(link.padding)


def _column_elements(link):
    return link.batch * link.image_channels * pixels(link.kernel) * pixels(link.features)
