"""FAN-ViT of our presets in PyTorch, with token-aware pooling and the attention diversification loss as options."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

TAP_SCALES = 4

PRESETS = {  # image, patch, width, depth, heads, classes
    "fan_nano_p8_64": (64, 8, 96, 4, 4, 10),
    "fan_tiny_12_p16_224": (224, 16, 192, 12, 4, 1000),
}

def heads(x, h):
    b, n, c = x.shape
    return x.reshape(b, n, h, c // h).transpose(1, 2)


class Tap(nn.Module):
    def __init__(self, c, k):
        super().__init__()
        self.a, self.n, self.b = nn.Conv2d(c, k, 3, padding=1, bias=False), nn.BatchNorm2d(k), nn.Conv2d(k, k, 3, padding=1, bias=False)
        self.k = k
        self.register_buffer("box", torch.full((c, 1, 3, 3), 1 / 9))

    def forward(self, x, g):
        m = x.transpose(1, 2).reshape(x.shape[0], x.shape[2], *g)
        w = self.b(self.n(self.a(m))).softmax(1)
        o = m * w[:, :1]
        for k in range(1, self.k):
            o = o + F.conv2d(m, self.box, padding=k, dilation=k, groups=m.shape[1]) * w[:, k : k + 1]
        return o.flatten(2).transpose(1, 2)


class Mlp(nn.Module):
    def __init__(self, c, hidden):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(c, hidden), nn.Linear(hidden, c)
        self.c1, self.c2 = (nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden) for _ in range(2))
        self.bn, self.gamma = nn.BatchNorm2d(hidden), nn.Parameter(torch.ones(hidden))

    def forward(self, x, g):
        u = self.fc1(x)
        m = u.transpose(1, 2).reshape(u.shape[0], u.shape[2], *g)
        m = self.c2(self.bn(F.gelu(self.c1(m))))
        return self.fc2(u + self.gamma * m.flatten(2).transpose(1, 2))


class Block(nn.Module):
    def __init__(self, c, h, k):
        super().__init__()
        self.h, self.tap = h, Tap(c, k) if k else None
        self.n1, self.n2, self.nv = nn.LayerNorm(c, eps=1e-6), nn.LayerNorm(c, eps=1e-6), nn.LayerNorm(c)
        self.q, self.kv, self.proj, self.cq = nn.Linear(c, c), nn.Linear(c, 2 * c), nn.Linear(c, c), nn.Linear(c, c)
        self.t, self.mlp = nn.Parameter(torch.ones(h, 1, 1)), Mlp(c, 4 * c)
        self.g1, self.g2 = nn.Parameter(torch.ones(c)), nn.Parameter(torch.ones(c))

    def forward(self, x, g, maps):
        b, n, c = x.shape
        y = self.n1(self.tap(x, g) if self.tap else x)
        q, (k, v) = heads(self.q(y), self.h), (heads(z, self.h) for z in self.kv(y).chunk(2, -1))
        a = ((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)).softmax(-1)
        maps.append(a)
        x = x + self.g1 * self.proj((a @ v).transpose(1, 2).reshape(b, n, c))
        z = self.n2(x)
        q, k = heads(self.cq(z), self.h).softmax(2), heads(z, self.h).softmax(2).mean(3, keepdim=True)
        gate = self.t * torch.sigmoid((q * k).sum(2).unsqueeze(-1))
        return x + self.g2 * (self.nv(self.mlp(z, g)) * gate[..., 0].reshape(b, 1, c))


class ClassBlock(nn.Module):
    def __init__(self, c, h):
        super().__init__()
        self.h = h
        self.n1, self.n2 = nn.LayerNorm(c, eps=1e-6), nn.LayerNorm(c, eps=1e-6)
        self.q, self.k, self.v, self.proj = (nn.Linear(c, c) for _ in range(4))
        self.fc1, self.fc2 = nn.Linear(c, 4 * c), nn.Linear(4 * c, c)
        self.g1, self.g2 = nn.Parameter(torch.ones(c)), nn.Parameter(torch.ones(c))

    def forward(self, x):
        u = self.n1(x)
        q, k, v = heads(self.q(u[:, :1]), self.h), heads(self.k(u), self.h), heads(self.v(u), self.h)
        o = ((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)).softmax(-1) @ v
        o = self.proj(o.transpose(1, 2).reshape(x.shape[0], 1, -1))
        x = self.n2(x + self.g1 * torch.cat([o, u[:, 1:]], 1))
        m = self.fc2(F.gelu(self.fc1(x[:, :1]))) * self.g2
        return x + torch.cat([m, x[:, 1:]], 1)


def positions(h, w):
    j = torch.arange(32)
    omega = 10000.0 ** (2 * torch.div(j, 2, rounding_mode="floor").float() / 32)

    def axis(n):
        p = (torch.arange(n).float() + 1) / (n + 1e-6) * 2 * math.pi
        a = p[:, None] / omega
        return torch.where(j % 2 == 0, a.sin(), a.cos())

    y, x = axis(h)[:, None].expand(h, w, 32), axis(w)[None].expand(h, w, 32)
    return torch.cat([y, x], -1).reshape(h * w, 64)


class Fan(nn.Module):
    def __init__(self, image, patch, c, depth, h, classes, tap=0):
        super().__init__()
        widths = {16: [c // 8, c // 4, c // 2, c], 8: [c // 4, c // 2, c], 4: [c // 4, c]}[patch]
        stem, last = [], 3
        for i, w in enumerate(widths):
            stem += [nn.Conv2d(last, w, 3, 2, 1, bias=False), nn.BatchNorm2d(w)] + ([nn.GELU()] if i + 1 < len(widths) else [])
            last = w
        self.stem, self.pos, self.cls = nn.Sequential(*stem), nn.Linear(64, c), nn.Parameter(torch.zeros(1, 1, c))
        self.blocks = nn.ModuleList(Block(c, h, tap) for _ in range(depth))
        self.tail = nn.ModuleList(ClassBlock(c, h) for _ in range(2))
        self.norm, self.head = nn.LayerNorm(c, eps=1e-6), nn.Linear(c, classes)
        self.register_buffer("table", positions(image // patch, image // patch))

    def forward(self, x):
        m = self.stem(x)
        g = m.shape[2:]
        x = m.flatten(2).transpose(1, 2) + self.pos(self.table)
        maps = []
        for block in self.blocks:
            x = block(x, g, maps)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1)
        for block in self.tail:
            x = block(x)
        return self.head(self.norm(x)[:, 0]), maps


def adl(maps, theta=2.0):
    total = 0
    for a in maps:
        m = a.mean(1)
        n = m.shape[-1]
        s = m.mean(1, keepdim=True)
        m, s = m * (m > theta / n), s * (s > theta / n)
        total = total + ((m * s).sum(-1) / (m.norm(dim=-1).clamp_min(1e-8) * s.norm(dim=-1).clamp_min(1e-8))).mean()
    return total / (len(maps) + 1e-6)
