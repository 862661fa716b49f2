"""Writing a network as a file that other runtimes read.

Every file takes any number N of crops and gives what the network gives: heatmaps (N, K, H/4, W/4), or the person
detector's boxes and scores (N, A, 5), which takes pictures with sides of any multiples of 32. It is compared with
PyTorch before it takes the place of an older one.
"""

import contextlib
import io
import logging
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from model.engines.preprocessing import FromCrops, fold_batch_norms
from model.errors import EngineError, UserError
from model.input_size import INPUT_MULTIPLE, LARGEST_SIDE
from model.networks.person_detector import PersonDetector
from model.zoo import DetectorWeightSet, PoseModel, load_network

CROPS, IMAGES, HEATMAPS, CELLS = "crops", "images", "heatmaps", "cells"
_OPSET = 18
_BLOCK = 16  # channels that ONNX Runtime computes at a time, where the processor has AVX-512; 8 where it has AVX2
_LARGEST_CHECKED_BATCH = 2
# What summation order explains of the difference to PyTorch: of heatmaps and boxes as a share of their spread, of
# scores, which may all be close to nothing, as it is.
_TOLERANCE = 1e-3


def export_onnx(model: PoseModel | DetectorWeightSet, path: Path, with_preprocessing: bool) -> None:
    """Write a model as an ONNX graph, whose output is named "heatmaps", of the person detector "cells".

    Args:
        model: What to export; its weights must be on this machine.
        path: The file, replaced if it exists.
        with_preprocessing: The input is "crops", (N, H, W, 3) uint8 RGB; else "images", (N, 3, H, W) normalised RGB
            float32.

    Raises:
        EngineError: The graph disagrees with PyTorch, or the onnx packages are absent or fail.
        OSError: The file cannot be written.
    """
    prepared = _prepare(model, with_preprocessing)
    remedy = "update onnx, onnxscript and onnxruntime, or use --engine torch"
    with _replacing(path) as partial:
        try:
            _write_onnx(prepared._replace(network=_in_whole_blocks(prepared.network)), partial)
        except ImportError as error:
            # An older release of theirs lacks what PyTorch asks for: an install that finds it leaves it as it is.
            message = f"ONNX export needs {error.name}; install it: pip install --upgrade onnx onnxscript"
            raise EngineError(message) from error
        except (OSError, UserError):
            raise
        except Exception as error:  # the exporter raises its own kinds, of many lines, which share no narrower base
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise EngineError(f"cannot export {model.name} to ONNX: {reason}; {remedy}") from error
        _check(_onnx_runner(partial), prepared, f"the ONNX graph of {model.name}", remedy)


def export_torchscript(model: PoseModel | DetectorWeightSet, path: Path, with_preprocessing: bool) -> None:
    """Write a model as TorchScript, for `torch::jit::load` in C++ and `torch.jit.load` in Python.

    PyTorch calls TorchScript deprecated in favour of torch.export, but still writes and runs it.

    Args:
        model: What to export; its weights must be on this machine.
        path: The file, replaced if it exists.
        with_preprocessing: As in `export_onnx`.

    Raises:
        EngineError: The file disagrees with PyTorch.
        OSError: The file cannot be written.
    """
    prepared = _prepare(model, with_preprocessing)
    with _replacing(path) as partial, warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"`torch\.jit\.\w+` is deprecated", DeprecationWarning)
        traced = io.BytesIO()  # PyTorch itself opens no path with letters that the system's code page lacks
        # `_check` compares more than PyTorch's own check of a trace does, in a fraction of its time.
        trace = torch.jit.trace(prepared.network, (prepared.example,), check_trace=False)  # type: ignore[no-untyped-call]
        torch.jit.save(trace, traced)
        partial.write_bytes(_without_sources(traced.getvalue()))
        script = torch.jit.load(io.BytesIO(partial.read_bytes()))  # type: ignore[no-untyped-call]
        _check(script, prepared, f"the TorchScript of {model.name}", "update PyTorch, or export --format onnx")


class _Prepared(NamedTuple):
    network: nn.Module
    example: Tensor
    input_name: str
    output_name: str
    dynamic: dict[int, Any]


def _prepare(model: PoseModel | DetectorWeightSet, with_preprocessing: bool) -> _Prepared:
    network = load_network(model)
    fold_batch_norms(network)
    height, width = model.input_size
    output_name, dynamic = HEATMAPS, {0: torch.export.Dim("persons", min=1)}
    if isinstance(model, DetectorWeightSet):
        output_name = CELLS
        # Sides that differ, lest the exporter take them for one, and of several cells, lest it build one in.
        height = max(height, 3 * INPUT_MULTIPLE) - INPUT_MULTIPLE
        width = max(width, 3 * INPUT_MULTIPLE)
        first = 1 if with_preprocessing else 2
        sides = [torch.export.Dim(name, min=1, max=LARGEST_SIDE // INPUT_MULTIPLE) for name in ("rows", "columns")]
        dynamic |= {first + axis: INPUT_MULTIPLE * side for axis, side in enumerate(sides)}
    generator = torch.Generator().manual_seed(0)
    if with_preprocessing:
        shape = (_LARGEST_CHECKED_BATCH, height, width, 3)
        crops = torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)
        return _Prepared(FromCrops(network).eval(), crops, CROPS, output_name, dynamic)
    images = torch.randn((_LARGEST_CHECKED_BATCH, 3, height, width), generator=generator)
    return _Prepared(network, images, IMAGES, output_name, dynamic)


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file to write to, which takes the place of another when all has gone well."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        partial = Path(folder) / path.name
        yield partial
        partial.replace(path)


def _in_whole_blocks(network: nn.Module) -> nn.Module:
    """The network with maps that fill ONNX Runtime's blocks: where one does not, it is copied to another layout."""
    network = deepcopy(network)
    for part in network.modules():
        if isinstance(part, PersonDetector):
            part.pad_stem(_BLOCK)
    return network


def _write_onnx(prepared: _Prepared, path: Path) -> None:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        # The exporter warns about its own internals and about torchvision, which nothing here uses.
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            prepared.network,
            (prepared.example,),
            path,
            dynamo=True,
            verbose=False,
            external_data=False,
            opset_version=_OPSET,
            input_names=[prepared.input_name],
            output_names=[prepared.output_name],
            dynamic_shapes=(prepared.dynamic,),
        )
    _forget_origin(path)


def _forget_origin(path: Path) -> None:
    """Drop what the exporter notes of its work: it doubles the file, and names folders of the machine."""
    import onnx

    model = onnx.load_model_from_string(path.read_bytes())  # onnx opens no path that the code page lacks
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        if hasattr(part, "doc_string"):
            part.doc_string = ""
    path.write_bytes(model.SerializeToString())


def _without_sources(script: bytes) -> bytes:
    """TorchScript without the notes of which line of which file on this machine an operation comes from."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(script)) as archive, zipfile.ZipFile(kept, "w") as stripped:
        for entry in archive.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                stripped.writestr(entry.filename, archive.read(entry))
    return kept.getvalue()


def _onnx_runner(graph: Path) -> Callable[[Tensor], Tensor]:
    import onnxruntime

    session = onnxruntime.InferenceSession(graph.read_bytes(), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: torch.from_numpy(session.run(None, {name: images.numpy()})[0])


def _check(run: Callable[[Tensor], Tensor], prepared: _Prepared, what: str, remedy: str) -> None:
    """Compare with PyTorch for one crop and for several: a batch size must not have been built in."""
    for count in range(1, _LARGEST_CHECKED_BATCH + 1):
        with torch.inference_mode():
            expected = prepared.network(prepared.example[:count])
            found = run(prepared.example[:count])
        differences = (found - expected).abs()
        if prepared.output_name == CELLS:
            parts = {"boxes' spread": differences[..., :4] / expected[..., :4].std(), "scores": differences[..., 4]}
        else:
            parts = {"heatmaps' spread": differences / expected.std()}
        for of, difference in parts.items():
            if not difference.max() <= _TOLERANCE:
                raise EngineError(f"{what} disagrees with PyTorch by {difference.max():.1e} of the {of}; {remedy}")
