"""Small networks like those people run, for the rows of ``probe``. Python 3.7 or later, torch."""
# ruff: noqa: D102 - what torch calls forward needs no other word

import math

import probe_ops
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - as everybody writes it


def conv(inner, outer, kernel=3, stride=1, groups=1, act=nn.ReLU):
    """Layers: convolution, normalisation, activation."""
    layers = [nn.Conv2d(inner, outer, kernel, stride, kernel // 2, groups=groups, bias=False)]
    return layers + [nn.BatchNorm2d(outer)] + ([act()] if act else [])


class Added(nn.Module):
    """What is added to its input."""

    def __init__(self, *layers):
        super().__init__()
        self.inner = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.inner(x)


def bottleneck():
    """ResNet-50's."""
    return nn.Sequential(Added(*conv(256, 64, 1), *conv(64, 64), *conv(64, 256, 1, act=None)), nn.ReLU())


def mbconv():
    """EfficientNet's."""
    wide = conv(24, 144, 1, act=nn.SiLU) + conv(144, 144, groups=144, act=nn.SiLU)
    return Added(*wide, *conv(144, 24, 1, act=None))


def vgg():
    """VGG-16's convolutions."""
    layers, width = [], 3
    for wide, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += [nn.Conv2d(width, wide, 3, padding=1), nn.ReLU()]
            width = wide
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


def detector():
    """Strided convolutions, then boxes and scores."""
    layers, width = [], 3
    for wide in (16, 32, 64, 128):
        layers += conv(width, wide, stride=2, act=nn.SiLU)
        width = wide
    return nn.Sequential(*layers, nn.Conv2d(128, 3 * 85, 1))


def cnn():
    """A small network for images of 16x16. Without what a normalisation takes away again: no digit of its gradient is
    right anywhere."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16 * 6 * 6, 4),
    )  # fmt: skip


class Block(nn.Module):
    """A transformer's."""

    def __init__(self, width):
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        n, length, width = x.shape
        parts = self.qkv(self.norms[0](x)).reshape(n, length, 3, 8, width // 8).permute(2, 0, 3, 1, 4)
        scores = (parts[0] @ parts[1].transpose(-1, -2) / math.sqrt(width // 8)).softmax(-1)
        x = x + self.out((scores @ parts[2]).transpose(1, 2).reshape(n, length, width))
        return x + self.wide(self.norms[1](x))


class Mean(nn.Module):
    """Over the places of a sequence."""

    def forward(self, x):
        return x.mean(1)


def transformer(depth):
    """A small one that tells four kinds apart."""
    return nn.Sequential(*[Block(256) for _ in range(depth)], Mean(), nn.Linear(256, 4))


class ViT(nn.Module):
    """Patches by a convolution, then blocks."""

    def __init__(self, depth):
        super().__init__()
        self.stem = nn.Conv2d(3, 192, 16, 16)
        self.rest = nn.Sequential(*[Block(192) for _ in range(depth)])

    def forward(self, x):
        return self.rest(self.stem(x).flatten(2).transpose(1, 2))


class UNet(nn.Module):
    """Down, up, and what was there before beside it."""

    def __init__(self, wide):
        super().__init__()
        self.down = nn.ModuleList([nn.Conv2d(3, wide, 3, padding=1), nn.Conv2d(wide, 2 * wide, 3, 2, 1)])
        self.middle = nn.Conv2d(2 * wide, 2 * wide, 3, padding=1)
        self.up, self.out = nn.ConvTranspose2d(2 * wide, wide, 2, 2), nn.Conv2d(2 * wide, 2, 3, padding=1)

    def forward(self, x):
        first = self.down[0](x).relu()
        deep = self.middle(self.down[1](first).relu()).relu()
        return self.out(torch.cat([first, self.up(deep)], 1))


class Diffusion(nn.Module):
    """Stable Diffusion's block: convolutions, then attention."""

    def __init__(self, width):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(width, width, 3, padding=1) for _ in range(2)])
        self.norms = nn.ModuleList([nn.GroupNorm(32, width) for _ in range(3)])
        self.qkv = nn.Linear(width, 3 * width)

    def forward(self, x):
        inner = x
        for norm, layer in zip(self.norms, self.convs):
            inner = layer(F.silu(norm(inner)))
        x = x + inner
        n, width, height, across = x.shape
        parts = self.qkv(self.norms[2](x).flatten(2).transpose(1, 2)).reshape(n, -1, 3, 8, width // 8)
        out = probe_ops.attention(torch, *parts.permute(2, 0, 3, 1, 4)).transpose(1, 2).reshape(n, -1, width)
        return x + out.transpose(1, 2).reshape(n, width, height, across)


class ConvLSTM(nn.Module):
    """Gates by convolution, over a sequence of images."""

    def __init__(self, width):
        super().__init__()
        self.gates = nn.Conv2d(2 * width, 4 * width, 3, padding=1)

    def forward(self, x):
        hidden = cell = torch.zeros_like(x[0])
        for step in x:
            i, f, o, g = self.gates(torch.cat([step, hidden], 1)).chunk(4, 1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            hidden = o.sigmoid() * cell.tanh()
        return hidden
