"""One row in PyTorch: a forward pass or an AdamW step of a network of ours, timed in a process of its own.

usage: torch_row.py MODEL WORK BATCH [--threads 2] [--runs 10] [--seconds 10] [--compile]
MODEL is the name of a preset, with `tap_` before it for token-aware pooling and `+adl` behind it for the attention
diversification loss; WORK is `forward` or `train`. Prints one line of JSON. `--versions` prints those of Python and PyTorch.
"""

import argparse
import json
import platform

import torch
import torch.nn.functional as F

import torch_fan
import torch_vit
from stopwatch import peak_memory_mib, timed


def network(name):
    """The network, and how many classes and pixels it has."""
    if name in torch_vit.PRESETS:
        shape = torch_vit.PRESETS[name]
        return torch_vit.Vit(*shape), shape[-1], shape[0]
    plain = name.removeprefix("tap_")
    shape = torch_fan.PRESETS[plain]
    return torch_fan.Fan(*shape, tap=torch_fan.TAP_SCALES if plain != name else 0), shape[-1], shape[0]


def row(a):
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    name = a.model.removesuffix("+adl")
    with_adl = name != a.model
    net, classes, side = network(name)
    net.train(a.work == "train")
    optimiser = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=0.05)
    run = torch.compile(net) if a.compile else net
    x, y = torch.randn(a.batch, 3, side, side), torch.randint(0, classes, (a.batch,))

    def forward():
        with torch.inference_mode():
            run(x)

    def train():
        optimiser.zero_grad(set_to_none=True)
        out = run(x)
        logits, maps = out if isinstance(out, tuple) else (out, [])
        loss = F.cross_entropy(logits, y)
        if with_adl:
            loss = loss + torch_fan.adl(maps)
        loss.backward()
        optimiser.step()

    times = timed({"forward": forward, "train": train}[a.work], a.runs, a.seconds)
    facts = {"model": a.model, "work": a.work, "batch": a.batch, "workers": a.threads}
    return {**facts, **times, "peak_memory_mib": peak_memory_mib()}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("model", nargs="?")
    p.add_argument("work", nargs="?", choices=["forward", "train"])
    p.add_argument("batch", nargs="?", type=int)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--runs", type=int, default=10)
    p.add_argument("--seconds", type=float, default=10.0)
    p.add_argument("--compile", action="store_true")
    p.add_argument("--versions", action="store_true")
    a = p.parse_args()
    if a.versions:
        print(json.dumps({"python": platform.python_version(), "torch": torch.__version__}))
    else:
        print(json.dumps(row(a)))


if __name__ == "__main__":
    main()
