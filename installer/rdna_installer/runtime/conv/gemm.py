"""The strategy `gemm`: few large matrix products where they win, PyTorch's kernels elsewhere, never all memory."""

from __future__ import annotations

import torch

from . import costs, host, native, notices
from .adjoint import adjoint
from .correlate import correlate
from .ladder import going_on, is_final
from .layout import formatted, like_weight, output_format
from .link import link_of, pixels
from .products import keeps_float32
from .weightgrad import weight_gradient

DEFAULT_CAP = 256 * 2**20  # bytes of scratch memory: padding, columns and transposed results of one operation
SMALLER = 8  # the cap is divided by this after an out-of-memory
HUGE = 4  # times the cap: columns of one sample, which PyTorch's kernels make whole, to be avoided for memory alone
_NAMES = {torch.float32: "float32", torch.float16: "float16", torch.bfloat16: "bfloat16", torch.float64: "float64"}
_PLANS = 4096  # shapes remembered
_PROGRAMS = 256  # programs of one shape, one for each layout that came


class Plan:
    """One shape's decisions: which operations we do ourselves (none: the rest means nothing), and how."""

    __slots__ = ("backward", "forward", "image", "link", "outputs", "programs", "weight")

    def __init__(self, wins=(False, False, False), link=None, outputs=()):
        self.forward, self.image, self.weight = wins
        self.backward = self.image or self.weight
        self.link, self.outputs = link, outputs
        self.programs = {}

    def program(self, key, make):
        """What `make` returns, remembered for `key`."""
        program = self.programs.get(key)
        if program is None:
            if len(self.programs) >= _PROGRAMS:
                self.programs.clear()
            program = self.programs[key] = make()
        return program


class Gemm:
    """The cap, the cost model of each device, and the plans made so far."""

    name = "gemm"

    def __init__(self, cap_bytes=None, model=None):
        self.cap_bytes = cap_bytes or DEFAULT_CAP
        self._only_model = model
        self._models = {}
        self._plans = {}

    def forward(self, x, w, bias, stride, padding, dilation, transposed, output_padding, groups, deterministic=False):
        """aten::_convolution."""
        geometry = (stride, padding, dilation, transposed, output_padding, groups)
        plan = self._plan(x, w, *geometry)
        if plan.forward and _fits(bias, x, plan) and w.dtype == x.dtype:
            compile_ = adjoint if transposed else correlate
            out = self._own(lambda cap: _moved(plan, compile_, x, (x, w, geometry), cap, bias), x.device, deterministic)
            if out is not None:
                return out
        try:
            return native.convolution(x, w, bias, *geometry, deterministic)
        except RuntimeError as problem:
            if is_final(problem, deterministic, x.device):
                raise
        going_on("no-miopen", "cpu")
        return host.forward(x, w, bias, *geometry)

    def backward(self, grad, x, w, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask):
        """aten::convolution_backward: None where masked."""
        geometry = (stride, padding, dilation, transposed, output_padding, groups)
        plan = self._plan(x, w, *geometry)
        if not (plan.backward and grad.dtype == x.dtype == w.dtype):
            return _torchs(grad, x, w, bias_sizes, geometry, mask)
        grads, call = [None, None, None], (x, w, geometry)
        if mask[0] and plan.image:
            compile_ = correlate if transposed else adjoint
            grads[0] = self._own(lambda cap: _moved(plan, compile_, grad, call, cap), x.device)
        if mask[1] and plan.weight:
            grads[1] = self._own(lambda cap: _weighed(plan, grad, call, cap), x.device)
        if mask[2]:
            grads[2] = grad.sum([0] + list(range(2, grad.dim())), dtype=grad.dtype)
        rest = [wanted and have is None for wanted, have in zip(mask, grads)]
        if any(rest):
            others = _torchs(grad, x, w, bias_sizes, geometry, rest)
            grads = [have if other is None else other for have, other in zip(grads, others)]
        return tuple(grads)

    def _own(self, call, device, deterministic=False):
        """`call` with our cap of scratch memory or, if memory runs out, a smaller one; None if it runs out again."""
        smaller = "gemm in smaller chunks"
        steps = ((self.cap_bytes, "gemm", smaller), (self.cap_bytes // SMALLER, smaller, "no-miopen"))
        for cap, name, other in steps:
            try:
                return call(cap)
            except RuntimeError as problem:
                if is_final(problem, deterministic, device):
                    raise
            going_on(name, other)
        return None

    def _plan(self, x, w, stride, padding, dilation, transposed, output_padding, groups):
        # Made for every call, also those left to PyTorch: no tuples of tuples, and None where a list ends, for lists
        # of one number stand for longer ones.
        key = (
            x.shape, w.shape, x.dtype, x.get_device(), transposed, groups,
            *stride, None, *padding, None, *dilation, None, *output_padding,
        )  # fmt: skip
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            geometry = (stride, padding, dilation, transposed, output_padding, groups)
            plan = self._plans[key] = self._decide(x, w, geometry)
        return plan

    def _decide(self, x, w, geometry):
        link = link_of(x.shape, w.shape, *geometry) if x.dtype in _NAMES else None
        transposed = geometry[3]
        if link is None or (not transposed and link.groups > 1 and link.image_channels == link.groups):
            return _LEAVE  # unusual, or depthwise, for which PyTorch has a kernel of its own
        model, dtype = self._model(x.device), _NAMES[x.dtype]
        columns = link.image_channels * pixels(link.kernel) * pixels(link.features) * x.element_size()
        if columns // link.groups > HUGE * self.cap_bytes:
            model = costs.Always()
        towards, back = (costs.IMAGE, costs.FORWARD) if transposed else (costs.FORWARD, costs.IMAGE)
        uses = ((towards, False), (back, True), (costs.WEIGHT, True))
        wins = [model.prefers_gemm(link, operation, dtype, backward) for operation, backward in uses]
        outputs = (link.image_channels if transposed else link.feature_channels,)
        return Plan(wins, link, outputs) if any(wins) else _LEAVE

    def _model(self, device):
        if self._only_model is not None:
            return self._only_model
        if device not in self._models:
            self._models[device] = _load_model(device)
        return self._models[device]


_LEAVE = Plan()


def _fits(bias, x, plan):
    return bias is None or (bias.dtype == x.dtype and bias.shape == plan.outputs)


def _torchs(grad, x, w, bias_sizes, geometry, mask):
    """PyTorch's own gradients; where the GPU's memory does not suffice for them, the processor's."""
    try:
        return native.backward(grad, x, w, bias_sizes, *geometry, mask)
    except RuntimeError as problem:
        if is_final(problem, False, x.device):
            raise
    going_on("no-miopen", "cpu")
    return host.backward(grad, x, w, bias_sizes, *geometry, mask)


def _moved(plan, compile_, source, call, cap, bias=None):
    """`source` (the input, or the gradient of the output) through the weights."""
    x, w, geometry = call

    def make():
        spatial, elements = plan.link.spatial, cap // source.element_size()
        strides, weight_strides = _five(source.stride(), spatial), _five(w.stride(), spatial)
        return compile_(plan.link, strides, weight_strides, source.dtype, elements), output_format(x, w, *geometry)

    key = (compile_, source.stride(), x.stride(), w.stride(), cap)
    move, memory_format = plan.program(key, make)
    return formatted(move(source, w, bias), memory_format)


def _weighed(plan, grad, call, cap):
    """The gradient of the weights."""
    x, w, geometry = call
    image, features = (grad, x) if geometry[3] else (x, grad)

    def make():
        memory_format = output_format(x, w, *geometry)
        out = like_weight(w, memory_format)
        strides = [_five(tensor.stride(), plan.link.spatial) for tensor in (image, features, out)]
        elements = cap // image.element_size()
        program = weight_gradient(plan.link, *strides, image.dtype, keeps_float32(image), elements)
        return program, memory_format

    key = (weight_gradient, grad.stride(), x.stride(), w.stride(), cap)
    program, memory_format = plan.program(key, make)
    return program(image, features, like_weight(w, memory_format))


def _five(strides, spatial):
    """Strides with three spatial dimensions; those of missing ones do not matter."""
    return tuple(strides[:2]) + (0,) * (3 - spatial) + tuple(strides[2:])


def _load_model(device):
    properties = torch.cuda.get_device_properties(device)
    kind = "hip" if torch.version.hip else "cuda"
    try:
        return costs.load(kind, properties.name, properties.multi_processor_count)
    except ValueError as problem:
        notices.once("costs", "unusable cost model, choosing carefully instead: %s" % problem)
        return costs.Sure(properties.multi_processor_count)
