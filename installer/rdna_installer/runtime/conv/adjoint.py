"""From features back to the image: the input gradient of a convolution, the forward of a transposed one.

Two ways: one product that scatters (columns, then PyTorch's col2im adds them up), or correlations with the flipped
kernel - one for stride 1, one per residue of the position modulo the stride otherwise. Scattering needs fewer launches
and suits few image channels; it exists in two dimensions only and cannot be cut inside a sample.
"""

from __future__ import annotations

from math import gcd

import torch

from .correlate import correlate, over_batch, part
from .link import as3d, pixels, shape_of
from .products import multiply


def adjoint(features, weight, link, bias, cap_elements):
    """The image (N, Ca, *size) whose weights `weight` (Cb, Ca / G, *kernel) link to `features` (N, Cb, *size)."""
    cube, cube_weight = as3d(features, link.spatial), as3d(weight, link.spatial)
    samples = scatter_samples(link, features.element_size(), cap_elements)
    if samples:
        image = _scatter(cube, cube_weight, link, samples)
    else:
        image = _gather(cube, cube_weight, link, cap_elements)
    image = image.view(shape_of(link.batch, link.image_channels, link.image, link.spatial))
    if bias is not None:
        image.add_(bias.view((1, -1) + (1,) * link.spatial))
    return image


def scatter_samples(link, element_size, cap_elements):
    """How many samples can be scattered at once; 0 where correlating is the only way."""
    flat = link.image[0] == link.kernel[0] == link.stride[0] == link.dilation[0] == 1 and link.padding[0] == 0
    if not flat or not _size_is_implied(link):
        return 0
    each = link.image_channels * pixels(link.kernel) * pixels(link.features) + link.image_channels * pixels(link.image)
    if over_batch(link.batch, link.features, element_size, link.kernel, link.stride):
        each += (link.image_channels * pixels(link.kernel) + link.feature_channels) * pixels(link.features)
    if link.groups > 1:
        each += link.feature_channels * (link.image_channels // link.groups) * pixels(link.kernel)
    samples = min(link.batch, cap_elements // each, (2**31 - 1) // each)
    return -(-link.batch // -(-link.batch // samples)) if samples else 0


def _size_is_implied(link):
    """col2im insists that the image size gives back the feature size; large output_padding does not."""
    return all(
        (a + 2 * p - d * (k - 1) - 1) // s + 1 == b
        for a, b, k, s, d, p in zip(
            link.image, link.features, link.kernel, link.stride, link.dilation, link.padding
        )
    )


def _scatter(features, weight, link, samples):
    groups, rows = link.groups, (link.image_channels // link.groups) * pixels(link.kernel)
    matrix = weight.reshape(groups, link.feature_channels // groups, rows).transpose(1, 2)
    whole_batch = over_batch(samples, link.features, features.element_size(), link.kernel, link.stride)
    image = None
    for n in range(0, link.batch, samples):
        count = min(samples, link.batch - n)
        product = _batch_columns if whole_batch else _sample_columns
        columns = product(part(features, n, count), matrix, count, pixels(link.features))
        done = _col2im(columns, link)
        if count == link.batch:
            return done
        if image is None:
            image = done.new_empty((link.batch,) + tuple(done.shape[1:]))
        image.narrow(0, n, count).copy_(done)
    return image


def _col2im(columns, link):
    pairs = [tuple(value[1:]) for value in (link.image, link.kernel, link.dilation, link.padding, link.stride)]
    return torch.ops.aten.col2im(columns, *pairs)


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


def _gather(features, weight, link, cap_elements):
    image = torch.empty(
        (link.batch, link.image_channels) + tuple(link.image), dtype=features.dtype, device=features.device
    )
    axes = [
        [_residue(r, *of) for r in range(min(of[2], of[0]))]
        for of in zip(link.image, link.kernel, link.stride, link.dilation, link.padding)
    ]
    for depth in axes[0]:
        for height in axes[1]:
            for width in axes[2]:
                _one_residue(features, weight, link, (depth, height, width), image, cap_elements)
    return image


def _residue(r, size, kernel, stride, dilation, padding):
    """Which taps reach image positions r, r + stride, ... and where: (slice, first tap, tap step, taps, start, gap)."""
    where = slice(r, size, stride)
    common = gcd(dilation, stride)
    step, gap = stride // common, dilation // common
    for tap in range(min(step, kernel)):
        if (r + padding - tap * dilation) % stride == 0:
            taps = len(range(tap, kernel, step))
            start = (r + padding - tap * dilation) // stride - (taps - 1) * gap
            return where, tap, step, taps, start, gap
    return where, 0, step, 0, 0, gap


def _one_residue(features, weight, link, residue, image, cap_elements):
    target = image[(slice(None), slice(None)) + tuple(axis[0] for axis in residue)]
    taps = tuple(axis[3] for axis in residue)
    if not pixels(taps):
        target.zero_()
        return
    chosen = tuple(slice(axis[1], None, axis[2]) for axis in residue)
    window = (tuple(axis[4] for axis in residue), taps, (1, 1, 1), tuple(axis[5] for axis in residue))
    correlate(features, _flipped(weight[(slice(None), slice(None)) + chosen], link.groups), window, target, None, cap_elements)


def _flipped(weight, groups):
    """(Cb, Ca / G, *kernel) as the (G, Ca / G, Cb / G * taps) matrix of the opposite direction."""
    turned = weight.flip(2, 3, 4)
    turned = turned.reshape((groups, weight.shape[0] // groups) + tuple(weight.shape[1:])).transpose(1, 2)
    return turned.reshape(groups, weight.shape[1], -1)
