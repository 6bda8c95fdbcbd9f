"""From the features back to the image: the input gradient of a convolution, the forward of a transposed one.

Image positions fall into residues modulo the stride; each residue is a correlation of the features with its own taps,
flipped. All share one padded copy of the features, and one product where that wastes little. Products that make an
image of very few channels (RGB input), strided, would be mostly empty: there one product makes columns instead, and
PyTorch's col2im adds them up; it exists in two dimensions only and cannot be cut inside a sample.
"""

from __future__ import annotations

import itertools
from collections import namedtuple
from math import gcd

import torch

from .correlate import pointwise, save, shifted
from .geometry import FEW_CHANNELS, feature_size, is_pointwise, pixels, shape_of
from .im2col import SIZES, Window, blocks_of, columns, dense, frame_of, padder, turn, weigher
from .products import product_of

WASTE = {2: 2.5, 4: 1.8, 8: 1.8}  # by element size: arithmetic, as a factor, worth spending on zeros to save launches

Residue = namedtuple("Residue", "tap step taps start gap")
Residue.__doc__ = """One residue in one dimension reads taps tap, tap + step, ..., the last one first, at features
start, start + gap, ..."""


def adjoint(geometry, strides, weight_strides, dtype, cap_elements):
    """A function (features, weight, bias or None) -> image, for tensors of these strides (five each)."""
    shape = shape_of(geometry.batch, geometry.image_channels, geometry.image, geometry.spatial)
    if is_pointwise(geometry):
        return pointwise(geometry, shape, geometry.feature_channels, True)
    samples = scattered_samples(geometry, cap_elements)
    if samples:
        return scatter(geometry, shape, samples)
    return _by_residues(geometry, shape, strides, weight_strides, dtype, cap_elements)


def _by_residues(geometry, shape, strides, weight_strides, dtype, cap_elements):
    axes = [
        _residues(*of)
        for of in zip(geometry.image, geometry.kernel, geometry.stride, geometry.dilation, geometry.padding)
    ]
    if not all(any(residue.taps for residue in axis) for axis in axes):
        # No tap ever falls into the image: all of them into its padding.
        return lambda features, weight, bias: shifted(features.new_zeros(shape), bias)
    residues = list(itertools.product(*axes))
    shared = _shared_window(geometry, axes, SIZES[dtype])
    windows = [shared] if shared else [_window(residue) for residue in residues]
    real = [window for window in windows if window]
    count = tuple(-(-size // step) for size, step in zip(geometry.image, geometry.stride))
    frame = frame_of(geometry.feature_channels, geometry.groups, real, count, (1, 1, 1))
    weigh = (_weigh_shared if shared else _weigh_each)(geometry, residues, windows, weight_strides)
    deepest, wide = max(pixels(window.kernel) for window in real), geometry.image_channels * len(residues)
    fixed = (
        geometry.image_channels * frame.stored * (deepest * len(residues) + geometry.groups * pixels(geometry.kernel))
    )
    blocks = blocks_of(frame, geometry.batch, [w.kernel for w in real], wide, fixed, cap_elements)
    size, parts = geometry.features, tuple(len(axis) for axis in axes)
    steps = [
        (padder(frame, size, strides, dtype, block), _multiplier(geometry, frame, windows, dtype, block, wide),
         _moves(geometry, parts, block))
        for block in blocks
    ]  # fmt: skip

    def run(features, weight, bias):
        matrices = weigh(weight)
        image = torch.empty(shape, dtype=dtype, device=features.device)
        for pad, multiply, moves in steps:
            results = multiply(matrices, pad(features))
            for there, here in moves:
                save(results.as_strided(*here), bias, image.as_strided(*there))
        return image

    return run


def _residues(size, kernel, stride, dilation, padding):
    common = gcd(dilation, stride)
    step, gap = stride // common, dilation // common
    found = []
    for offset in range(min(stride, size)):
        tap = next((t for t in range(min(step, kernel)) if (offset + padding - t * dilation) % stride == 0), None)
        taps = 0 if tap is None else len(range(tap, kernel, step))
        start = 0 if tap is None else (offset + padding - tap * dilation) // stride - (taps - 1) * gap
        found.append(Residue(tap or 0, step, taps, start, gap))
    return found


def _window(residue):
    """The Window of one residue, None without taps."""
    taps = tuple(r.taps for r in residue)
    return Window(tuple(r.start for r in residue), taps, tuple(r.gap for r in residue)) if pixels(taps) else None


def _shared_window(geometry, axes, element_size):
    """The Window of one product for all residues, or None where each had better have its own."""
    if any(axis[0].gap != 1 and len(axis) > 1 for axis in axes):
        return None
    real = [[r for r in axis if r.taps] for axis in axes]
    starts = tuple(min(r.start for r in axis) for axis in real)
    gaps = tuple(axis[0].gap for axis in axes)
    ends = [max(r.start + (r.taps - 1) * r.gap for r in axis) for axis in real]
    kernel = tuple((end - first) // gap + 1 for end, first, gap in zip(ends, starts, gaps))
    residues = len(axes[0]) * len(axes[1]) * len(axes[2])
    if residues > 1 and (
        geometry.groups > 1 or pixels(kernel) * residues > WASTE[element_size] * pixels(geometry.kernel)
    ):
        return None
    return Window(starts, kernel, gaps)


def _weight_shape(geometry):
    return (geometry.feature_channels, geometry.image_channels // geometry.groups) + geometry.kernel


def _taps(residue):
    return tuple(slice(r.tap, r.tap + r.taps * r.step, r.step) for r in residue)


def _weigh_each(geometry, residues, windows, strides):
    """weight -> one matrix per residue that has taps."""
    makers = [
        weigher(_weight_shape(geometry), strides, geometry.groups, _taps(residue), turned=True) if window else None
        for residue, window in zip(residues, windows)
    ]

    def weigh(weight):
        turned = turn(weight)
        return [make and make(turned) for make in makers]

    return weigh


def _weigh_shared(geometry, residues, windows, strides):
    """weight -> one matrix for all residues, zero where one of them has no tap."""
    if len(residues) == 1:
        make = weigher(_weight_shape(geometry), strides, geometry.groups, _taps(residues[0]), turned=True)
        return lambda weight: [make(turn(weight))]
    window, outer, shape = windows[0], (geometry.image_channels, geometry.feature_channels), _weight_shape(geometry)
    whole = (len(residues),) + outer + window.kernel
    makers = [(index, residue) for index, residue in enumerate(residues) if pixels([r.taps for r in residue])]
    final = weigher((whole[0] * whole[1],) + whole[2:], dense(whole)[1:], 1)
    parts = []
    for index, residue in makers:
        step = dense(whole)
        offset = index * step[0] + sum((r.start - at) * by for r, at, by in zip(residue, window.start, step[3:]))
        make = weigher_view(shape, residue)
        parts.append((make, outer + tuple(r.taps for r in residue), step[1:], offset))

    def weigh(weight):
        spaced = torch.zeros(whole, dtype=weight.dtype, device=weight.device)
        turned = turn(weight).contiguous()  # a single tap is not turned, and may lie anywhere in a larger tensor
        for (there, by, at), sizes, steps, offset in parts:
            part = turned.as_strided(there, by, turned.storage_offset() + at)
            spaced.as_strided(sizes, steps, offset).copy_(part)
        return [final(spaced)]

    return weigh


def weigher_view(shape, residue):
    """(sizes, strides, offset) of a residue's taps, last first and channels exchanged, within the flipped weight."""
    steps = dense(shape)
    last = [size - 1 - (r.tap + (r.taps - 1) * r.step) for r, size in zip(residue, shape[2:])]
    sizes = (shape[1], shape[0]) + tuple(r.taps for r in residue)
    strides = (steps[1], steps[0]) + tuple(r.step * by for r, by in zip(residue, steps[2:]))
    return sizes, strides, sum(at * by for at, by in zip(last, steps[2:]))


def _multiplier(geometry, frame, windows, dtype, block, wide):
    """(matrices, padded features) -> results (residues * Ca, positions)."""
    rows = [window and columns(frame, window, dtype, block) for window in windows]
    products = [window and product_of(pixels(window.kernel) * frame.stored, geometry.groups > 1) for window in windows]
    if len(windows) == 1:
        return lambda matrices, flat: products[0](matrices[0], rows[0](flat))
    positions = block[0][1] * pixels([length for _, length in block[1:]])
    each = (geometry.groups, geometry.image_channels // geometry.groups, positions)[0 if geometry.groups > 1 else 1 :]

    def multiply(matrices, flat):
        results = torch.empty((len(windows),) + each, dtype=dtype, device=flat.device)
        for target, matrix, product, row in zip(results, matrices, products, rows):
            if matrix is None:
                target.zero_()
            else:
                product(matrix, row(flat), out=target)
        return results

    return multiply


def _moves(geometry, parts, block):
    """Where results (residues, Ca, positions) go: pairs of (sizes, strides, offset) in the image and in the results."""
    (n, count), spans, channels = block[0], block[1:], geometry.image_channels
    lengths = [length for _, length in spans]
    positions = count * pixels(lengths)
    inner = (pixels(lengths) // lengths[0], lengths[2], 1)
    image = (geometry.image[1] * geometry.image[2], geometry.image[2], 1)
    jumps = (parts[1] * parts[2], parts[2], 1)
    first = n * channels * pixels(geometry.image) + sum(
        at * s * by for (at, _), s, by in zip(spans, geometry.stride, image)
    )
    outer, results = (channels * pixels(geometry.image), pixels(geometry.image)), (pixels(lengths), positions)
    steps = tuple(stride * by for stride, by in zip(geometry.stride, image))
    if parts == geometry.stride and not any(size % step for size, step in zip(geometry.image, geometry.stride)):
        sizes = (count, channels) + tuple(value for pair in zip(lengths, parts) for value in pair)
        there = outer + tuple(value for pair in zip(steps, image) for value in pair)
        far = [jump * channels * positions for jump in jumps]
        here = results + tuple(value for pair in zip(inner, far) for value in pair)
        return [((sizes, there, first), (sizes, here, 0))]
    moves = []
    for residue in itertools.product(*(range(size) for size in parts)):
        whole = [-(-(size - r) // step) for size, r, step in zip(geometry.image, residue, geometry.stride)]
        sizes = (count, channels) + tuple(min(length, total - at) for (at, length), total in zip(spans, whole))
        if min(sizes) > 0:
            there = first + sum(r * by for r, by in zip(residue, image))
            here = sum(r * jump for r, jump in zip(residue, jumps)) * channels * positions
            moves.append(((sizes, outer + steps, there), (sizes, results + inner, here)))
    return moves


def scattered_samples(geometry, cap_elements):
    """How many samples to scatter at once; 0 for correlating instead (or where col2im has no say: 3d, odd sizes)."""
    flat = (
        geometry.image[0] == geometry.kernel[0] == geometry.stride[0] == geometry.dilation[0] == 1
        and geometry.padding[0] == 0
    )
    if not flat or geometry.groups > 1 or geometry.image_channels > FEW_CHANNELS or pixels(geometry.stride) == 1:
        return 0
    sides = (geometry.image, geometry.kernel, geometry.stride, geometry.dilation, geometry.padding)
    if feature_size(*sides) != geometry.features:
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
            some = features if count == geometry.batch else features.narrow(0, n, count)
            values = some.reshape(count, geometry.feature_channels, positions)
            done.append(torch.ops.aten.col2im(multiply(matrix.expand(count, -1, -1), values), *pairs))
        return shifted((done[0] if len(done) == 1 else torch.cat(done)).view(shape), bias)

    return run
