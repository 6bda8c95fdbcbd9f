"""The weight gradient as split products: its inner dimension (all positions of all samples) is long, its result small.

One product would leave most of a GPU idle, so the positions are cut into slices multiplied as a batch. Partial sums are
kept and added in float32 (float64 for float64), also for 16-bit types, and always in the same order.
"""

from __future__ import annotations

import functools

from . import products
from .correlate import is_pointwise
from .link import pixels
from .rows import boxes_of, frame_of, padded_of, rows_of

TILES = 1024  # tiles of 64 x 64 in flight that keep the compute units of any of these cards busy
SHORTEST = 256  # positions in a slice below which splitting costs more than it wins


def weight_gradient(image, features, link, out, cap_elements):
    """Fill `out`, an empty tensor like the weights (three spatial dimensions), with d(loss)/d(weights)."""
    if is_pointwise(link) and link.batch * _tiles(link, 1) >= TILES // 8:
        left = features.reshape(link.batch, link.feature_channels, -1)
        right = image.reshape(link.batch, link.image_channels, -1).transpose(1, 2)
        return out.copy_(products.partial_sums(left, right).sum(0).view(out.shape))
    start = tuple(-p for p in link.padding)
    frame = frame_of(
        link.image_channels, link.groups, ((start, link.kernel, link.dilation),), link.features, link.stride
    )
    total = None
    for box in _boxes(link, frame, image.element_size(), products.keeps_float32(image), cap_elements):
        padded, shape = padded_of(image, frame, box)
        rows = rows_of(padded, image.dtype, shape, frame, start, link.kernel, link.dilation, box)
        sums = _sliced(_values(features, link.groups, box), rows, _tiles(link, frame.stored))
        total = sums if total is None else total.add_(sums)
    wide, kernel = link.feature_channels // link.groups, link.kernel
    total = total.view((link.groups, wide) + kernel + (frame.stored,))
    if frame.stored != frame.channels:
        total = total.narrow(5, 0, frame.channels)
    return out.view((link.groups, wide, frame.channels) + kernel).copy_(total.permute(0, 1, 5, 2, 3, 4))


@functools.lru_cache(maxsize=4096)
def _boxes(link, frame, element_size, keeps_float32, cap_elements):
    widening = max(1, 4 // element_size)
    deep = pixels(link.kernel) * link.groups * frame.stored
    result = link.feature_channels * deep // link.groups
    slices = -(-TILES // (_tiles(link, frame.stored) * link.groups)) + 2
    copies = 0 if keeps_float32 else (deep + link.feature_channels) * widening
    return boxes_of(
        frame, link.batch, (link.kernel,), link.feature_channels, copies, slices * result * widening, cap_elements
    )


def _tiles(link, stored):
    """Tiles of one group's result."""
    deep = pixels(link.kernel) * max(stored, link.image_channels // link.groups)
    return -(-(link.feature_channels // link.groups) // 64) * -(-deep // 64)


def _values(features, groups, box):
    """(G, positions, Cb / G): the features in `box` as rows."""
    (first, n), (d, depth), (h, height), (w, width) = box
    sn, sc, sd, sh, sw = features.stride()
    each = features.shape[1] // groups
    offset = features.storage_offset() + first * sn + d * sd + h * sh + w * sw
    view = features.as_strided((groups, n, depth, height, width, each), (each * sc, sn, sd, sh, sw, sc), offset)
    return view.reshape(groups, n * depth * height * width, each)


def _sliced(values, rows, tiles):
    """(G, Cb / G, K) = values.T (G, Cb / G, positions) @ rows (G, positions, K), cut along the positions."""
    groups, positions, wide = values.shape
    slices = max(1, min(-(-TILES // (tiles * groups)), positions // SHORTEST))
    length = positions // slices
    left, right = values, rows
    if length * slices != positions:
        left, right = values.narrow(1, 0, length * slices), rows.narrow(1, 0, length * slices)
    left = left.reshape(groups * slices, length, wide).transpose(1, 2)
    right = right.reshape(groups * slices, length, rows.shape[2])
    sums = products.partial_sums(left, right).view(groups, slices, wide, rows.shape[2]).sum(1)
    rest = positions - length * slices
    if rest:
        left = values.narrow(1, length * slices, rest).transpose(1, 2)
        sums.add_(products.partial_sums(left, rows.narrow(1, length * slices, rest)))
    return sums
