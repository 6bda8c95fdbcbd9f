"""Correlation as matrix products: the forward of a convolution, and every gather-style gradient."""

from __future__ import annotations

import functools

import torch

from .boxes import box_for, cut
from .columns import gather, reach
from .link import part, pixels
from .products import multiply
from .rows import Job, correlate_rows, matrix_of, suits

SMALL_IMAGE = 512  # positions below which one product over the whole batch beats one per sample
SMALL_POINTWISE = 196  # the same for 1x1 kernels, where a product per sample needs no copy at all


def correlate(source, weight, groups, window, out, bias, cap_elements):
    """Fill `out` (N, O, D, H, W) with the correlation of `source` (N, C, D, H, W) and `weight` (O, C / G, *kernel).

    `window` is (start, kernel, stride, dilation), three numbers each, where start is the source position read by tap 0 of
    output 0. At most `cap_elements` of scratch memory are used.
    """
    start, kernel, stride, dilation = window
    if suits(kernel, stride, dilation, groups):
        jobs = [Job(start, kernel, dilation, matrix_of(weight), 0)]
        store = functools.partial(_store, out, bias)
        if correlate_rows(source, jobs, tuple(out.shape[2:]), stride, out.shape[1], store, cap_elements):
            return out
    weights = weight.reshape(groups, out.shape[1] // groups, -1)
    return _by_columns(source, weights, window, out, bias, cap_elements)


def over_batch(samples, size, element_size, kernel, stride):
    """Whether one product over the whole batch (channels-first columns) is better than one per sample."""
    positions = pixels(size)
    if samples == 1:
        return False
    if element_size == 2 and positions % 8 and (positions * samples) % 8 == 0:
        return True  # 16-bit matrix units want rows aligned to 16 bytes
    pointwise = pixels(kernel) == 1 and pixels(stride) == 1
    return positions < (SMALL_POINTWISE if pointwise else SMALL_IMAGE)


def _store(out, bias, results, n, depth, height):
    width = out.shape[4]
    target = part(out, n[0], n[1], (depth, height, (0, width)))
    values = results.narrow(3, 0, width).permute(0, 4, 1, 2, 3)
    if bias is None:
        target.copy_(values)
    else:
        torch.add(values, bias.view(1, -1, 1, 1, 1), out=target)


def _by_columns(source, weights, window, out, bias, cap_elements):
    whole_batch, direct, boxes = _plan(
        tuple(out.shape), out.is_contiguous(), out.element_size(), source.shape[1], tuple(weights.shape), window, cap_elements
    )
    for (n, count), depth, height, width in boxes:
        where = (depth, height, width)
        columns = gather(part(source, n, count), window, where, whole_batch)
        target = part(out, n, count, where)
        if whole_batch:
            _batch_product(weights, columns, target, bias)
        else:
            _sample_products(weights, columns, target, direct)
    if bias is not None and not whole_batch:
        out.add_(bias.view(1, -1, 1, 1, 1))
    return out


@functools.lru_cache(maxsize=4096)
def _plan(out_shape, dense, element_size, channels, weights_shape, window, cap_elements):
    """(one product for the whole batch?, products land in the output?, boxes)."""
    whole_batch = over_batch(out_shape[0], out_shape[2:], element_size, window[1], window[2])
    extent = (out_shape[0],) + out_shape[2:]
    direct = dense and not whole_batch
    box = box_for(extent, _scratch(channels, weights_shape, window, direct), cap_elements)
    if direct and not _rows_stay_whole(out_shape[2:], box):
        direct = False
        box = box_for(extent, _scratch(channels, weights_shape, window, direct), cap_elements)
    return whole_batch, direct, cut(extent, box)


def _scratch(channels, weights_shape, window, direct):
    """Elements of scratch memory of a box: padded input, columns, and the product unless it lands in the output."""
    _, kernel, stride, dilation = window
    groups, wide, rows = weights_shape

    def elements(box):
        n, positions = box[0], pixels(box[1:])
        padded = n * channels
        for size, step, taps, gap in zip(box[1:], stride, kernel, dilation):
            padded *= reach(size, step, taps, gap)
        columns = n * groups * rows * positions
        product = 0 if direct else n * groups * wide * positions
        copies = n * groups * wide * rows if groups > 1 else 0
        return padded + columns + product + copies, max(padded, columns, product, copies)

    return elements


def _rows_stay_whole(sizes, box):
    """Whether boxes are cut in the outermost real dimension only, so that their positions stay adjacent."""
    cuts = [axis for axis in range(3) if box[axis + 1] != sizes[axis]]
    return not cuts or (len(cuts) == 1 and all(size == 1 for size in sizes[: cuts[0]]))


def _batch_product(weights, columns, target, bias):
    groups, wide, rows = weights.shape
    columns = columns.view(groups, rows, -1)
    product = torch.empty((groups, wide, columns.shape[2]), dtype=target.dtype, device=target.device)
    multiply(weights, columns, product)
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
        right = columns.reshape(n * groups, rows, positions)
    if not direct:
        product = torch.empty((n * groups, wide, positions), dtype=target.dtype, device=target.device)
        multiply(left, right, product)
        target.copy_(product.view(target.shape))
        return
    sample, channel = target.stride(0), target.stride(1)
    strides = (sample if groups == 1 else wide * channel, channel, 1)
    multiply(left, right, target.as_strided((n * groups, wide, positions), strides, target.storage_offset()))
