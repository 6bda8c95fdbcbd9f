"""From the image to the features: the forward of a convolution, the input gradient of a transposed one."""

from __future__ import annotations

import torch

from .link import pixels
from .products import multiply
from .rows import Job, boxes_of, frame_of, matrix_of, results_of

SMALL_POINTWISE = 196  # positions below which even a 1x1 kernel is better off with one product over the whole batch


def correlate(image, weight, link, bias, cap_elements):
    """The features (N, Cb, D, H, W) of `image` (N, Ca, D, H, W) under `weight` (Cb, Ca / G, *kernel), with `bias` added."""
    out = torch.empty((link.batch, link.feature_channels) + link.features, dtype=image.dtype, device=image.device)
    if is_pointwise(link):
        return pointwise(image, weight.view(link.feature_channels, link.image_channels), out, bias)
    start, stride, source = tuple(-p for p in link.padding), link.stride, image
    if pixels(link.kernel) == 1 and not any(link.padding):
        source, stride = image[:, :, :: stride[0], :: stride[1], :: stride[2]], (1, 1, 1)
    frame = frame_of(link.image_channels, link.groups, ((start, link.kernel, link.dilation),), link.features, stride)
    jobs = (Job(start, link.kernel, link.dilation, matrix_of(weight, link.groups)),)
    shift = None if bias is None else bias.view(1, -1, 1, 1, 1)
    boxes = boxes_of(frame, link.batch, (link.kernel,), link.feature_channels, 0, jobs[0].matrix.numel(), cap_elements)
    for box in boxes:
        results = results_of(source, frame, jobs, box)
        _store(results, out if len(boxes) == 1 else _part(out, box), shift)
    return out


def is_pointwise(link):
    """Whether this is a matrix product per sample as it stands, with samples large enough for that."""
    return (
        pixels(link.kernel) == pixels(link.stride) == link.groups == 1
        and not any(link.padding)
        and (link.batch == 1 or pixels(link.features) >= SMALL_POINTWISE)
    )


def pointwise(source, matrix, out, bias):
    """Fill `out` (N, O, ...) with matrix (O, C) @ source (N, C, ...) without copying either."""
    n, wide = out.shape[:2]
    multiply(matrix.expand(n, -1, -1), source.reshape(n, source.shape[1], -1), out.view(n, wide, -1))
    if bias is not None:
        out.add_(bias.view(1, -1, 1, 1, 1))
    return out


def _part(out, box):
    for axis, (at, size) in zip((0, 2, 3, 4), box):
        if size != out.shape[axis]:
            out = out.narrow(axis, at, size)
    return out


def _store(results, target, shift):
    """Results (1, Cb, positions) into `target` (n, Cb, D, H, W)."""
    n, wide, depth, height, width = target.shape
    row, plane, sample = width, height * width, depth * height * width
    values = results.as_strided(target.shape, (sample, n * sample, plane, row, 1))
    if shift is None:
        target.copy_(values)
    else:
        torch.add(values, shift, out=target)
