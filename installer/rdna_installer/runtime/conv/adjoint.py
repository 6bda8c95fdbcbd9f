"""From the features back to the image: the input gradient of a convolution, the forward of a transposed one.

Image positions fall into residues modulo the stride; each residue is a correlation of the features with its own taps,
flipped. All share one padded copy of the features, and one product where that wastes little. Images of very few channels
(gradients of RGB input) would leave such products empty: there one product makes columns that PyTorch's col2im adds up.
"""

from __future__ import annotations

import functools
import itertools
from collections import namedtuple
from math import gcd

import torch

from .correlate import is_pointwise, pointwise
from .link import part, pixels
from .products import multiply
from .rows import Job, boxes_of, frame_of, matrix_of, results_of

FEW_CHANNELS = 8
WASTE = {2: 2.5, 4: 1.8, 8: 1.8}  # by element size: arithmetic on zeros, as a factor, that one product may save launches with

Residue = namedtuple("Residue", "offset tap step taps start gap")
Residue.__doc__ = "Image positions offset, offset + stride, ... read taps tap, tap + step, ... at features start, start + gap, ..."


def adjoint(features, weight, link, bias, cap_elements):
    """The image (N, Ca, D, H, W) whose `weight` (Cb, Ca / G, *kernel) links it to `features`, with `bias` added."""
    shift = None if bias is None else bias.view(1, -1, 1, 1, 1)
    image = None
    if is_pointwise(link):
        image = torch.empty((link.batch, link.image_channels) + link.image, dtype=features.dtype, device=features.device)
        return pointwise(features, weight.view(link.feature_channels, link.image_channels).t(), image, bias)
    samples = _scattered_samples(link, cap_elements)
    image = _scatter(features, weight, link, samples) if samples else _by_residues(features, weight, link, cap_elements)
    return image if shift is None else image.add_(shift)


@functools.lru_cache(maxsize=4096)
def _residues(link):
    """The residues of each dimension."""
    return tuple(_axis(*of) for of in zip(link.image, link.kernel, link.stride, link.dilation, link.padding))


def _axis(size, kernel, stride, dilation, padding):
    common = gcd(dilation, stride)
    step, gap = stride // common, dilation // common
    found = []
    for offset in range(min(stride, size)):
        tap = next((t for t in range(min(step, kernel)) if (offset + padding - t * dilation) % stride == 0), None)
        taps = 0 if tap is None else len(range(tap, kernel, step))
        start = 0 if tap is None else (offset + padding - tap * dilation) // stride - (taps - 1) * gap
        found.append(Residue(offset, tap or 0, step, taps, start, gap))
    return tuple(found)


def _by_residues(features, weight, link, cap_elements):
    axes = _residues(link)
    count = tuple(-(-size // step) for size, step in zip(link.image, link.stride))
    window = _shared_window(link, axes, features.element_size())
    jobs = (_one_job(weight, link, axes, window),) if window else tuple(_many_jobs(weight, link, axes))
    spans = tuple((job.start, job.kernel, job.dilation) for job in jobs if job.matrix is not None)
    frame = frame_of(link.feature_channels, link.groups, spans, count, (1, 1, 1))
    image = torch.empty((link.batch, link.image_channels) + link.image, dtype=features.dtype, device=features.device)
    parts = tuple(len(axis) for axis in axes)
    weights = sum(job.matrix.numel() for job in jobs if job.matrix is not None)
    kernels = tuple(kernel for _, kernel, _ in spans)
    for box in boxes_of(frame, link.batch, kernels, link.image_channels * pixels(parts), 0, weights, cap_elements):
        _store(results_of(features, frame, jobs, box), image, parts, link.stride, box)
    return image


@functools.lru_cache(maxsize=4096)
def _shared_window(link, axes, element_size):
    """(start, kernel, gap) of one product for all residues, or None where each had better have its own."""
    if any(axis[0].gap != 1 and len(axis) > 1 for axis in axes):
        return None
    real = [[r for r in axis if r.taps] for axis in axes]
    starts = tuple(min(r.start for r in axis) for axis in real)
    gaps = tuple(axis[0].gap for axis in axes)
    ends = [max(r.start + (r.taps - 1) * r.gap for r in axis) for axis in real]
    kernel = tuple((end - first) // gap + 1 for end, first, gap in zip(ends, starts, gaps))
    residues = len(axes[0]) * len(axes[1]) * len(axes[2])
    if residues > 1 and (link.groups > 1 or pixels(kernel) * residues > WASTE[element_size] * pixels(link.kernel)):
        return None
    return starts, kernel, gaps


def _one_job(weight, link, axes, window):
    """One product for all residues, zero where one of them has no tap."""
    starts, kernel, gaps = window
    residues = list(itertools.product(*axes))
    if len(residues) == 1 and tuple(r.taps for r in residues[0]) == tuple(weight.shape[2:]):
        return Job(starts, kernel, gaps, matrix_of(weight, link.groups, turned=True))
    shape = (len(residues), link.image_channels, link.feature_channels) + kernel
    spaced = torch.zeros(shape, dtype=weight.dtype, device=weight.device)
    turned = weight.flip(2, 3, 4).transpose(0, 1)
    for target, residue in zip(spaced, residues):
        taps = turned
        for axis, (r, first) in enumerate(zip(residue, starts), 2):
            last = weight.shape[axis] - 1 - (r.tap + max(0, r.taps - 1) * r.step)
            taps = taps[(slice(None),) * axis + (slice(last, last + r.taps * r.step, r.step),)]
            target = target.narrow(axis, max(0, r.start - first) if r.taps else 0, r.taps)
        if target.numel():
            target.copy_(taps)
    return Job(starts, kernel, gaps, matrix_of(spaced.view((-1,) + shape[2:]), 1))


def _many_jobs(weight, link, axes):
    """One product per residue, each with exactly its taps."""
    for residue in itertools.product(*axes):
        taps = tuple(r.taps for r in residue)
        start, gap = tuple(r.start for r in residue), tuple(r.gap for r in residue)
        if pixels(taps):
            chosen = tuple(slice(r.tap, r.tap + r.taps * r.step, r.step) for r in residue)
            matrix = matrix_of(weight[(slice(None), slice(None)) + chosen], link.groups, turned=True)
            yield Job(start, taps, gap, matrix)
        else:
            yield Job(start, (1, 1, 1), gap, None)


def _store(results, image, parts, stride, box):
    """Put residues (jobs, Ca or residues * Ca, positions) where they belong."""
    channels, outputs = image.shape[1], tuple(size for _, size in box)
    image = part(image, *box[0])
    values = results.view(parts + (channels,) + outputs)
    if parts == stride and not any(size % step for size, step in zip(image.shape[2:], stride)):
        d, h, w = (size // step for size, step in zip(image.shape[2:], stride))
        target = image.view(image.shape[0], channels, d, stride[0], h, stride[1], w, stride[2])
        for axis, span in zip((2, 4, 6), box[1:]):
            if span[1] != target.shape[axis]:
                target = target.narrow(axis, *span)
        target.copy_(values.permute(4, 3, 5, 0, 6, 1, 7, 2))
        return
    for residue in itertools.product(*(range(size) for size in parts)):
        target = image[(slice(None), slice(None)) + tuple(slice(r, None, step) for r, step in zip(residue, stride))]
        sizes = [max(0, min(size, whole - at)) for whole, (at, size) in zip(target.shape[2:], box[1:])]
        if all(sizes):
            where = tuple(slice(at, at + size) for (at, _), size in zip(box[1:], sizes))
            chosen = values[residue][(slice(None), slice(None)) + tuple(slice(0, size) for size in sizes)]
            target[(slice(None), slice(None)) + where].copy_(chosen.transpose(0, 1))


def _scattered_samples(link, cap_elements):
    """How many samples to scatter at once; 0 for correlating instead (or where col2im has no say: 3d, odd sizes)."""
    flat = link.image[0] == link.kernel[0] == link.stride[0] == link.dilation[0] == 1 and link.padding[0] == 0
    if not flat or link.groups > 1 or link.image_channels > FEW_CHANNELS or pixels(link.stride) == 1:
        return 0
    sides = zip(link.image, link.features, link.kernel, link.stride, link.dilation, link.padding)
    if any((a + 2 * p - d * (k - 1) - 1) // s + 1 != b for a, b, k, s, d, p in sides):
        return 0
    each = link.image_channels * (pixels(link.kernel) * pixels(link.features) + pixels(link.image))
    samples = min(link.batch, cap_elements // each, (2**31 - 1) // each)
    return -(-link.batch // -(-link.batch // samples)) if samples else 0


def _scatter(features, weight, link, samples):
    matrix = weight.reshape(link.feature_channels, -1).t()
    pairs = [tuple(value[1:]) for value in (link.image, link.kernel, link.dilation, link.padding, link.stride)]
    image = None
    for n in range(0, link.batch, samples):
        count = min(samples, link.batch - n)
        values = part(features, n, count).reshape(count, link.feature_channels, -1)
        columns = torch.empty((count, matrix.shape[0], values.shape[2]), dtype=values.dtype, device=values.device)
        multiply(matrix.expand(count, -1, -1), values, columns)
        done = torch.ops.aten.col2im(columns, *pairs)
        if image is None:
            image = done if count == link.batch else done.new_empty((link.batch,) + tuple(done.shape[1:]))
        if image is not done:
            part(image, n, count).copy_(done)
    return image.unsqueeze(2)
