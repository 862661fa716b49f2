"""PP-TinyPose as converted for ncnn: a wider naive Lite-HRNet-18 whose batch norms are folded into its convolutions.

The .param file is the graph in text, one layer a line in execution order. The .bin file holds the weights and biases of
the convolutions in the same order.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from model.arrays import FloatArray
from model.errors import CheckpointError
from model.networks import build_network

NETWORK = "wider-naive-lite-hrnet-18"

_MAGIC = "7767517"
_FLOAT32_TAG = 0
_FLOAT16_TAG = 0x01306B47
_MOST_KEYPOINTS = 1000
_CONVOLUTIONS = {"Convolution", "ConvolutionDepthWise"}
_WEIGHTLESS = {"Input", "Slice", "Concat", "Reshape", "Permute", "Split", "BinaryOp", "Interp", "ReLU"}
_FETCH_AGAIN = "fetch or copy both files again"
_OTHER_NETWORK = f"only PP-TinyPose, a {NETWORK}, is read from ncnn files"


@dataclass(frozen=True)
class Layer:
    """One layer of an ncnn graph; `fields` maps ncnn's field numbers to values, arrays left out."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    fields: dict[int, float]

    def field(self, number: int, default: int) -> int:
        return int(self.fields.get(number, default))


def recognises(content: bytes, path: Path) -> bool:
    """Whether this is a .param file, or a .bin file that has its .param beside it."""
    return content.startswith(_MAGIC.encode()) or (path.suffix == ".bin" and path.with_suffix(".param").is_file())


def pair_of(path: Path) -> tuple[Path, Path]:
    """The .param and the .bin file of a network, given either one."""
    return path.with_suffix(".param"), path.with_suffix(".bin")


def read(path: Path) -> dict[str, Tensor]:
    """The pair's weights as the state dict of a wider naive Lite-HRNet-18.

    The graph's convolutions are the network's, in the order of its modules. Each batch norm becomes the identity with
    the convolution's bias as its own.

    Args:
        path: The .param or the .bin file; the other is beside it.

    Raises:
        CheckpointError: A file of the pair is absent or damaged, or the graph is not this network's.
    """
    param_path, bin_path = pair_of(path)
    try:
        text, content = param_path.read_bytes(), bin_path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"cannot read {error.filename}: {error.strerror}; an ncnn network is a .param and a .bin side by side"
        ) from error
    layers = [layer for layer in parse_graph(text, param_path) if layer.kind in _CONVOLUTIONS]
    keypoints = layers[-1].field(0, 0) if layers else 0
    if keypoints > _MOST_KEYPOINTS:  # so many would be built before anything else shows that the file is damaged
        raise CheckpointError(f"cannot read {param_path}: its last layer finds {keypoints} keypoints; {_FETCH_AGAIN}")
    network = build_network(NETWORK, max(keypoints, 1))
    modules = {name: module for name, module in network.named_modules() if isinstance(module, nn.Conv2d)}
    _check_same_convolutions(layers, modules, param_path)
    weights = read_weights(content, layers, bin_path)

    return _unfold(network, weights)


def _unfold(network: nn.Module, weights: list[tuple[FloatArray, FloatArray]]) -> dict[str, Tensor]:
    """The network's state dict from weights and biases of its convolutions, each batch norm being the identity."""
    state = {name: torch.zeros(tensor.shape, dtype=tensor.dtype) for name, tensor in network.state_dict().items()}
    leaves = [(name, leaf) for name, leaf in network.named_modules() if isinstance(leaf, nn.Conv2d | nn.BatchNorm2d)]
    remaining = iter(weights)
    for (name, leaf), (next_name, next_leaf) in zip(leaves, [*leaves[1:], ("", None)], strict=True):
        if isinstance(leaf, nn.BatchNorm2d):
            state[f"{name}.weight"].fill_(1)
            # Batch norm divides by sqrt(variance + eps): this variance makes it 1.
            state[f"{name}.running_var"].fill_(1 - leaf.eps)
            continue
        weight, bias = next(remaining)
        state[f"{name}.weight"] = torch.from_numpy(weight).reshape(leaf.weight.shape)
        state[f"{next_name if isinstance(next_leaf, nn.BatchNorm2d) else name}.bias"] = torch.from_numpy(bias)
    return state


def parse_graph(text: bytes, path: Path) -> list[Layer]:
    """The layers of a .param file in execution order.

    Args:
        text: The file's content: a magic number, the counts of layers and blobs, then a line a layer with its kind,
            name, counts of inputs and outputs, their names, and fields as number=value.
        path: Where it comes from, for messages.

    Raises:
        CheckpointError: A line does not parse, lines are missing, or a layer's input is not made by one before it.
    """
    lines = text.decode("utf-8", errors="replace").splitlines()
    layers: list[Layer] = []
    try:
        layer_count, blob_count = (int(word) for word in lines[1].split())
        layers.extend(_parse_layer(line.split()) for line in lines[2:])
    except (ValueError, IndexError) as error:
        raise CheckpointError(f"cannot read {path}: damaged after {len(layers)} layers; {_FETCH_AGAIN}") from error
    made: set[str] = set()
    for layer in layers:
        if layer.kind not in _CONVOLUTIONS | _WEIGHTLESS:
            raise CheckpointError(f"cannot read {path}: {layer.name} is a layer of kind {layer.kind}; {_OTHER_NETWORK}")
        absent = [name for name in layer.inputs if name not in made]
        if absent:
            raise CheckpointError(
                f"cannot read {path}: {layer.name} reads {absent[0]}, which no layer makes; {_FETCH_AGAIN}"
            )
        made.update(layer.outputs)
    if (len(layers), len(made)) != (layer_count, blob_count):
        raise CheckpointError(
            f"cannot read {path}: it has {len(layers)} of {layer_count} layers and {len(made)} of {blob_count} blobs; "
            f"{_FETCH_AGAIN}"
        )
    return layers


def _parse_layer(words: list[str]) -> Layer:
    kind, name = words[:2]
    inputs, outputs = int(words[2]), int(words[3])
    first_output, first_field = 4 + inputs, 4 + inputs + outputs
    if len(words) < first_field:
        raise ValueError("fewer blobs than counted")
    fields = {}
    for word in words[first_field:]:
        key, value = word.split("=")
        if int(key) >= 0:  # negative numbers hold arrays; no convolution has any
            fields[int(key)] = float(value)
            if not math.isfinite(fields[int(key)]):
                raise ValueError(f"{value} in a field")
    return Layer(kind, name, tuple(words[4:first_output]), tuple(words[first_output:first_field]), fields)


def read_weights(content: bytes, layers: list[Layer], path: Path) -> list[tuple[FloatArray, FloatArray]]:
    """Flat weights and biases of each convolution from a .bin file.

    Args:
        content: The file's bytes. For each convolution a tag tells the storage, 16 bits (padded to four bytes) or 32;
            then come the weights, then the biases in 32 bits.
        layers: The convolutions in execution order.
        path: Where the bytes come from, for messages.

    Raises:
        CheckpointError: Another storage, too few bytes, or too many.
    """
    position = 0

    def take(count: int, dtype: str, layer: Layer) -> np.ndarray[tuple[int], np.dtype[np.generic]]:
        nonlocal position
        size = count * np.dtype(dtype).itemsize
        if position + size > len(content):
            raise CheckpointError(f"cannot read {path}: it ends within {layer.name}; {_FETCH_AGAIN}")
        values = np.frombuffer(content, dtype, count, position)
        position += -(-size // 4) * 4
        return values

    weights = []
    for layer in layers:
        tag = int(take(1, "<u4", layer)[0])
        if tag not in (_FLOAT16_TAG, _FLOAT32_TAG):
            raise CheckpointError(
                f"cannot read {path}: {layer.name} is stored with tag {tag:#010x}; "
                "only float16 and float32 weights are read: give the unquantised files"
            )
        weight = take(layer.field(6, 0), "<f2" if tag == _FLOAT16_TAG else "<f4", layer)
        bias = take(layer.field(0, 0), "<f4", layer)
        weights.append((weight.astype(np.float32), bias.astype(np.float32)))
    if position != len(content):
        raise CheckpointError(f"cannot read {path}: {len(content) - position} bytes too many; {_FETCH_AGAIN}")
    return weights


def _check_same_convolutions(layers: list[Layer], modules: dict[str, nn.Conv2d], path: Path) -> None:
    """Raise CheckpointError unless the convolutions are the network's, in its order."""
    for layer, (name, module) in zip(layers, modules.items(), strict=False):
        found = (layer.field(0, 0), layer.field(1, 0), layer.field(3, 1), layer.field(7, 1), layer.field(6, 0))
        wanted = (module.out_channels, module.kernel_size[0], module.stride[0], module.groups, module.weight.numel())
        if found != wanted or layer.field(5, 0) != 1:
            raise CheckpointError(f"cannot read {path}: {layer.name} does not fit {name}; {_OTHER_NETWORK}")
    if len(layers) != len(modules):
        raise CheckpointError(
            f"cannot read {path}: it has {len(layers)} convolutions where {len(modules)} belong; {_OTHER_NETWORK}"
        )
