"""Writing a network as a file that other runtimes read."""

import contextlib
import io
import logging
import tempfile
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from model.engines.preprocessing import FromCrops, fold_batch_norms
from model.errors import EngineError
from model.zoo import PoseModel, load_network

CROPS, IMAGES, HEATMAPS = "crops", "images", "heatmaps"
_OPSET = 18
_CHECKED_BATCH = 2
# What summation order explains of the difference to PyTorch's heatmaps, as a share of their spread.
_TOLERANCE = 1e-3


def export_onnx(model: PoseModel, path: Path, with_preprocessing: bool) -> None:
    """Write a model as an ONNX graph for any number of crops, and compare its heatmaps with PyTorch's.

    The output is "heatmaps", (N, K, H/4, W/4) float32.

    Args:
        model: What to export; its weights must be on this machine.
        path: The file, replaced if it exists.
        with_preprocessing: The input is "crops", (N, H, W, 3) uint8 RGB; else "images", (N, 3, H, W) normalised RGB
            float32.

    Raises:
        EngineError: The graph disagrees with PyTorch, or the onnx packages are absent.
        OSError: The file cannot be written.
    """
    network = load_network(model)
    fold_batch_norms(network)
    height, width = model.input_size
    generator = torch.Generator().manual_seed(0)
    if with_preprocessing:
        name, network = CROPS, FromCrops(network).eval()
        example = torch.randint(0, 256, (_CHECKED_BATCH, height, width, 3), generator=generator, dtype=torch.uint8)
    else:
        name = IMAGES
        example = torch.randn((_CHECKED_BATCH, 3, height, width), generator=generator)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        partial = Path(folder) / path.name
        try:
            _write_onnx(network, example, name, partial)
        except ImportError as error:
            raise EngineError(f"ONNX export needs {error.name}; install it: pip install onnx onnxscript") from error
        _check(partial, network, example, model.name)
        partial.replace(path)


def _write_onnx(network: nn.Module, example: Tensor, input_name: str, path: Path) -> None:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        # The exporter warns about its own internals and about torchvision, which nothing here uses.
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            network,
            (example,),
            path,
            dynamo=True,
            verbose=False,
            external_data=False,
            opset_version=_OPSET,
            input_names=[input_name],
            output_names=[HEATMAPS],
            dynamic_shapes=({0: torch.export.Dim("persons", min=1)},),
        )


def _check(graph: Path, network: nn.Module, example: Tensor, name: str) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(graph.read_bytes(), providers=["CPUExecutionProvider"])
    heatmaps = torch.from_numpy(session.run(None, {session.get_inputs()[0].name: example.numpy()})[0])
    with torch.inference_mode():
        expected = network(example)
    difference = float((heatmaps - expected).abs().max() / expected.std())
    if not difference <= _TOLERANCE:
        raise EngineError(
            f"the ONNX graph of {name} disagrees with PyTorch by {difference:.1e} of the heatmaps' spread; "
            "update onnx, onnxscript and onnxruntime, or use --engine torch"
        )
