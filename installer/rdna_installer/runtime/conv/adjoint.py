"""From features back to the image: the input gradient of a convolution, the forward of a transposed one.

Image positions fall into residues modulo the stride; each residue is an ordinary correlation of the features with its own
taps, flipped. Over rows all of them share one copy of the features (and one product, where the image has few channels).
Groups and gaps between taps go another way: one product into columns that PyTorch's col2im adds up, or residue by residue.
"""

from __future__ import annotations

import functools
import itertools
from collections import namedtuple
from math import gcd

import torch

from .correlate import correlate, over_batch
from .link import as3d, part, pixels, shape_of
from .products import multiply
from .rows import Job, correlate_rows, matrix_of, suits

FEW_CHANNELS = 16  # an image this thin leaves a product per residue mostly empty
TOLERATED_WASTE = 1.35  # zeros multiplied for sharing one product, as a factor of the arithmetic

Residue = namedtuple("Residue", "offset tap step taps start gap")
Residue.__doc__ = "Image positions offset, offset + stride, ... read taps tap, tap + step, ... at features start, start + gap, ..."


def adjoint(features, weight, link, bias, cap_elements):
    """The image (N, Ca, *size) whose weights `weight` (Cb, Ca / G, *kernel) link to `features` (N, Cb, *size)."""
    features, weight = as3d(features, link.spatial), as3d(weight, link.spatial)
    axes = tuple(_residues(*of) for of in zip(link.image, link.kernel, link.stride, link.dilation, link.padding))
    image = _by_rows(features, weight, link, axes, cap_elements)
    if image is None:
        samples = scatter_samples(link, features.element_size(), cap_elements)
        image = _scatter(features, weight, link, samples) if samples else _gather(features, weight, link, axes, cap_elements)
    image = image.view(shape_of(link.batch, link.image_channels, link.image, link.spatial))
    if bias is not None:
        image.add_(bias.view((1, -1) + (1,) * link.spatial))
    return image


@functools.lru_cache(maxsize=4096)
def _residues(size, kernel, stride, dilation, padding):
    common = gcd(dilation, stride)
    step, gap = stride // common, dilation // common
    found = []
    for offset in range(min(stride, size)):
        tap = next((t for t in range(min(step, kernel)) if (offset + padding - t * dilation) % stride == 0), None)
        taps = 0 if tap is None else len(range(tap, kernel, step))
        start = 0 if tap is None else (offset + padding - tap * dilation) // stride - (taps - 1) * gap
        found.append(Residue(offset, tap or 0, step, taps, start, gap))
    return tuple(found)


def _by_rows(features, weight, link, axes, cap_elements):
    """The image by way of rows, or None where they do not suit."""
    real = [[r for r in axis if r.taps] for axis in axes]
    widest = tuple(max(r.taps for r in axis) for axis in real)
    gaps = tuple(axis[0].gap for axis in axes)
    if not suits(widest, (1, 1, 1), gaps, link.groups):
        return None
    jobs = _one_job(weight, link, axes, real) or _many_jobs(weight, link, axes)
    image = torch.empty((link.batch, link.image_channels) + link.image, dtype=features.dtype, device=features.device)
    count = tuple(-(-size // step) for size, step in zip(link.image, link.stride))
    wide = link.image_channels * len(axes[0]) * len(axes[1]) * len(axes[2])
    store = functools.partial(_store, image, axes, link.stride)
    return image if correlate_rows(features, jobs, count, (1, 1, 1), wide, store, cap_elements) else None


def _many_jobs(weight, link, axes):
    """One product per residue, each with exactly its taps."""
    jobs = []
    for index, residue in enumerate(itertools.product(*axes)):
        taps = tuple(r.taps for r in residue)
        matrix = matrix_of(_flipped(_chosen(weight, residue), 1)) if pixels(taps) else None
        start, gap = tuple(r.start for r in residue), tuple(r.gap for r in residue)
        jobs.append(Job(start, taps, gap, matrix, index * link.image_channels))
    starts = [job.start for job in jobs if job.matrix is not None]
    return [job if job.matrix is not None else job._replace(start=starts[0], kernel=(1, 1, 1)) for job in jobs]


def _one_job(weight, link, axes, real):
    """One product for all residues, zero where one of them has no tap; None where that wastes too much."""
    if any(axis[0].gap != 1 and len(axis) > 1 for axis in axes):
        return None
    starts = tuple(min(r.start for r in axis) for axis in real)
    kernel = tuple(
        (max(r.start + (r.taps - 1) * r.gap for r in axis) - first) // axis[0].gap + 1 for axis, first in zip(real, starts)
    )
    spread = pixels(kernel) * len(axes[0]) * len(axes[1]) * len(axes[2])
    if len(axes[0]) * len(axes[1]) * len(axes[2]) > 1 and link.image_channels > FEW_CHANNELS:
        if spread > TOLERATED_WASTE * pixels(link.kernel):
            return None
    gaps = tuple(axis[0].gap for axis in axes)
    if spread == pixels(link.kernel) == pixels(kernel):
        return [Job(starts, kernel, gaps, matrix_of(_flipped(weight, 1)), 0)]
    residues = list(itertools.product(*axes))
    shape = (len(residues), link.image_channels, link.feature_channels) + kernel
    spaced = torch.zeros(shape, dtype=weight.dtype, device=weight.device)
    for target, residue in zip(spaced, residues):
        for axis, (r, first) in enumerate(zip(residue, starts), 2):
            target = target.narrow(axis, max(0, r.start - first) if r.taps else 0, r.taps)
        if target.numel():
            target.copy_(_flipped(_chosen(weight, residue), 1))
    return [Job(starts, kernel, gaps, matrix_of(spaced.view((-1,) + shape[2:])), 0)]


def _chosen(weight, residue):
    """The taps of one residue: a view."""
    return weight[(slice(None), slice(None)) + tuple(slice(r.tap, r.tap + r.taps * r.step, r.step) for r in residue)]


def _flipped(weight, groups):
    """(Cb, Ca / G, *kernel) as the (Ca, Cb / G, *kernel) weight of the opposite direction."""
    turned = weight.flip(2, 3, 4)
    if groups == 1:
        return turned.transpose(0, 1)
    shape = tuple(weight.shape[1:])
    turned = turned.reshape((groups, weight.shape[0] // groups) + shape).transpose(1, 2)
    return turned.reshape((groups * shape[0], weight.shape[0] // groups) + shape[1:])


def _store(image, axes, stride, results, n, depth, height):
    """Put residues (samples, d, h, slots, residues * Ca) where they belong."""
    channels = image.shape[1]
    count = -(-image.shape[4] // stride[2])
    parts = tuple(len(axis) for axis in axes)
    results = results.view(tuple(results.shape[:4]) + parts + (channels,)).narrow(3, 0, count)
    image = part(image, *n)
    if parts == stride and not any(size % step for size, step in zip(image.shape[2:], stride)):
        d, h, w = (size // step for size, step in zip(image.shape[2:], stride))
        target = image.view(image.shape[0], channels, d, stride[0], h, stride[1], w, stride[2])
        target = target.narrow(2, *depth).narrow(4, *height)
        target.copy_(results.permute(0, 7, 1, 4, 2, 5, 3, 6))
        return
    for rd, rh, rw in itertools.product(*(range(size) for size in parts)):
        target = image[:, :, rd :: stride[0], rh :: stride[1], rw :: stride[2]]
        sizes = [max(0, min(size, whole - at)) for whole, (at, size) in zip(target.shape[2:], (depth, height))]
        if all(sizes) and target.shape[4]:
            values = results[:, : sizes[0], : sizes[1], : target.shape[4], rd, rh, rw]
            target = target.narrow(2, depth[0], sizes[0]).narrow(3, height[0], sizes[1])
            target.copy_(values.permute(0, 4, 1, 2, 3))


def scatter_samples(link, element_size, cap_elements):
    """How many samples can be scattered at once; 0 where correlating is the only way."""
    flat = link.image[0] == link.kernel[0] == link.stride[0] == link.dilation[0] == 1 and link.padding[0] == 0
    if not flat or not _size_is_implied(link):
        return 0
    columns = link.image_channels * pixels(link.kernel) * pixels(link.features)
    each = columns + link.image_channels * pixels(link.image)
    if over_batch(link.batch, link.features, element_size, link.kernel, link.stride):
        each += columns + link.feature_channels * pixels(link.features)
    if link.groups > 1:
        each += link.feature_channels * (link.image_channels // link.groups) * pixels(link.kernel)
    samples = min(link.batch, cap_elements // each, (2**31 - 1) // each)
    return -(-link.batch // -(-link.batch // samples)) if samples else 0


def _size_is_implied(link):
    """col2im insists that the image size gives back the feature size; large output_padding does not."""
    return all(
        (a + 2 * p - d * (k - 1) - 1) // s + 1 == b
        for a, b, k, s, d, p in zip(link.image, link.features, link.kernel, link.stride, link.dilation, link.padding)
    )


def _scatter(features, weight, link, samples):
    groups, rows = link.groups, (link.image_channels // link.groups) * pixels(link.kernel)
    matrix = weight.reshape(groups, link.feature_channels // groups, rows).transpose(1, 2)
    whole_batch = over_batch(samples, link.features, features.element_size(), link.kernel, link.stride)
    product = _batch_columns if whole_batch else _sample_columns
    pairs = [tuple(value[1:]) for value in (link.image, link.kernel, link.dilation, link.padding, link.stride)]
    image = None
    for n in range(0, link.batch, samples):
        count = min(samples, link.batch - n)
        columns = product(part(features, n, count), matrix, count, pixels(link.features))
        done = torch.ops.aten.col2im(columns, *pairs)
        if count == link.batch:
            return done
        if image is None:
            image = done.new_empty((link.batch,) + tuple(done.shape[1:]))
        image.narrow(0, n, count).copy_(done)
    return image


def _sample_columns(features, matrix, n, positions):
    """(n, Ca * taps, P) by one product per sample and group."""
    groups, rows, deep = matrix.shape
    features = features.reshape(n * groups, deep, positions)
    if groups == 1:
        left = matrix.expand(n, rows, deep)
    else:
        left = matrix.unsqueeze(0).expand(n, groups, rows, deep).reshape(n * groups, rows, deep)
    columns = torch.empty((n * groups, rows, positions), dtype=features.dtype, device=features.device)
    multiply(left, features, columns)
    return columns.view(n, groups * rows, positions)


def _batch_columns(features, matrix, n, positions):
    """(n, Ca * taps, P) by one product per group over all samples."""
    groups, rows, deep = matrix.shape
    features = features.transpose(0, 1).reshape(groups, deep, n * positions)
    columns = torch.empty((groups, rows, n * positions), dtype=features.dtype, device=features.device)
    multiply(matrix, features, columns)
    return columns.view(groups * rows, n, positions).transpose(0, 1).contiguous()


def _gather(features, weight, link, axes, cap_elements):
    """Residue by residue, each a correlation written into every stride-th position."""
    image = torch.empty((link.batch, link.image_channels) + link.image, dtype=features.dtype, device=features.device)
    for residue in itertools.product(*axes):
        where = tuple(slice(r.offset, None, step) for r, step in zip(residue, link.stride))
        target, taps = image[(slice(None), slice(None)) + where], tuple(r.taps for r in residue)
        if not pixels(taps):
            target.zero_()
            continue
        window = (tuple(r.start for r in residue), taps, (1, 1, 1), tuple(r.gap for r in residue))
        turned = _flipped(_chosen(weight, residue), link.groups)
        correlate(features, turned, link.groups, window, target, None, cap_elements)
    return image
