"""The weight gradient as split products: its inner dimension (all positions of all samples) is long, its result small.

One product would leave most of a GPU idle, so the positions are cut into slices multiplied as a batch. Partial sums are
kept and added in float32 (float64 for float64), also for 16-bit types, and always in the same order.
"""

from __future__ import annotations

from . import products
from .geometry import is_pointwise, pixels
from .im2col import SIZES, Window, blocks_of, frame_of, padder, rower

TILES = 1024  # tiles of 64 x 64 in flight that keep the compute units of any of these cards busy
SHORTEST = 256  # positions in a slice below which splitting costs more than it wins


def weight_gradient(geometry, image_strides, features_strides, out_strides, dtype, keeps_float32, cap_elements):
    """A function (image, features, out) that fills `out`, like the weights, for these strides (five each)."""
    if is_pointwise(geometry) and geometry.batch * _tiles(geometry, 1) >= TILES // 8:
        return _pointwise(geometry)
    window = Window(tuple(-p for p in geometry.padding), geometry.kernel, geometry.dilation)
    frame = frame_of(geometry.image_channels, geometry.groups, (window,), geometry.features, geometry.stride)
    wide, deep = geometry.feature_channels // geometry.groups, pixels(geometry.kernel) * frame.stored
    steps = [
        (padder(frame, geometry.image, image_strides, dtype, block),)
        + _pair(geometry, frame, window, features_strides, dtype, block)
        + (_slices(geometry, frame, block, wide, deep),)
        for block in _blocks(geometry, frame, wide, deep, SIZES[dtype], keeps_float32, cap_elements)
    ]
    sizes = (geometry.groups, wide) + geometry.kernel + (frame.channels,)
    so, sc, sd, sh, sw = out_strides
    there = (wide * so, so, sd, sh, sw, sc)
    _, kh, kw = geometry.kernel
    here = (wide * deep, deep, kh * kw * frame.stored, kw * frame.stored, frame.stored, 1)

    def run(image, features, out):
        total = None
        for pad, rows_of, values_of, slices in steps:
            rows, values = rows_of(pad(image)), values_of(features)
            for count, first, left, right in slices:
                if first:
                    values, rows = values.narrow(0, first, left[0][2]), rows.narrow(0, first, left[0][2])
                sums = products.partial_sums(values.as_strided(*left), rows.as_strided(*right))
                if count > 1:
                    sums = sums.view(geometry.groups, count, wide, deep).sum(1)
                total = sums if total is None else total.add_(sums)
        out.as_strided(sizes, there).copy_(total.as_strided(sizes, here))
        return out

    return run


def _pointwise(geometry):
    n, positions = geometry.batch, pixels(geometry.features)

    def run(image, features, out):
        left = features.reshape(n, geometry.feature_channels, positions)
        right = image.reshape(n, geometry.image_channels, positions).transpose(1, 2)
        return out.copy_(products.partial_sums(left, right).sum(0).view(out.shape))

    return run


def _blocks(geometry, frame, wide, deep, element_size, keeps_float32, cap_elements):
    widening = max(1, 4 // element_size)
    slices = -(-TILES // (_tiles(geometry, frame.stored) * geometry.groups)) + 2
    per_row = geometry.feature_channels + (
        0 if keeps_float32 else (deep * geometry.groups + geometry.feature_channels) * widening
    )
    fixed = slices * geometry.groups * wide * deep * widening
    return blocks_of(frame, geometry.batch, (geometry.kernel,), per_row, fixed, cap_elements)


def _tiles(geometry, stored):
    """Tiles of one group's result."""
    deep = pixels(geometry.kernel) * max(stored, geometry.image_channels // geometry.groups)
    return -(-(geometry.feature_channels // geometry.groups) // 64) * -(-deep // 64)


def _pair(geometry, frame, window, strides, dtype, block):
    """padded -> rows (G * positions, K), features -> values (G * positions, Cb / G), for the positions of a block."""
    positions, deep = block[0][1] * pixels([length for _, length in block[1:]]), pixels(window.kernel) * frame.stored
    rows = rower(frame, window, dtype, block, (geometry.groups * positions, deep), (deep, 1))
    sn, sc, sd, sh, sw = strides
    wide = geometry.feature_channels // geometry.groups
    sizes = (geometry.groups,) + tuple(length for _, length in block) + (wide,)
    view = (wide * sc, sn, sd, sh, sw, sc)
    offset = sum(at * step for (at, _), step in zip(block, (sn, sd, sh, sw)))

    def values_of(features):
        values = features.as_strided(sizes, view, features.storage_offset() + offset)
        return values.contiguous().view(geometry.groups * positions, wide)

    return rows, values_of


def _slices(geometry, frame, block, wide, deep):
    """[(count, first position, view of the values, view of the rows)]: equal slices, and at times what is left over."""
    positions = block[0][1] * pixels([length for _, length in block[1:]])
    wanted = max(1, min(-(-TILES // (_tiles(geometry, frame.stored) * geometry.groups)), positions // SHORTEST))
    exact = next(count for count in range(wanted, 0, -1) if positions % count == 0)
    if exact * 2 >= wanted or geometry.groups > 1:
        return [_slice(geometry.groups, exact, positions // exact, wide, deep, 0)]
    length = positions // wanted
    main = _slice(1, wanted, length, wide, deep, 0)
    return [main, _slice(1, 1, positions - wanted * length, wide, deep, wanted * length)]


def _slice(groups, count, length, wide, deep, first):
    left, right = (groups * count, wide, length), (groups * count, length, deep)
    return count, first, (left, (length * wide, 1, wide)), (right, (length * deep, deep, 1))
