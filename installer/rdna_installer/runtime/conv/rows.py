"""Correlation as one large matrix product: the columns of im2col as rows, gathered from a channels-last copy.

The source is copied once, channels last with zeros around; a strided view of that copy, itself copied, holds one row per
output position: (groups, positions, taps * channels). Channels are what lies together, so both copies move up to 16 bytes
at a time whatever the type. All sizes and strides are worked out once per shape: PyTorch calls are what costs time here.
"""

from __future__ import annotations

import functools
from collections import namedtuple

import torch

from .boxes import box_for, cut
from .link import pixels
from .products import multiply

Job = namedtuple("Job", "start kernel dilation matrix")
Job.__doc__ = """One product over the source: position read by tap 0 of output 0, kernel, dilation (three numbers each), and the
weights (G, wide, taps * channels as stored), or None for zeros."""

Frame = namedtuple("Frame", "groups channels stored start span count stride")
Frame.__doc__ = """What all jobs share: groups, channels of one (and as stored), the first source position and the positions under
one output, the outputs and their stride, per dimension."""

_Padding = namedtuple("_Padding", "pieces zeros piece target source")
_Padding.__doc__ = """The channels-last copy: its size in pieces, whether some of it stays zero, the type a piece is moved as, and
(sizes, strides, offset) of what is written and what is read; None if nothing is."""

_PIECES = {16: torch.complex128, 8: torch.float64, 4: torch.float32, 2: torch.float16}


def frame_of(channels, groups, spans, count, stride):
    """The Frame of jobs with windows `spans`, ((start, kernel, dilation), ...), each for `count` outputs."""
    start = tuple(min(span[0][axis] for span in spans) for axis in range(3))
    ends = [max(s[0][axis] + (s[1][axis] - 1) * s[2][axis] for s in spans) + 1 for axis in range(3)]
    each = channels // groups
    return Frame(groups, each, _stored(each), start, tuple(e - s for e, s in zip(ends, start)), count, stride)


def matrix_of(weight, groups, turned=False):
    """(O, C / G, *kernel) as (G, O / G, taps * stored channels); with `turned`, of the opposite direction: flipped taps,
    (C, O / G, *kernel)."""
    wide, channels = weight.shape[0] // groups, weight.shape[1]
    kernel, (so, sc, sd, sh, sw) = tuple(weight.shape[2:]), weight.stride()
    if turned:
        if pixels(kernel) > 1:
            weight = weight.flip([axis for axis in (2, 3, 4) if weight.shape[axis] > 1])
            so, sc, sd, sh, sw = weight.stride()
        shape, strides = (groups, channels) + kernel + (wide,), (wide * so, sc, sd, sh, sw, so)
    else:
        shape, strides = (groups, wide) + kernel + (channels,), (wide * so, so, sd, sh, sw, sc)
    view = weight.as_strided(shape, strides, weight.storage_offset())
    stored = _stored(shape[-1])
    if stored != shape[-1]:
        view = torch.constant_pad_nd(view, (0, stored - shape[-1]))
    return view.reshape(groups, shape[1], -1)


@functools.lru_cache(maxsize=4096)
def boxes_of(frame, batch, kernels, results, per_row, fixed, cap_elements):
    """The boxes (samples, depth, height, width of outputs) to work through with `cap_elements` of scratch memory.

    A row makes columns for one of `kernels` at a time, `results` elements of results and `per_row` of anything else;
    `fixed` elements are needed besides.
    """
    deepest = max(pixels(kernel) for kernel in kernels) * frame.groups * frame.stored

    def elements(box):
        padded = box[0] * frame.groups * frame.stored
        for size, step, span in zip(box[1:], frame.stride, frame.span):
            padded *= (size - 1) * step + span
        rows = box[0] * pixels(box[1:])
        columns = 0 if pixels(frame.span) == 1 else rows * deepest
        return padded + columns + rows * (results + per_row) + fixed, max(padded, columns, rows * results)

    extent = (batch,) + frame.count
    return cut(extent, box_for(extent, elements, cap_elements))


def results_of(source, frame, jobs, box):
    """(jobs, G * wide, positions): the products of all jobs on `source` (N, C, D, H, W) for the outputs in `box`."""
    padded, shape = padded_of(source, frame, box)
    positions = box[0][1] * box[1][1] * box[2][1] * box[3][1]
    wide = next(job.matrix.shape[1] for job in jobs if job.matrix is not None)
    results = torch.empty((len(jobs), frame.groups * wide, positions), dtype=source.dtype, device=source.device)
    for job, target in zip(jobs, results if len(jobs) > 1 else (results[0],)):
        if job.matrix is None:
            target.zero_()
        else:
            rows = rows_of(padded, source.dtype, shape, frame, job.start, job.kernel, job.dilation, box)
            multiply(job.matrix, rows.transpose(1, 2), target.view(frame.groups, wide, positions))
    return results


def padded_of(source, frame, box):
    """The channels-last copy that the outputs in `box` read, as flat pieces, and its (depth, height, width)."""
    padding, shape = _padding(frame, tuple(source.shape), source.stride(), source.element_size(), box)
    make = torch.zeros if padding.zeros else torch.empty
    flat = make(padding.pieces, dtype=padding.piece, device=source.device)
    if padding.target is not None:
        sizes, strides, offset = padding.source
        part = source.as_strided(sizes, strides, offset + source.storage_offset())
        flat.view(source.dtype).as_strided(*padding.target).copy_(part)
    return flat, shape


def rows_of(padded, dtype, shape, frame, start, kernel, dilation, box):
    """(G, positions, taps * channels as stored) for the outputs in `box`: a copy, or for one tap and group a view."""
    size = torch.empty(0, dtype=dtype).element_size() if dtype not in _SIZES else _SIZES[dtype]
    sizes, strides, offset, wanted = _row_view(frame, shape, start, kernel, dilation, box, size)
    return padded.as_strided(sizes, strides, offset).contiguous().view(dtype).view(wanted)


_SIZES = {torch.float64: 8, torch.float32: 4, torch.float16: 2, torch.bfloat16: 2}


def _stored(channels):
    """Channels of a group as stored: whole pieces of 4 unless that would multiply the work."""
    return channels if channels < 3 else -(-channels // 4) * 4


def _piece(frame, element_size):
    """Bytes moved at a time, and how many such pieces hold the channels of a group."""
    size = frame.stored * element_size
    width = next(width for width in (16, 8, 4, 2) if size % width == 0)
    return width, size // width


@functools.lru_cache(maxsize=4096)
def _padding(frame, source_shape, source_strides, element_size, box):
    n, first = box[0][1], box[0][0]
    begin = [at + part[0] * step for at, part, step in zip(frame.start, box[1:], frame.stride)]
    shape = tuple((part[1] - 1) * step + span for part, step, span in zip(box[1:], frame.stride, frame.span))
    width, each = _piece(frame, element_size)
    pixel = frame.groups * frame.stored
    target_strides = (pixels(shape) * pixel, shape[1] * shape[2] * pixel, shape[2] * pixel, pixel, frame.stored, 1)
    target_at, source_at = 0, first * source_strides[0]
    inside = []
    for axis in range(3):
        low, high = max(begin[axis], 0), min(begin[axis] + shape[axis], source_shape[axis + 2])
        inside.append(max(0, high - low))
        target_at += (low - begin[axis]) * target_strides[axis + 1]
        source_at += low * source_strides[axis + 2]
    pieces = n * pixels(shape) * frame.groups * each
    if not all(inside):
        return _Padding(pieces, True, _PIECES[width], None, None), shape
    sizes = (n,) + tuple(inside) + (frame.groups, frame.channels)
    sn, sc, sd, sh, sw = source_strides
    read = (sizes, (sn, sd, sh, sw, frame.channels * sc, sc), source_at)
    zeros = tuple(inside) != shape or frame.stored != frame.channels
    return _Padding(pieces, zeros, _PIECES[width], (sizes, target_strides, target_at), read), shape


@functools.lru_cache(maxsize=4096)
def _row_view(frame, shape, start, kernel, dilation, box, element_size):
    """(sizes, strides, offset) in pieces of the row view, and the shape of its copy in elements."""
    _, each = _piece(frame, element_size)
    pixel = frame.groups * each
    steps = (shape[1] * shape[2] * pixel, shape[2] * pixel, pixel)
    outputs = (box[0][1], box[1][1], box[2][1], box[3][1])
    sizes = (frame.groups,) + outputs + kernel + (each,)
    strides = (each, pixels(shape) * pixel) + tuple(step * by for step, by in zip(steps, frame.stride))
    strides += tuple(step * by for step, by in zip(steps, dilation)) + (1,)
    offset = sum((at - begin) * step for at, begin, step in zip(start, frame.start, steps))
    return sizes, strides, offset, (frame.groups, outputs[0] * pixels(outputs[1:]), pixels(kernel) * frame.stored)
