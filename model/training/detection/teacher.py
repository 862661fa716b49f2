"""PicoDet-S as a teacher: its answers cell by cell, and the maps inside."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import openvino
import torch
from openvino import Layout, Type
from openvino.preprocess import PrePostProcessor
from torch import Tensor

from model.errors import ConfigError
from model.networks.person_detector import BINS, STRIDES
from model.normalisation import MEAN, STD

_TRUNK = ("Div_10", "Div_22", "HSwish_23287")
_NECK = ("Div_37", "Div_43", "Div_49")
_BINS = ("Add_66", "Add_83", "Add_100")
"""Nodes of the graph, by stride. Its fourth grid, of stride 64, finds nobody whom the third does not find."""


class Taught(NamedTuple):
    """What the teacher says of N pictures.

    Attributes:
        scores: (N, A), 0..1.
        boxes: (N, A, 4) in pixels.
        bins: (N, A, 4, B) logits.
        features: Its trunk's maps at the three strides, then its neck's.
    """

    scores: Tensor
    boxes: Tensor
    bins: Tensor
    features: list[Tensor]


class PicoDetTeacher:
    """Runs PicoDet-S (LCNet) in OpenVINO, which has the grids and the channels of the person detector.

    Args:
        graph: The .xml file, with the .bin beside it.
        threads: Of the CPU.

    Raises:
        ConfigError: The files cannot be read or are another network's.
    """

    def __init__(self, graph: Path, threads: int | None) -> None:
        settings: dict[str, object] = {"PERFORMANCE_HINT": "LATENCY"}
        if threads is not None:
            settings["INFERENCE_NUM_THREADS"] = threads
        core = openvino.Core()
        try:
            network = core.read_model(graph.read_bytes(), graph.with_suffix(".bin").read_bytes())
            nodes = {node.get_friendly_name(): node for node in network.get_ordered_ops()}
            network.add_outputs([nodes[name].output(0) for name in (*_TRUNK, *_NECK, *_BINS)])
            self._compiled = core.compile_model(_with_normalisation(network), "CPU", settings)
        except OSError as error:
            raise ConfigError(f"cannot read the teacher {graph}: {error.strerror}; check the path") from error
        except (RuntimeError, KeyError) as error:
            raise ConfigError(
                f"{graph} is not picodet-320, the one teacher of the detector; give its .xml file"
            ) from error
        self._request = self._compiled.create_infer_request()
        _, self._height, self._width, _ = self._compiled.input(0).shape

    def __call__(self, pictures: Tensor) -> Taught:
        """What it says of pictures (N, H, W, 3) uint8 RGB.

        Raises:
            ConfigError: They have another size than the teacher's.
        """
        if pictures.shape[1:3] != (self._height, self._width):
            raise ConfigError(f"the teacher takes {self._height}x{self._width}: set the phase's input_size to that")
        answers = [self._one(picture) for picture in pictures.cpu().numpy()]
        boxes, scores, *maps = (torch.from_numpy(np.stack(parts)) for parts in zip(*answers, strict=True))
        features, distances = maps[: len(_TRUNK) + len(_NECK)], maps[-len(STRIDES) :]
        bins = torch.cat([each.flatten(2).transpose(1, 2) for each in distances], dim=1)
        bins = bins.view(*bins.shape[:2], 4, BINS)
        device = pictures.device
        cells = bins.shape[1]
        return Taught(
            scores[:, 0, :cells].to(device),
            boxes[:, :cells].to(device),
            bins.to(device),
            [each.to(device) for each in features],
        )

    def _one(self, picture: Any) -> list[Any]:
        outputs = self._request.infer([picture[np.newaxis]], share_inputs=True)
        return [outputs[index][0].copy() for index in range(len(self._compiled.outputs))]


def _with_normalisation(graph: Any) -> Any:
    steps = PrePostProcessor(graph)
    steps.input().tensor().set_element_type(Type.u8).set_layout(Layout("NHWC"))
    steps.input().model().set_layout(Layout("NCHW"))
    steps.input().preprocess().convert_element_type(Type.f32).mean(list(MEAN)).scale(list(STD))
    return steps.build()
