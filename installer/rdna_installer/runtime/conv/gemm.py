"""The strategy `gemm`: few large matrix products where they win, PyTorch's kernels elsewhere, never all memory.

Its plans say for each shape which operations are our matrix products, and keep the programs made for them.
"""

from __future__ import annotations

import torch

from . import aten, costs, notices, strategies
from .adjoint import adjoint
from .correlate import correlate
from .geometry import geometry_of, pixels
from .memory import going_on, is_final
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

    __slots__ = ("backward", "forward", "geometry", "image", "outputs", "programs", "weight")

    def __init__(self, wins=(False, False, False), geometry=None, outputs=()):
        self.forward, self.image, self.weight = wins
        self.backward = self.image or self.weight
        self.geometry, self.outputs = geometry, outputs
        self.programs = {}

    def program(self, key, make):
        """What `make` returns, remembered for `key`."""
        program = self.programs.get(key)
        if program is None:
            if len(self.programs) >= _PROGRAMS:
                self.programs.clear()
            program = self.programs[key] = make()
        return program


class Plans:
    """The plans made so far, and the cost model of each device (or `model` for all: tests, measurements)."""

    def __init__(self, cap_bytes, model=None):
        self._cap_bytes = cap_bytes
        self._only_model = model
        self._models = {}
        self._plans = {}

    def of(self, x, w, stride, padding, dilation, transposed, output_padding, groups):
        """The plan of a call of `aten::_convolution`."""
        # None where a list ends: lists of one number stand for longer ones.
        key = (
            x.shape, w.shape, x.dtype, x.get_device(), transposed, groups,
            *stride, None, *padding, None, *dilation, None, *output_padding,
        )  # fmt: skip
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            options = (stride, padding, dilation, transposed, output_padding, groups)
            plan = self._plans[key] = self._decide(x, w, options)
        return plan

    def _decide(self, x, w, options):
        geometry = geometry_of(x.shape, w.shape, *options) if x.dtype in _NAMES else None
        transposed = options[3]
        if geometry is None or (not transposed and geometry.groups > 1 and geometry.image_channels == geometry.groups):
            return _LEAVE  # unusual, or depthwise, for which PyTorch has a kernel of its own
        model, dtype = self._model(x.device), _NAMES[x.dtype]
        columns = geometry.image_channels * pixels(geometry.kernel) * pixels(geometry.features) * x.element_size()
        if columns // geometry.groups > HUGE * self._cap_bytes:
            model = costs.Always()
        towards, back = (costs.IMAGE, costs.FORWARD) if transposed else (costs.FORWARD, costs.IMAGE)
        uses = ((towards, False), (back, True), (costs.WEIGHT, True))
        wins = [model.prefers_gemm(geometry, operation, dtype, backward) for operation, backward in uses]
        outputs = (geometry.image_channels if transposed else geometry.feature_channels,)
        return Plan(wins, geometry, outputs) if any(wins) else _LEAVE

    def _model(self, device):
        if self._only_model is not None:
            return self._only_model
        if device not in self._models:
            self._models[device] = _load_model(device)
        return self._models[device]


_LEAVE = Plan()


def _load_model(device):
    properties = torch.cuda.get_device_properties(device)
    kind = "hip" if torch.version.hip else "cuda"
    try:
        return costs.load(kind, properties.name, properties.multi_processor_count)
    except ValueError as problem:
        notices.once("costs", "unusable cost model, choosing carefully instead: %s" % problem)
        return costs.Sure(properties.multi_processor_count)


class Gemm:
    """The cap, and the plans made so far.

    Short kernels wait for this code: on the way to PyTorch's there are no closures, and no tuples are unpacked.
    """

    name = "gemm"

    def __init__(self, cap_bytes=None, model=None):
        self.cap_bytes = cap_bytes or DEFAULT_CAP
        self._plan = Plans(self.cap_bytes, model).of

    def forward(self, x, w, bias, stride, padding, dilation, transposed, output_padding, groups, deterministic=False):
        """aten::_convolution."""
        plan = self._plan(x, w, stride, padding, dilation, transposed, output_padding, groups)
        fits = bias is None or (bias.dtype == x.dtype and bias.shape == plan.outputs)
        if plan.forward and w.dtype == x.dtype and fits:
            call = (x, w, (stride, padding, dilation, transposed, output_padding, groups))
            out = self._output(plan, call, bias, deterministic)
            if out is not None:
                return out
        try:
            return aten.convolution(
                x, w, bias, stride, padding, dilation, transposed, output_padding, groups, deterministic
            )
        except RuntimeError as problem:
            if is_final(problem, deterministic, x.device):
                raise
        going_on("no-miopen", "cpu")
        return strategies.host_forward(x, w, bias, stride, padding, dilation, transposed, output_padding, groups)

    def backward(self, grad, x, w, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask):
        """aten::convolution_backward: None where masked."""
        plan = self._plan(x, w, stride, padding, dilation, transposed, output_padding, groups)
        if plan.backward and grad.dtype == x.dtype == w.dtype:
            call = (x, w, (stride, padding, dilation, transposed, output_padding, groups))
            return self._gradients(plan, grad, call, bias_sizes, mask)
        return _torchs(grad, x, w, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask)

    def _output(self, plan, call, bias, deterministic):
        x, _, options = call
        compile_ = adjoint if options[3] else correlate
        return self._own(lambda cap: _moved(plan, compile_, x, call, cap, bias), x.device, deterministic)

    def _gradients(self, plan, grad, call, bias_sizes, mask):
        x, w, options = call
        grads = [None, None, None]
        if mask[0] and plan.image:
            compile_ = correlate if options[3] else adjoint
            grads[0] = self._own(lambda cap: _moved(plan, compile_, grad, call, cap), x.device)
        if mask[1] and plan.weight:
            grads[1] = self._own(lambda cap: _weighed(plan, grad, call, cap), x.device)
        if mask[2]:
            grads[2] = grad.sum([0] + list(range(2, grad.dim())), dtype=grad.dtype)
        rest = [wanted and have is None for wanted, have in zip(mask, grads)]
        if any(rest):
            others = _torchs(grad, x, w, bias_sizes, *options, rest)
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


def _torchs(grad, x, w, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask):
    """PyTorch's own gradients; where the GPU's memory does not suffice for them, the processor's."""
    try:
        return aten.backward(
            grad, x, w, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask
        )
    except RuntimeError as problem:
        if is_final(problem, False, x.device):
            raise
    going_on("no-miopen", "cpu")
    return strategies.host_backward(
        grad, x, w, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask
    )


def _moved(plan, compile_, source, call, cap, bias=None):
    """`source` (the input, or the gradient of the output) through the weights."""
    x, w, options = call

    def make():
        spatial, elements = plan.geometry.spatial, cap // source.element_size()
        strides, weight_strides = _five(source.stride(), spatial), _five(w.stride(), spatial)
        return compile_(plan.geometry, strides, weight_strides, source.dtype, elements), _output_format(x, w, *options)

    key = (compile_, source.stride(), x.stride(), w.stride(), cap)
    move, memory_format = plan.program(key, make)
    return move(source, w, bias).contiguous(memory_format=memory_format)


def _weighed(plan, grad, call, cap):
    """The gradient of the weights."""
    x, w, options = call
    image, features = (grad, x) if options[3] else (x, grad)

    def make():
        memory_format = _output_format(x, w, *options)
        out = _like_weight(w, memory_format)
        strides = [_five(tensor.stride(), plan.geometry.spatial) for tensor in (image, features, out)]
        elements = cap // image.element_size()
        program = weight_gradient(plan.geometry, *strides, image.dtype, keeps_float32(image), elements)
        return program, memory_format

    key = (weight_gradient, grad.stride(), x.stride(), w.stride(), cap)
    program, memory_format = plan.program(key, make)
    return program(image, features, _like_weight(w, memory_format))


def _five(strides, spatial):
    """Strides with three spatial dimensions; those of missing ones do not matter."""
    return tuple(strides[:2]) + (0,) * (3 - spatial) + tuple(strides[2:])


def _output_format(x, w, stride, padding, dilation, transposed, output_padding, groups):
    """The memory format of output and gradients: what torch tells its compiler, or compiled code rejects them."""
    if w.dim() < 4 or not hasattr(torch._C, "_conv_determine_backend_memory_format"):
        return torch.contiguous_format
    backend = torch._C._select_conv_backend(
        x, w, bias=None, stride=stride, padding=padding, dilation=dilation, transposed=transposed,
        output_padding=output_padding, groups=groups, bias_sizes=None,
    )  # fmt: skip
    return torch._C._conv_determine_backend_memory_format(x, w, backend)


def _like_weight(weight, memory_format):
    """An empty gradient for `weight`: its very strides (DDP and FSDP look at them) unless they are of another format.

    A gradient of another format is brought to the weight's strides by autograd itself when it is accumulated.
    """
    if weight.is_contiguous(memory_format=memory_format):
        return torch.empty_strided(weight.shape, weight.stride(), dtype=weight.dtype, device=weight.device)
    return torch.empty(weight.shape, dtype=weight.dtype, device=weight.device, memory_format=memory_format)
