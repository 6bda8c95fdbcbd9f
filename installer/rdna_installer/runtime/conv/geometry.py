"""The geometry of one convolution, the same for ordinary, transposed, 1d, 2d and 3d ones.

A convolution links an image `a` (N, Ca, A) with features `b` (N, Cb, B) through weights (Cb, Ca/groups, kernel):
    position in a  =  position in b * stride + tap * dilation - padding
An ordinary convolution goes a -> b, its input gradient b -> a; a transposed one goes b -> a and its gradient a -> b.
So three primitives (correlate a -> b, adjoint b -> a, weight gradient from both) serve all of them.
Spatial tuples always have three entries (depth, height, width); missing ones are 1.

Scratch memory is kept under a cap by cutting a convolution into blocks of output positions. Only shapes and the cap
decide, never the memory that happens to be free: the same call always sums in the same order.
"""

from __future__ import annotations

from collections import namedtuple

FEW_CHANNELS = 8  # an image this thin leaves products that make it mostly empty
SMALL_POINTWISE = 196  # positions below which even a 1x1 kernel is better off with one product over the whole batch
LIMIT = 2**31 - 1  # elements of one scratch tensor: kernels and BLAS libraries index with 32 bits

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
    other = (_image_size if transposed else feature_size)(given, kernel, stride, dilation, padding, extra)
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


def _three(values, spatial, missing):
    values = tuple(values)
    if len(values) == 1:
        values = values * spatial
    return (missing,) * (3 - spatial) + values


def feature_size(image, kernel, stride, dilation, padding, _extra=None):
    """Positions of the features that an ordinary convolution makes of the image."""
    return tuple(
        (a + 2 * p - d * (k - 1) - 1) // s + 1 for a, k, s, d, p in zip(image, kernel, stride, dilation, padding)
    )


def _image_size(features, kernel, stride, dilation, padding, extra):
    return tuple(
        (b - 1) * s - 2 * p + d * (k - 1) + e + 1
        for b, k, s, d, p, e in zip(features, kernel, stride, dilation, padding, extra)
    )


def block_for(extent, elements, cap_elements):
    """The largest block (samples, depth, height, width) of `extent` whose scratch memory fits the cap.

    `elements(block)` returns (scratch elements in total, those of the largest single tensor). Samples are split first,
    then the outermost spatial dimension. One output row of an image is the floor unless it overflows 32-bit indexing.
    """

    def fits(block):
        total, largest = elements(block)
        return total <= cap_elements and largest <= LIMIT

    block = list(extent)
    for axis in range(3):
        if fits(block):
            return tuple(block)
        block[axis] = 1
        if fits(block):
            return _widened(block, axis, extent[axis], fits)
    is_image = extent[1] > 1 or extent[2] > 1
    if is_image and elements(block)[1] <= LIMIT:
        return tuple(block)
    return _widened(block, 3, extent[3], fits)


def cut(extent, block):
    """Every block of (start, length) pairs that covers `extent`, in a fixed order."""
    spans = [[(at, min(step, size - at)) for at in range(0, size, step)] for size, step in zip(extent, block)]
    return [(n, d, h, w) for n in spans[0] for d in spans[1] for h in spans[2] for w in spans[3]]


def _widened(block, axis, most, fits):
    """`block` with the largest length along `axis` that fits, evened out so that all chunks have about one size."""
    low, high = 1, most
    while low < high:
        middle = (low + high + 1) // 2
        if fits(block[:axis] + [middle] + block[axis + 1 :]):
            low = middle
        else:
            high = middle - 1
    chunks = -(-most // low)
    return tuple(block[:axis] + [-(-most // chunks)] + block[axis + 1 :])
