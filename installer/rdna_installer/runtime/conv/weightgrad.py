"""The weight gradient as split products: its inner dimension (all positions of all samples) is long, its result small.

One product would leave most of a GPU idle, so the positions are split into slices multiplied as a batch. Partial sums are
kept and added in float32 (float64 for float64), also for 16-bit types, and always in the same order.
"""

from __future__ import annotations

import functools

from . import products
from .boxes import box_for, cut
from .columns import gather, reach
from .link import as3d, part, pixels
from .rows import band_rows, boxes_of, frame_of, suits, value_rows

TILES = 256  # tiles of 64 x 64 that keep the compute units of any of these cards busy
SHORTEST = 256  # positions in a slice below which splitting costs more than it wins


def weight_gradient(image, features, link, out, cap_elements):
    """Fill `out`, an empty tensor like the weights, with d(loss)/d(weights)."""
    image, features = as3d(image, link.spatial), as3d(features, link.spatial)
    total = None
    if suits(link.kernel, link.stride, link.dilation, link.groups):
        total = _by_rows(image, features, link, cap_elements)
    if total is None:
        total = _by_columns(image, features, link, cap_elements)
    return out.copy_(total.reshape(out.shape))


def _by_rows(image, features, link, cap_elements):
    """The gradient (Cb, Ca, kd, kh, kw) by way of overlapping rows, or None where no line fits."""
    start = tuple(-p for p in link.padding)
    spans = ((start, link.kernel, link.dilation),)
    frame = frame_of(link.image, link.image_channels, link.features, link.stride, spans)
    taps, wide = link.kernel[0] * link.kernel[1], link.feature_channels
    deep = link.kernel[2] * taps * frame.channels
    widened = 0 if products.keeps_float32(image) else 2 * (deep + wide)
    phases = -(-link.kernel[2] // frame.stride[2])
    partial = max(phases, -(-TILES // _tiles(wide, deep))) * wide * deep * max(1, 4 // image.element_size())
    boxes = boxes_of(frame, link.batch, link.features, taps, wide, widened, cap_elements - partial)
    total = None
    for n, depth, height, width in boxes or ():
        rows = n[1] * depth[1] * height[1] * frame.slots
        split = max(phases, min(-(-TILES // _tiles(wide, deep)), rows // SHORTEST))
        left = value_rows(part(features, n[0], n[1], (depth, height, width)), frame, split)
        right = band_rows(part(image, *n), frame, link.kernel, link.dilation, depth, height, split)
        product = products.partial_sums(left, right).sum(0)
        total = product if total is None else total.add_(product)
    if total is None:
        return None
    kd, kh, kw = link.kernel
    return total.view(wide, kw, kd, kh, frame.channels).permute(0, 4, 2, 3, 1).narrow(1, 0, link.image_channels)


def _tiles(wide, deep):
    return -(-wide // 64) * -(-deep // 64)


def _by_columns(image, features, link, cap_elements):
    window = (tuple(-p for p in link.padding), link.kernel, link.stride, link.dilation)
    wide, rows = link.feature_channels // link.groups, link.image_channels // link.groups * pixels(link.kernel)
    by_sample = link.groups > 1 or _samples_suffice(link, wide, rows)
    boxes = _boxes(link, wide, rows, by_sample, image.element_size(), products.keeps_float32(image), cap_elements)
    total = None
    for (n, count), depth, height, width in boxes:
        where = (depth, height, width)
        columns = gather(part(image, n, count), window, where, not by_sample)
        values = part(features, n, count, where)
        product = _per_sample(columns, values, link.groups) if by_sample else _sliced(columns, values)
        total = product if total is None else total.add_(product)
    return total


def _samples_suffice(link, wide, rows):
    """Whether a slice per sample keeps the GPU busy; for pointwise kernels that copies nothing."""
    tiles = _tiles(wide, rows)
    return pixels(link.kernel) == pixels(link.stride) == 1 and link.batch * tiles >= TILES // 4 and pixels(link.features) >= 64


@functools.lru_cache(maxsize=4096)
def _boxes(link, wide, rows, by_sample, element_size, keeps_float32, cap_elements):
    extent = (link.batch,) + tuple(link.features)
    widening = max(1, 4 // element_size)

    def elements(box):
        n, positions = box[0], pixels(box[1:])
        padded = n * link.image_channels
        for size, step, taps, gap in zip(box[1:], link.stride, link.kernel, link.dilation):
            padded *= reach(size, step, taps, gap)
        columns, values = n * link.groups * rows * positions, n * link.feature_channels * positions
        slices = n if by_sample else _slices(n * positions, wide, rows)
        partial = slices * link.groups * wide * rows * widening
        copies = 0 if keeps_float32 else (columns + values) * widening
        return padded + columns + values + partial + copies, max(padded, columns, values, partial)

    return cut(extent, box_for(extent, elements, cap_elements))


@functools.lru_cache(maxsize=4096)
def _slices(positions, wide, rows):
    """Into how many equal slices to cut: a divisor of `positions` near what keeps the GPU busy."""
    wanted = min(-(-TILES // _tiles(wide, rows)), max(1, positions // SHORTEST))
    for slices in range(wanted, 0, -1):
        if positions % slices == 0:
            return slices
    return 1


def _sliced(columns, values):
    """(1, Cb, K) from columns (K, n * P) and values (n, Cb, ...)."""
    n, wide = values.shape[:2]
    rows, positions = columns.shape
    values = values.transpose(0, 1).reshape(wide, positions)
    slices = _slices(positions, wide, rows)
    left = values.view(wide, slices, positions // slices).transpose(0, 1)
    right = columns.view(rows, slices, positions // slices).permute(1, 2, 0)
    return products.partial_sums(left, right).sum(0, keepdim=True)


def _per_sample(columns, values, groups):
    """(G, Cb / G, K) from columns (n, G * K, P) and values (n, Cb, ...): one slice per sample."""
    n, channels = values.shape[:2]
    positions = columns.shape[2]
    left = values.reshape(n * groups, channels // groups, positions)
    right = columns.reshape(n * groups, -1, positions).transpose(1, 2)
    return products.partial_sums(left, right).view(n, groups, channels // groups, -1).sum(0)
