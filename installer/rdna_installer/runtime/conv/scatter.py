"""From the features back to an image of very few channels, strided: the gradient of RGB input.

Products that make such an image would be mostly empty. One product makes columns instead, and PyTorch's col2im adds
them up; it exists in two dimensions only and cannot be cut inside a sample.
"""

from __future__ import annotations

import torch

from .geometry import FEW_CHANNELS, part, pixels
from .products import product_of


def scattered_samples(geometry, cap_elements):
    """How many samples to scatter at once; 0 for correlating instead (or where col2im has no say: 3d, odd sizes)."""
    flat = (
        geometry.image[0] == geometry.kernel[0] == geometry.stride[0] == geometry.dilation[0] == 1
        and geometry.padding[0] == 0
    )
    if not flat or geometry.groups > 1 or geometry.image_channels > FEW_CHANNELS or pixels(geometry.stride) == 1:
        return 0
    sides = zip(
        geometry.image, geometry.features, geometry.kernel, geometry.stride, geometry.dilation, geometry.padding
    )
    if any((a + 2 * p - d * (k - 1) - 1) // s + 1 != b for a, b, k, s, d, p in sides):
        return 0
    each = geometry.image_channels * (pixels(geometry.kernel) * pixels(geometry.features) + pixels(geometry.image))
    samples = min(geometry.batch, cap_elements // each, (2**31 - 1) // each)
    return -(-geometry.batch // -(-geometry.batch // samples)) if samples else 0


def scatter(geometry, shape, samples):
    """A function (features, weight, bias or None) -> image, `samples` of them at a time."""
    pairs = [
        tuple(value[1:])
        for value in (geometry.image, geometry.kernel, geometry.dilation, geometry.padding, geometry.stride)
    ]
    multiply, positions = product_of(geometry.feature_channels, True), pixels(geometry.features)

    def run(features, weight, bias):
        matrix = weight.reshape(geometry.feature_channels, -1).t()
        done = []
        for n in range(0, geometry.batch, samples):
            count = min(samples, geometry.batch - n)
            values = part(features, n, count).reshape(count, geometry.feature_channels, positions)
            done.append(torch.ops.aten.col2im(multiply(matrix.expand(count, -1, -1), values), *pairs))
        image = (done[0] if len(done) == 1 else torch.cat(done)).view(shape)
        return image if bias is None else image.add_(bias.view((1, -1) + (1,) * geometry.spatial))

    return run
