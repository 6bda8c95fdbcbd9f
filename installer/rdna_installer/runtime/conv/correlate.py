"""From the image to the features: the forward of a convolution, the input gradient of a transposed one."""

from __future__ import annotations

import torch

from .geometry import is_pointwise, pixels, shape_of
from .im2col import Window, blocks_of, frame_of, one_product, weigher
from .products import product_of


def correlate(geometry, strides, weight_strides, dtype, cap_elements):
    """A function (image, weight, bias or None) -> features, for tensors of these strides (five each)."""
    shape = shape_of(geometry.batch, geometry.feature_channels, geometry.features, geometry.spatial)
    if is_pointwise(geometry):
        return pointwise(geometry, shape, geometry.image_channels, False)
    image, stride, strides = geometry.image, geometry.stride, tuple(strides)
    if pixels(geometry.kernel) == 1 and not any(geometry.padding):
        # Only every stride-th position is read: look at those alone.
        strides = strides[:2] + tuple(step * by for step, by in zip(strides[2:], stride))
        image, stride = tuple(-(-size // by) for size, by in zip(image, stride)), (1, 1, 1)
    window = Window(tuple(-p for p in geometry.padding), geometry.kernel, geometry.dilation)
    frame = frame_of(geometry.image_channels, geometry.groups, (window,), geometry.features, stride)
    weight_shape = (geometry.feature_channels, geometry.image_channels // geometry.groups) + geometry.kernel
    weigh = weigher(weight_shape, weight_strides, geometry.groups)
    fixed = geometry.feature_channels * frame.stored * pixels(geometry.kernel)
    blocks = blocks_of(frame, geometry.batch, (geometry.kernel,), geometry.feature_channels, fixed, cap_elements)
    steps = [
        (one_product(frame, window, image, strides, dtype, block),)
        + _views(geometry.feature_channels, geometry.features, block)
        for block in blocks
    ]
    multiply = steps[0][0]

    def whole_sample(source, weight, bias):
        return shifted(multiply(weigh(weight), source).view(shape), bias)

    def batch(source, weight, bias):
        matrix = weigh(weight)
        out = torch.empty(shape, dtype=dtype, device=source.device)
        for multiply, there, here in steps:
            save(multiply(matrix, source).as_strided(*here), bias, out.as_strided(*there))
        return out

    return whole_sample if len(blocks) == 1 and geometry.batch == 1 else batch


def save(values, bias, out):
    """Copy `values` to `out`, both (n, channels, ...), with the bias on the way."""
    if bias is None:
        out.copy_(values)
    else:
        torch.add(values, bias.view((1, -1) + (1,) * (values.dim() - 2)), out=out)


def shifted(out, bias):
    """`out`, (n, channels, ...), with the bias added in place."""
    return out if bias is None else out.add_(bias.view((1, -1) + (1,) * (out.dim() - 2)))


def pointwise(geometry, shape, inner, transposed):
    """Matrix (wide, inner) @ source (N, inner, positions), copying neither; `transposed` for weights (inner, wide)."""
    multiply, n, positions = product_of(inner, True), geometry.batch, pixels(geometry.features)
    weight_shape = (geometry.feature_channels, geometry.image_channels)

    def run(source, weight, bias):
        matrix = weight.reshape(weight_shape)
        if transposed:
            matrix = matrix.t()
        return shifted(multiply(matrix.expand(n, -1, -1), source.reshape(n, inner, positions)).view(shape), bias)

    return run


def _views(channels, size, block):
    """(sizes, strides, offset) of a block within the contiguous output and within its results (channels, positions)."""
    (n, count), spans = block[0], block[1:]
    positions = pixels([length for _, length in spans])
    sizes = (count, channels) + tuple(length for _, length in spans)
    out_steps = (size[1] * size[2], size[2], 1)
    offset = n * channels * pixels(size) + sum(at * step for (at, _), step in zip(spans, out_steps))
    steps = (spans[1][1] * spans[2][1], spans[2][1], 1)
    there = (sizes, (channels * pixels(size), pixels(size)) + out_steps, offset)
    return there, (sizes, (positions, count * positions) + steps, 0)
