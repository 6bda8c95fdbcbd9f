"""The weight gradient as split products: its inner dimension (all positions of all samples) is long, its result small.

One product would leave most of a GPU idle, so the positions are split into slices multiplied as a batch. Partial sums are
kept and added in float32 (float64 for float64), also for 16-bit types, and always in the same order.
"""

from __future__ import annotations

import functools

import torch

from . import products
from .boxes import box_for, cut
from .columns import gather, reach
from .correlate import part
from .link import as3d, pixels

TILES = 256  # tiles of 64 x 64 that keep the compute units of any of these cards busy
SHORTEST = 256  # positions in a slice below which splitting costs more than it wins


def weight_gradient(image, features, link, out, cap_elements):
    """Fill `out`, an empty tensor like the weights, with d(loss)/d(weights)."""
    image, features = as3d(image, link.spatial), as3d(features, link.spatial)
    window = (tuple(-p for p in link.padding), link.kernel, link.stride, link.dilation)
    wide, rows = link.feature_channels // link.groups, link.image_channels // link.groups * pixels(link.kernel)
    total = None
    for (n, count), depth, height, width in _boxes(
        link, wide, rows, image.element_size(), products.keeps_float32(image), cap_elements
    ):
        where = (depth, height, width)
        columns = gather(part(image, n, count), window, where, link.groups == 1)
        values = part(features, n, count, where)
        product = _one_group(columns, values) if link.groups == 1 else _many_groups(columns, values, link.groups)
        total = product if total is None else total.add_(product)
    return out.copy_(total.view(out.shape))


@functools.lru_cache(maxsize=4096)
def _boxes(link, wide, rows, element_size, keeps_float32, cap_elements):
    extent = (link.batch,) + tuple(link.features)
    widening = max(1, 4 // element_size)

    def elements(box):
        n, positions = box[0], pixels(box[1:])
        padded = n * link.image_channels
        for size, step, taps, gap in zip(box[1:], link.stride, link.kernel, link.dilation):
            padded *= reach(size, step, taps, gap)
        columns, values = n * link.groups * rows * positions, n * link.feature_channels * positions
        slices = n if link.groups > 1 else slices_of(n * positions, wide, rows)
        partial = slices * link.groups * wide * rows * widening
        copies = 0 if keeps_float32 else (columns + values) * widening
        return padded + columns + values + partial + copies, max(padded, columns, values, partial)

    return cut(extent, box_for(extent, elements, cap_elements))


@functools.lru_cache(maxsize=4096)
def slices_of(positions, wide, rows):
    """Into how many equal slices to split: a divisor of `positions` near what keeps the GPU busy."""
    tiles = -(-wide // 64) * -(-rows // 64)
    wanted = min(-(-TILES // tiles), max(1, positions // SHORTEST))
    for slices in range(wanted, 0, -1):
        if positions % slices == 0:
            return slices
    return 1


def _one_group(columns, values):
    """(1, Cb, K) from columns (K, n * P) and values (n, Cb, ...)."""
    n, wide = values.shape[:2]
    rows, positions = columns.shape
    values = values.transpose(0, 1).reshape(wide, positions)
    slices = slices_of(positions, wide, rows)
    left = values.view(wide, slices, positions // slices).transpose(0, 1)
    right = columns.view(rows, slices, positions // slices).permute(1, 2, 0)
    return products.partial_sums(left, right).sum(0, keepdim=True)


def _many_groups(columns, values, groups):
    """(G, Cb / G, K) from columns (n, G * K, P) and values (n, Cb, ...): one slice per sample."""
    n, channels = values.shape[:2]
    positions = columns.shape[2]
    left = values.reshape(n * groups, channels // groups, positions)
    right = columns.reshape(n * groups, -1, positions).transpose(1, 2)
    return products.partial_sums(left, right).view(n, groups, channels // groups, -1).sum(0)
