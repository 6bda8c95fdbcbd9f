"""From the features back to an image of very few channels, strided: the gradient of RGB input.

Products that make such an image would be mostly empty. One product makes columns instead, and PyTorch's col2im adds
them up; it exists in two dimensions only and cannot be cut inside a sample.
"""

from __future__ import annotations

import torch

from .geometry import FEW_CHANNELS, part, pixels
from .products import product_of


def scattered_samples(link, cap_elements):
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


def scatter(link, shape, samples):
    """A function (features, weight, bias or None) -> image, `samples` of them at a time."""
    pairs = [tuple(value[1:]) for value in (link.image, link.kernel, link.dilation, link.padding, link.stride)]
    multiply, positions = product_of(link.feature_channels, True), pixels(link.features)

    def run(features, weight, bias):
        matrix = weight.reshape(link.feature_channels, -1).t()
        done = []
        for n in range(0, link.batch, samples):
            count = min(samples, link.batch - n)
            values = part(features, n, count).reshape(count, link.feature_channels, positions)
            done.append(torch.ops.aten.col2im(multiply(matrix.expand(count, -1, -1), values), *pairs))
        image = (done[0] if len(done) == 1 else torch.cat(done)).view(shape)
        return image if bias is None else image.add_(bias.view((1, -1) + (1,) * link.spatial))

    return run
