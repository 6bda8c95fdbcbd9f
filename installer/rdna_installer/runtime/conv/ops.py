"""The dispatcher operations that would reach MIOpen without asking for the flag, expressed through safe ones.

Traces bake the flag in, graph passes fuse straight to miopen_* operations, C++ callers name them: each gets an answer.
`conv` is the strategy's forward. Signatures are those of native_functions.yaml.
"""

from __future__ import annotations

import torch

from . import recurrent


def table(conv):
    """{operation: function} for every operation this torch may have; absent ones are skipped when registering."""
    found = dict(_convolutions(conv))
    for vendor in ("miopen", "cudnn"):
        found["%s_convolution_relu" % vendor] = _relu(conv)
        found["%s_convolution_add_relu" % vendor] = _add_relu(conv)
    found["miopen_batch_norm"] = _batch_norm
    found["miopen_batch_norm_backward"] = _batch_norm_backward
    found["miopen_rnn"] = recurrent.forward
    found["miopen_rnn_backward"] = recurrent.backward
    found["_use_miopen_ctc_loss"] = found["_use_miopen_ctc_loss.Tensor"] = lambda *_: False
    found["miopen_ctc_loss"] = found["miopen_ctc_loss.Tensor"] = _ctc_loss
    return found


def _convolutions(conv):
    def plain(x, w, bias, padding, stride, dilation, groups, benchmark, deterministic):
        return conv(x, w, bias, stride, padding, dilation, False, [0] * len(padding), groups, deterministic)

    def transposed(x, w, bias, padding, output_padding, stride, dilation, groups, benchmark, deterministic):
        return conv(x, w, bias, stride, padding, dilation, True, output_padding, groups, deterministic)

    yield "miopen_convolution", plain
    yield "miopen_depthwise_convolution", plain
    yield "miopen_convolution_transpose", transposed


def _relu(conv):
    def fused(x, w, bias, stride, padding, dilation, groups):
        return conv(x, w, bias, stride, padding, dilation, False, [0] * len(padding), groups).relu_()

    return fused


def _add_relu(conv):
    def fused(x, w, z, alpha, bias, stride, padding, dilation, groups):
        out = conv(x, w, bias, stride, padding, dilation, False, [0] * len(padding), groups)
        return out.add_(z, alpha=1 if alpha is None else alpha).relu_()

    return fused


def _batch_norm(x, weight, bias, running_mean, running_var, training, exponential_average_factor, epsilon):
    return torch.ops.aten.native_batch_norm(
        x, weight, bias, running_mean, running_var, training, exponential_average_factor, epsilon
    )


def _batch_norm_backward(x, grad, weight, running_mean, running_var, save_mean, save_var, epsilon):
    return torch.ops.aten.native_batch_norm_backward(
        grad, x, weight, running_mean, running_var, save_mean, save_var, True, epsilon, [True, True, True]
    )


def _ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, deterministic, zero_infinity):
    """The loss and, as the second result, its gradient: what the vendor kernels return."""
    given = (input_lengths, target_lengths)
    lengths = [values.tolist() if isinstance(values, torch.Tensor) else values for values in given]
    loss, alpha = torch.ops.aten._ctc_loss(log_probs, targets, *lengths, blank, zero_infinity)
    gradient = torch.ops.aten._ctc_loss_backward(
        torch.ones_like(loss), log_probs, targets, *lengths, loss, alpha, blank, zero_infinity
    )
    return loss, gradient
