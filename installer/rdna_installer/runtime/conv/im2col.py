"""im2col as rows, made by two copies: one channels last with zeros around, one of a strided view of that.

A row (taps * channels) per output position, so that a convolution is one plain matrix product. Channels are what lies
together, so both copies move up to 16 bytes at a time whatever the type. Everything that depends on shapes only is
worked out once: the functions here return functions that do nothing but call PyTorch, because calls are what a small
convolution costs.
"""

from __future__ import annotations

from collections import namedtuple

import torch

from .geometry import block_for, cut, pixels
from .products import product_of

Frame = namedtuple("Frame", "groups channels stored start span count stride")
Frame.__doc__ = """What a call reads: groups, channels of one (and as stored), the first source position and the
positions under one output, the outputs and their stride, per dimension."""

Window = namedtuple("Window", "start kernel dilation")
Window.__doc__ = (
    "The taps of one product: source position of tap 0 at output 0, their number and distance, per dimension."
)

_PIECES = {16: torch.complex128, 8: torch.float64, 4: torch.float32, 2: torch.float16}
SIZES = {torch.float64: 8, torch.float32: 4, torch.float16: 2, torch.bfloat16: 2}


def frame_of(channels, groups, windows, count, stride):
    """The Frame in which all `windows` fit, each for `count` outputs."""
    start = tuple(min(window.start[axis] for window in windows) for axis in range(3))
    ends = [max(w.start[axis] + (w.kernel[axis] - 1) * w.dilation[axis] for w in windows) + 1 for axis in range(3)]
    each = channels // groups
    return Frame(groups, each, stored(each), start, tuple(e - s for e, s in zip(ends, start)), count, stride)


def stored(channels):
    """Channels of a group as stored: whole pieces of 4 unless that would multiply the work."""
    return channels if channels < 3 else -(-channels // 4) * 4


def blocks_of(frame, batch, kernels, per_row, fixed, cap_elements):
    """The blocks of outputs ((start, length) of samples, depth, height, width) that keep to the cap on scratch memory.

    A row makes columns for one of `kernels` at a time and `per_row` elements of results; `fixed` are needed besides.
    """
    deepest = max(pixels(kernel) for kernel in kernels) * frame.groups * frame.stored

    def elements(block):
        padded = block[0] * frame.groups * frame.stored
        for size, step, span in zip(block[1:], frame.stride, frame.span):
            padded *= (size - 1) * step + span
        rows = block[0] * pixels(block[1:])
        return padded + rows * (deepest + per_row) + fixed, max(padded, rows * deepest, rows * per_row)

    extent = (batch,) + frame.count
    return cut(extent, block_for(extent, elements, cap_elements))


def padder(frame, size, strides, dtype, block):
    """A function from the source (N, C, *size) of these strides (five) to the flat channels-last copy `block` reads."""
    begin = [at + part[0] * step for at, part, step in zip(frame.start, block[1:], frame.stride)]
    shape = padded_shape(frame, block)
    width, each = _piece(frame, dtype)
    pixel = frame.groups * frame.stored
    to = (pixels(shape) * pixel, shape[1] * shape[2] * pixel, shape[2] * pixel, pixel, frame.stored, 1)
    to_offset, from_offset, inside = 0, block[0][0] * strides[0], []
    for axis in range(3):
        low, high = max(begin[axis], 0), min(begin[axis] + shape[axis], size[axis])
        inside.append(max(0, high - low))
        to_offset += (low - begin[axis]) * to[axis + 1]
        from_offset += low * strides[axis + 2]
    pieces, kind = block[0][1] * pixels(shape) * frame.groups * each, _PIECES[width]
    if not all(inside):
        return lambda source: torch.zeros(pieces, dtype=kind, device=source.device)
    sizes = (block[0][1],) + tuple(inside) + (frame.groups, frame.channels)
    sn, sc, sd, sh, sw = strides
    read = (sn, sd, sh, sw, frame.channels * sc, sc)
    make = torch.empty if tuple(inside) == shape and frame.stored == frame.channels else torch.zeros

    def pad(source):
        flat = make(pieces, dtype=kind, device=source.device)
        part = source.as_strided(sizes, read, source.storage_offset() + from_offset)
        flat.view(dtype).as_strided(sizes, to, to_offset).copy_(part)
        return flat

    return pad


def padded_shape(frame, block):
    """(depth, height, width) of what `block` reads."""
    return tuple((part[1] - 1) * step + span for part, step, span in zip(block[1:], frame.stride, frame.span))


def rower(frame, window, dtype, block, shape, strides):
    """A function from the padder's copy to the rows of `block`, finally seen with `shape` and `strides`."""
    _, each = _piece(frame, dtype)
    pixel, size = frame.groups * each, padded_shape(frame, block)
    steps = (size[1] * size[2] * pixel, size[2] * pixel, pixel)
    sizes = (frame.groups,) + tuple(part[1] for part in block) + window.kernel + (each,)
    view = (each, pixels(size) * pixel) + tuple(step * by for step, by in zip(steps, frame.stride))
    view += tuple(step * by for step, by in zip(steps, window.dilation)) + (1,)
    offset = sum((at - begin) * step for at, begin, step in zip(window.start, frame.start, steps))
    return lambda flat: flat.as_strided(sizes, view, offset).contiguous().view(dtype).as_strided(shape, strides)


def columns(frame, window, dtype, block):
    """A rower whose rows are the columns of a right-hand matrix: (K, R), or (G, K, R) for several groups."""
    positions, deep = block[0][1] * pixels([part[1] for part in block[1:]]), pixels(window.kernel) * frame.stored
    shape, strides = (deep, positions), (1, deep)
    if frame.groups > 1:
        shape, strides = (frame.groups,) + shape, (positions * deep,) + strides
    return rower(frame, window, dtype, block, shape, strides)


def turn(weight):
    """A weight with its taps flipped, as `weigher` with `turned` expects it: contiguous, or as it is for one tap."""
    axes = [axis for axis in range(2, weight.dim()) if weight.shape[axis] > 1]
    return weight.contiguous().flip(axes) if axes else weight


def weigher(shape, strides, groups, taps=None, turned=False):
    """A function from a weight (O, C / G, *kernel) to the left-hand matrix (O / G, K), one per group if several.

    Only the `taps` (a slice per dimension) count. `turned` is the opposite direction: C / G rows of what `turn` gives.
    """
    taps = taps or (slice(None),) * 3
    ranges = [range(size)[tap] for size, tap in zip(shape[2:], taps)]
    if turned and pixels(shape[2:]) > 1:
        strides = dense(shape)
        ranges = [range(size - 1 - max(found), size) for size, found in zip(shape[2:], ranges)]
    kernel = tuple(len(range(size)[tap]) for size, tap in zip(shape[2:], taps))
    wide, channels = shape[0] // groups, shape[1]
    so, sc = strides[:2]
    offset = sum(found[0] * step for found, step in zip(ranges, strides[2:]))
    inner = tuple(step * (tap.step or 1) for step, tap in zip(strides[2:], taps))
    outer, deep = ((channels, sc), (wide, so)) if turned else ((wide, so), (channels, sc))
    sizes = (groups, outer[0]) + kernel + (deep[0],)
    view = (wide * so, outer[1]) + inner + (deep[1],)
    extra = stored(deep[0]) - deep[0]
    final = (groups, outer[0], pixels(kernel) * (deep[0] + extra))[0 if groups > 1 else 1 :]

    def weigh(weight):
        part = weight.as_strided(sizes, view, weight.storage_offset() + offset)
        return (torch.constant_pad_nd(part, (0, extra)) if extra else part).reshape(final)

    return weigh


def dense(shape):
    """Contiguous strides."""
    found = [1]
    for size in reversed(shape[1:]):
        found.append(found[-1] * size)
    return tuple(reversed(found))


def one_product(frame, window, size, strides, dtype, block):
    """A function (matrix, source) -> (G * wide, positions) for a single window."""
    pad, rows = padder(frame, size, strides, dtype, block), columns(frame, window, dtype, block)
    multiply = product_of(pixels(window.kernel) * frame.stored, frame.groups > 1)
    return lambda matrix, source: multiply(matrix, rows(pad(source)))


def _piece(frame, dtype):
    """Bytes moved at a time, and how many such pieces hold the channels of a group."""
    size = frame.stored * SIZES[dtype]
    width = next(width for width in (16, 8, 4, 2) if size % width == 0)
    return width, size // width
