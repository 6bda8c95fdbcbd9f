"""Correlation as matrix products: the forward of a convolution, and every gather-style gradient."""

from __future__ import annotations

import torch

from .boxes import box_for, cut
from .columns import gather, reach
from .link import pixels

SMALL_IMAGE = 512  # positions below which one product over the whole batch beats one per sample
SMALL_POINTWISE = 196  # the same for 1x1 kernels, where a product per sample needs no copy at all


def correlate(source, weights, window, out, bias, cap_elements):
    """Fill `out` (N, O, D, H, W) with the correlation of `source` (N, C, D, H, W).

    `weights` is (G, O / G, C / G * taps); `window` is (start, kernel, stride, dilation), three numbers each, where start
    is the source position read by tap 0 of output 0. At most `cap_elements` of scratch memory are used.
    """
    whole_batch = over_batch(out, window[1], window[2])
    direct = not whole_batch and _rows_are_dense(out)
    extent = (out.shape[0],) + tuple(out.shape[2:])
    box = box_for(extent, _scratch(source.shape[1], weights, window, direct), cap_elements)
    if direct and not _products_fit(out, box):
        direct = False
    for (n, count), depth, height, width in cut(extent, box):
        where = (depth, height, width)
        columns = gather(source.narrow(0, n, count), window[0], where, *window[1:], channels_first=whole_batch)
        target = _part(out, n, count, where)
        if whole_batch:
            _batch_product(weights, columns, target, bias)
        else:
            _sample_products(weights, columns, target, direct)
    if bias is not None and not whole_batch:
        out.add_(bias.view(1, -1, 1, 1, 1))
    return out


def over_batch(out, kernel, stride):
    """Whether one product over the whole batch (channels-first columns) is better than one per sample."""
    positions = pixels(out.shape[2:])
    if out.shape[0] == 1:
        return False
    if out.element_size() == 2 and positions % 8 and (positions * out.shape[0]) % 8 == 0:
        return True  # 16-bit matrix units want rows aligned to 16 bytes
    pointwise = pixels(kernel) == 1 and pixels(stride) == 1
    return positions < (SMALL_POINTWISE if pointwise else SMALL_IMAGE)


def _scratch(channels, weights, window, direct):
    """Elements of scratch memory a box needs: padded input, columns, and the product unless it lands in the output."""
    _, kernel, stride, dilation = window
    groups, wide, rows = weights.shape

    def elements(box):
        n, positions = box[0], box[1] * box[2] * box[3]
        padded = n * channels
        for size, step, taps, gap in zip(box[1:], stride, kernel, dilation):
            padded *= reach(size, step, taps, gap)
        columns = n * groups * rows * positions
        product = 0 if direct else n * groups * wide * positions
        copies = n * weights.numel() if groups > 1 else 0
        return padded + columns + product + copies, max(padded, columns, product)

    return elements


def _part(out, n, count, where):
    part = out.narrow(0, n, count) if count != out.shape[0] else out
    for axis, (at, size) in enumerate(where):
        if size != part.shape[axis + 2]:
            part = part.narrow(axis + 2, at, size)
    return part


def _rows_are_dense(out):
    """Whether positions of a channel lie one after another, so that a product can be written in place."""
    return out.is_contiguous()


def _products_fit(out, box):
    """A cut inside the outermost spatial dimension leaves gaps that no matrix product can write around."""
    sizes = tuple(out.shape[2:])
    cuts = [axis for axis in range(3) if box[axis + 1] != sizes[axis]]
    return not cuts or all(sizes[axis] == 1 for axis in range(cuts[0])) and len(cuts) == 1


def _batch_product(weights, columns, target, bias):
    groups, wide, rows = weights.shape
    columns = columns.view(groups, rows, -1)
    product = torch.empty((groups, wide, columns.shape[2]), dtype=target.dtype, device=target.device)
    torch.bmm(weights, columns, out=product)
    n, channels = target.shape[:2]
    product = product.view((channels, n) + tuple(target.shape[2:])).transpose(0, 1)
    if bias is None:
        target.copy_(product)
    else:
        torch.add(product, bias.view(1, -1, 1, 1, 1), out=target)


def _sample_products(weights, columns, target, direct):
    groups, wide, rows = weights.shape
    n, positions = columns.shape[0], columns.shape[2]
    if groups == 1:
        left, right = weights.expand(n, wide, rows), columns
    else:
        left = weights.unsqueeze(0).expand(n, groups, wide, rows).reshape(n * groups, wide, rows)
        right = columns.view(n * groups, rows, positions)
    if direct:
        sample, channel = target.stride(0), target.stride(1)
        shape, strides = (n * groups, wide, positions), (sample if groups == 1 else wide * channel, channel, 1)
        torch.bmm(left, right, out=target.as_strided(shape, strides, target.storage_offset()))
        return
    product = torch.empty((n * groups, wide, positions), dtype=target.dtype, device=target.device)
    torch.bmm(left, right, out=product)
    target.copy_(product.view(target.shape))
