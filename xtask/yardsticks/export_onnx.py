"""Writes a bundle of a plain ViT as ONNX, with the bundle's own weights: input `x` [1, 3, side, side], output `y` [1, classes].

usage: export_onnx.py BUNDLE.safetensors OUT.onnx
Prints one line of JSON: the side of the input and its normalisation. `--versions` prints those of Python and the packages.
"""

import importlib.metadata
import json
import platform
import sys

import torch
from safetensors import safe_open

from torch_vit import Vit

# Names of a bundle, and of the network here.
NAMES = (
    ("patch_embed.proj", "embed"),
    ("cls_token", "cls"),
    ("pos_embed", "pos"),
    ("attn.", ""),
    ("mlp.", ""),
    (".gamma", ".weight"),
    (".beta", ".bias"),
)


def named(name):
    for theirs, ours in NAMES:
        name = name.replace(theirs, ours)
    return name


def main():
    if sys.argv[1:] == ["--versions"]:
        versions = {name: importlib.metadata.version(name) for name in ("torch", "onnx")}
        print(json.dumps({"python": platform.python_version(), **versions}))
        return
    bundle, out = sys.argv[1:]
    with safe_open(bundle, "pt") as file:
        manifest = json.loads(file.metadata()["vitro"])
        weights = {named(name): file.get_tensor(name).float() for name in file.keys()}
    model = manifest["model"]
    if model["family"] != "vit":
        sys.exit(f"{bundle} holds a {model['family']}; name the bundle of a plain ViT")
    shape = [model[field] for field in ("image_size", "patch_size", "width", "depth", "heads", "classes")]
    net = Vit(*shape).eval()
    for name, value in net.state_dict().items():
        # A bundle keeps the matrix of a linear layer the other way round.
        if value.dim() == 2:
            weights[name] = weights[name].T.contiguous()
    net.load_state_dict(weights)
    side = model["image_size"]
    example = torch.randn(1, 3, side, side)
    torch.onnx.export(net, (example,), out, input_names=["x"], output_names=["y"], opset_version=17, dynamo=False)
    preprocess = manifest["preprocess"]
    print(json.dumps({"side": side, "mean": preprocess["mean"], "std": preprocess["std"]}))


if __name__ == "__main__":
    main()
