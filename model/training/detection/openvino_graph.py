"""Convolutional graphs in OpenVINO's format (IR), run in PyTorch: on a GPU too, in batches and at any size.

OpenVINO itself runs them on Intel's devices alone, and this one a picture at a time.
"""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

_ELEMENTS = {"f32": np.float32, "f16": np.float16, "i64": np.int64, "i32": np.int32}
_OF_ONE_INPUT = ("Interpolate", "ReduceMean")  # the others are sizes and axes, which are the same in all such graphs
_Attributes = dict[str, str]


class _Node(NamedTuple):
    name: str
    kind: str
    inputs: tuple[str, ...]
    attributes: _Attributes


class OpenVinoGraph(nn.Module):
    """The part of a graph that leads to some of its nodes, frozen.

    Args:
        path: The .xml file, with the .bin beside it.
        outputs: Names of the nodes whose values are wanted.

    Raises:
        OSError: A file cannot be read.
        ValueError: No such graph, no node of such a name, or an operation that is not known here.
    """

    def __init__(self, path: Path, outputs: Sequence[str]) -> None:
        super().__init__()
        layers = _read(path)
        weights = path.with_suffix(".bin").read_bytes()
        self._outputs = tuple(outputs)
        self._nodes: list[_Node] = []
        self._constants: dict[str, str] = {}
        for name in _needed(layers, outputs):
            node = layers[name]
            if node.kind == "Const":
                self._constants[name] = f"constant{len(self._constants)}"
                self.register_buffer(self._constants[name], _constant(node.attributes, weights), persistent=False)
            elif node.kind == "Parameter" or node.kind in _OPERATIONS:
                self._nodes.append(node)
            else:
                raise ValueError(f"{path}: operation {node.kind} is not known")

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """The wanted nodes' values for a batch (N, C, H, W)."""
        values = {name: self.get_buffer(buffer) for name, buffer in self._constants.items()}
        for node in self._nodes:
            if node.kind == "Parameter":
                values[node.name] = pictures
            else:
                inputs = [values[name] for name in node.inputs]
                values[node.name] = _OPERATIONS[node.kind](inputs, node.attributes)
        return [values[name] for name in self._outputs]


def _read(path: Path) -> dict[str, _Node]:
    """All nodes by name."""
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except ElementTree.ParseError as error:
        raise ValueError(f"{path} is not XML: {error}") from error
    names = {layer.attrib["id"]: layer.attrib["name"] for layer in root.iterfind("layers/layer")}
    sources: dict[str, list[tuple[int, str]]] = {number: [] for number in names}
    for edge in root.iterfind("edges/edge"):
        sources[edge.attrib["to-layer"]].append((int(edge.attrib["to-port"]), names[edge.attrib["from-layer"]]))
    nodes = {}
    for layer in root.iterfind("layers/layer"):
        data = layer.find("data")
        inputs = tuple(source for _, source in sorted(sources[layer.attrib["id"]]))
        name, kind = layer.attrib["name"], layer.attrib["type"]
        attributes = {} if data is None else dict(data.attrib)
        if kind == "Interpolate":
            attributes["factor"] = str(_factor(layer))
        nodes[name] = _Node(name, kind, inputs[:1] if kind in _OF_ONE_INPUT else inputs, attributes)
    return nodes


def _factor(layer: ElementTree.Element) -> float:
    """By what the sides grow, from the shapes that the file states."""
    before, after = (layer.find(f"{side}/port/dim[last()]") for side in ("input", "output"))
    if before is None or after is None or before.text is None or after.text is None:
        raise ValueError(f"interpolation {layer.attrib['name']} states no sizes")
    return int(after.text) / int(before.text)


def _needed(nodes: dict[str, _Node], outputs: Sequence[str]) -> list[str]:
    """Names of the outputs and of all that they are computed from, inputs first."""
    order: dict[str, None] = {}
    waiting = [(name, False) for name in reversed(outputs)]
    while waiting:
        name, ready = waiting.pop()
        if name not in nodes:
            raise ValueError(f"the graph has no node {name}")
        if ready:
            order[name] = None
        elif name not in order:
            waiting.append((name, True))
            waiting.extend((source, False) for source in nodes[name].inputs)
    return list(order)


def _constant(attributes: _Attributes, weights: bytes) -> Tensor:
    kind = attributes["element_type"]
    if kind not in _ELEMENTS:
        raise ValueError(f"constants of type {kind} are not known")
    start, size = int(attributes["offset"]), int(attributes["size"])
    shape = [int(side) for side in attributes["shape"].split(",") if side.strip()]
    values = np.frombuffer(weights[start : start + size], _ELEMENTS[kind]).reshape(shape)
    tensor = torch.from_numpy(values.copy())
    return tensor.float() if tensor.is_floating_point() else tensor


def _pair(text: str) -> tuple[int, int]:
    first, second = (int(part) for part in text.split(","))
    return first, second


def _convolution(inputs: list[Tensor], attributes: _Attributes) -> Tensor:
    x, weight = inputs
    begin, end = _pair(attributes["pads_begin"]), _pair(attributes["pads_end"])
    if begin != end or _pair(attributes["dilations"]) != (1, 1):
        raise ValueError("convolutions with uneven padding or holes are not known")
    # Of a grouped convolution the weight has the groups as its first axis.
    groups, strides = len(weight) if weight.ndim == 5 else 1, _pair(attributes["strides"])
    return F.conv2d(x, weight.flatten(0, -4), None, strides, begin, 1, groups)


def _mean(inputs: list[Tensor], attributes: _Attributes) -> Tensor:
    return inputs[0].mean((2, 3), keepdim=True)


def _enlarged(inputs: list[Tensor], attributes: _Attributes) -> Tensor:
    if attributes["mode"] != "nearest" or attributes["coordinate_transformation_mode"] != "asymmetric":
        raise ValueError("interpolation other than nearest, asymmetric, is not known")
    return F.interpolate(inputs[0], scale_factor=float(attributes["factor"]), mode="nearest")


_OPERATIONS: dict[str, Callable[[list[Tensor], _Attributes], Tensor]] = {
    "Add": lambda inputs, _: inputs[0] + inputs[1],
    "Concat": lambda inputs, attributes: torch.cat(inputs, int(attributes["axis"])),
    "Convert": lambda inputs, _: inputs[0],  # half-precision constants, which are read as single precision
    "Convolution": _convolution,
    "GroupConvolution": _convolution,
    "HSwish": lambda inputs, _: F.hardswish(inputs[0]),
    "HardSigmoid": lambda inputs, _: (inputs[0] * inputs[1] + inputs[2]).clamp(0, 1),
    "Interpolate": _enlarged,
    "Multiply": lambda inputs, _: inputs[0] * inputs[1],
    "ReLU": lambda inputs, _: F.relu(inputs[0]),
    "ReduceMean": _mean,
    "Sigmoid": lambda inputs, _: inputs[0].sigmoid(),
    "Sqrt": lambda inputs, _: inputs[0].sqrt(),
}
