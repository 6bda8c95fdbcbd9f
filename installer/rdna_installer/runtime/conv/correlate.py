"""From the image to the features: the forward of a convolution, the input gradient of a transposed one."""

from __future__ import annotations

import torch

from .geometry import is_pointwise, pixels, shape_of
from .im2col import Window, boxes_of, frame_of, one_product, weigher
from .products import product_of


def correlate(link, strides, weight_strides, dtype, cap_elements):
    """A function (image, weight, bias or None) -> features, for tensors of these strides (five each)."""
    shape = shape_of(link.batch, link.feature_channels, link.features, link.spatial)
    if is_pointwise(link):
        return pointwise(link, shape, link.image_channels, False)
    image, stride, strides = link.image, link.stride, tuple(strides)
    if pixels(link.kernel) == 1 and not any(link.padding):
        # Only every stride-th position is read: look at those alone.
        strides = strides[:2] + tuple(step * by for step, by in zip(strides[2:], stride))
        image, stride = tuple(-(-size // by) for size, by in zip(image, stride)), (1, 1, 1)
    window = Window(tuple(-p for p in link.padding), link.kernel, link.dilation)
    frame = frame_of(link.image_channels, link.groups, (window,), link.features, stride)
    weight_shape = (link.feature_channels, link.image_channels // link.groups) + link.kernel
    weigh = weigher(weight_shape, weight_strides, link.groups)
    fixed = link.feature_channels * frame.stored * pixels(link.kernel)
    boxes = boxes_of(frame, link.batch, (link.kernel,), link.feature_channels, fixed, cap_elements)
    steps = [
        (one_product(frame, window, image, strides, dtype, box),) + _views(link.feature_channels, link.features, box)
        for box in boxes
    ]
    multiply = steps[0][0]

    def whole_sample(source, weight, bias):
        out = multiply(weigh(weight), source).view(shape)
        return out if bias is None else out.add_(bias.view(shift))

    def batch(source, weight, bias):
        matrix = weigh(weight)
        out = torch.empty(shape, dtype=dtype, device=source.device)
        for multiply, there, here in steps:
            save(multiply(matrix, source).as_strided(*here), bias, out.as_strided(*there))
        return out

    shift = (1, -1) + (1,) * link.spatial
    return whole_sample if len(boxes) == 1 and link.batch == 1 else batch


def save(values, bias, out):
    """Copy `values` to `out`, both (n, channels, ...), with the bias on the way."""
    if bias is None:
        out.copy_(values)
    else:
        torch.add(values, bias.view((1, -1) + (1,) * (values.dim() - 2)), out=out)


def pointwise(link, shape, inner, transposed):
    """Matrix (wide, inner) @ source (N, inner, positions), copying neither; `transposed` for weights (inner, wide)."""
    multiply, n, positions = product_of(inner, True), link.batch, pixels(link.features)
    weight_shape = (link.feature_channels, link.image_channels)

    def run(source, weight, bias):
        matrix = weight.reshape(weight_shape)
        if transposed:
            matrix = matrix.t()
        out = multiply(matrix.expand(n, -1, -1), source.reshape(n, inner, positions)).view(shape)
        return out if bias is None else out.add_(bias.view((1, -1) + (1,) * link.spatial))

    return run


def _views(channels, size, box):
    """(sizes, strides, offset) of a box within the contiguous output and within its results (channels, positions)."""
    (n, count), spans = box[0], box[1:]
    positions = pixels([length for _, length in spans])
    sizes = (count, channels) + tuple(length for _, length in spans)
    out_steps = (size[1] * size[2], size[2], 1)
    offset = n * channels * pixels(size) + sum(at * step for (at, _), step in zip(spans, out_steps))
    steps = (spans[1][1] * spans[2][1], spans[2][1], 1)
    there = (sizes, (channels * pixels(size), pixels(size)) + out_steps, offset)
    return there, (sizes, (positions, count * positions) + steps, 0)
