"""PicoDet-S as a teacher: its answers cell by cell, and the maps inside."""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from model.errors import ConfigError
from model.networks.person_detector import BINS, cell_points, decode_boxes
from model.training.detection.openvino_graph import OpenVinoGraph
from model.training.objective import normalise

_SCORES = ("Sqrt_0", "Sqrt_1", "Sqrt_2")
_BINS = ("Add_66", "Add_83", "Add_100")
_TRUNK = ("Div_10", "Div_22", "HSwish_23287")
_NECK = ("Div_37", "Div_43", "Div_49")
"""Nodes of the graph, by stride. Its fourth grid, of stride 64, finds nobody whom the third does not find."""


class Taught(NamedTuple):
    """What the teacher says of N pictures.

    Attributes:
        scores: (N, A), 0..1.
        boxes: (N, A, 4) in pixels.
        bins: (N, 4, B, A) logits.
        features: Its trunk's maps at the three strides, then its neck's.
    """

    scores: Tensor
    boxes: Tensor
    bins: Tensor
    features: list[Tensor]


class PicoDetTeacher:
    """Runs PicoDet-S (LCNet), which has the grids and the channels of the person detector.

    In single precision: in bf16 its scores are off by up to 0.13 and its boxes by as much as 45 pixels.

    Args:
        graph: The .xml file of its OpenVINO graph, with the .bin beside it.
        device: Where it runs.

    Raises:
        ConfigError: The files cannot be read or are another network's.
    """

    def __init__(self, graph: Path, device: torch.device) -> None:
        try:
            network = OpenVinoGraph(graph, (*_SCORES, *_BINS, *_TRUNK, *_NECK))
        except OSError as error:
            raise ConfigError(f"cannot read the teacher {graph}: {error.strerror}; check the path") from error
        except (ValueError, KeyError) as error:
            raise ConfigError(
                f"{graph} is not picodet-320, the one teacher of the detector ({error}); give its .xml file"
            ) from error
        self._network = network.to(device)

    @torch.no_grad()
    def __call__(self, pictures: Tensor) -> Taught:
        """What it says of pictures (N, H, W, 3) uint8 RGB, with sides that are multiples of 32."""
        with torch.autocast(pictures.device.type, enabled=False):
            answers = self._network(normalise(pictures))
        scores, distances, features = answers[:3], answers[3:6], answers[6:]
        bins = torch.cat([each.flatten(2) for each in distances], dim=2)
        bins = bins.view(len(bins), 4, BINS, -1)
        points = cell_points(pictures.shape[1], pictures.shape[2], pictures)
        return Taught(
            torch.cat([each.flatten(1) for each in scores], dim=1), decode_boxes(bins, points), bins, features
        )
