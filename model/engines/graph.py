"""ONNX graphs of networks: exported once, kept in the cache folder under what they were made from."""

import hashlib
import logging
from pathlib import Path

from model.errors import EngineError
from model.zoo import DetectorWeightSet, PoseModel, WeightSet, cache_folder, shipped_graph, weight_files

_log = logging.getLogger(__name__)
# Counts up whenever the code draws another graph from the same weights, so that cached ones are not taken for it.
_GRAPH_VERSION = 2


def graph_of(model: PoseModel | DetectorWeightSet) -> Path:
    """The ONNX graph of a model, from crops (N, H, W, 3) uint8 RGB to what an engine gives.

    The graph that came with the weights where one did, else the one exported before, else one exported now, which takes
    some ten seconds.

    Raises:
        EngineError: The graph cannot be stored.
        WeightsError: The weights are absent or damaged.
        CheckpointError: The weights do not fit the network.
    """
    path = _path_of(model)
    if not path.is_file():
        from model.export import export_onnx

        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _log.info("preparing %s, which takes some ten seconds; the next start will find it ready", model.name)
            export_onnx(model, path, with_preprocessing=True)
        except OSError as error:
            raise EngineError(
                f"cannot store the graph {path}: {error.strerror}; make room or use --engine torch"
            ) from error
    return path


def is_ready(model: PoseModel | DetectorWeightSet) -> bool:
    """Whether the graph of a model is here already.

    Raises:
        WeightsError: The weights are absent or damaged.
    """
    return _path_of(model).is_file()


def _path_of(model: PoseModel | DetectorWeightSet) -> Path:
    shipped = shipped_graph(model)
    if shipped is not None:
        return shipped
    return cache_folder() / "graphs" / f"{model.name}-{_fingerprint(model)}.onnx"


def _fingerprint(model: PoseModel | DetectorWeightSet) -> str:
    keypoints = model.keypoints if isinstance(model, PoseModel) else "boxes"
    digest = hashlib.sha256(f"{_GRAPH_VERSION} {model.network} {keypoints} {model.input_size}".encode())
    if isinstance(model, WeightSet):
        for file in weight_files(model):
            digest.update(file.read_bytes())
    else:
        import torch

        digest.update(torch.__version__.encode())  # random weights are those of this release's generator
    return digest.hexdigest()[:16]
