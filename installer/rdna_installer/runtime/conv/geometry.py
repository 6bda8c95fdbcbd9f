"""The geometry of one convolution, the same for ordinary, transposed, 1d, 2d and 3d ones.

A convolution links an image `a` (N, Ca, A) with features `b` (N, Cb, B) through weights (Cb, Ca/groups, kernel):
    position in a  =  position in b * stride + tap * dilation - padding
An ordinary convolution goes a -> b, its input gradient b -> a; a transposed one goes b -> a and its gradient a -> b.
So three primitives (correlate a -> b, adjoint b -> a, weight gradient from both) serve all of them.
Spatial tuples always have three entries (depth, height, width); missing ones are 1.
"""

from __future__ import annotations

from collections import namedtuple

FEW_CHANNELS = 8  # an image this thin leaves products that make it mostly empty
SMALL_POINTWISE = 196  # positions below which even a 1x1 kernel is better off with one product over the whole batch

Geometry = namedtuple(
    "Geometry", "batch image_channels feature_channels groups image features kernel stride dilation padding spatial"
)
Geometry.__doc__ = "One convolution's geometry; `spatial` is the number of real spatial dimensions (1, 2 or 3)."


def geometry_of(x_shape, w_shape, stride, padding, dilation, transposed, output_padding, groups):
    """The Geometry of `aten::_convolution`'s arguments, or None when they are unusual enough to leave to PyTorch."""
    spatial = len(w_shape) - 2
    if spatial not in (1, 2, 3) or len(x_shape) != spatial + 2 or groups < 1:
        return None
    stride, padding = _three(stride, spatial, 1), _three(padding, spatial, 0)
    dilation, extra = _three(dilation, spatial, 1), _three(output_padding, spatial, 0)
    kernel, given = _three(w_shape[2:], spatial, 1), _three(x_shape[2:], spatial, 1)
    if min(x_shape) < 1 or min(w_shape) < 1 or min(stride) < 1 or min(dilation) < 1 or min(padding) < 0:
        return None
    if w_shape[0] % groups or x_shape[1] != (w_shape[0] if transposed else w_shape[1] * groups):
        return None
    if transposed and any(e < 0 or e >= max(s, d) for e, s, d in zip(extra, stride, dilation)):
        return None
    other = (_image_size if transposed else _feature_size)(given, kernel, stride, dilation, padding, extra)
    if min(other) < 1:
        return None
    image, features = (other, given) if transposed else (given, other)
    channels = w_shape[1] * groups
    return Geometry(
        x_shape[0], channels, w_shape[0], groups, image, features, kernel, stride, dilation, padding, spatial
    )


def pixels(size):
    """Number of positions of a (depth, height, width) tuple."""
    return size[0] * size[1] * size[2]


def is_pointwise(geometry):
    """Whether this is a matrix product per sample as it stands, with samples large enough for that."""
    return (
        pixels(geometry.kernel) == pixels(geometry.stride) == geometry.groups == 1
        and not any(geometry.padding)
        and geometry.image == geometry.features  # a transposed one may have output padding
        and (geometry.batch == 1 or pixels(geometry.features) >= SMALL_POINTWISE)
    )


def shape_of(batch, channels, size, spatial):
    """The tensor shape with only the real spatial dimensions."""
    return (batch, channels) + tuple(size[3 - spatial :])


def part(tensor, n, count):
    """Samples n .. n + count of `tensor`: a view."""
    return tensor if count == tensor.shape[0] else tensor.narrow(0, n, count)


def _three(values, spatial, missing):
    values = tuple(values)
    if len(values) == 1:
        values = values * spatial
    return (missing,) * (3 - spatial) + values


def _feature_size(image, kernel, stride, dilation, padding, _extra):
    return tuple(
        (a + 2 * p - d * (k - 1) - 1) // s + 1 for a, k, s, d, p in zip(image, kernel, stride, dilation, padding)
    )


def _image_size(features, kernel, stride, dilation, padding, extra):
    return tuple(
        (b - 1) * s - 2 * p + d * (k - 1) + e + 1
        for b, k, s, d, p, e in zip(features, kernel, stride, dilation, padding, extra)
    )
