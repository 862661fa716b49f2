"""From a run's weights to a file for weights/: `python -m model.training.ship RUN/weights.safetensors NAME`.

Writes weights/NAME.safetensors with convolutions in 16 bits, and prints the lines that the catalogue needs. The graph
follows, once they stand there: `python main.py export NAME --with-preprocessing --output weights/NAME.onnx`.

Of several files, such as two stretches of one run, the mean is written, which is often better than either (Izmailov et
al., "Averaging Weights Leads to Wider Optima and Better Generalization", arXiv:1803.05407).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from model.checkpoints import read_checkpoint, read_metadata, save_safetensors
from model.errors import CheckpointError
from model.zoo.catalogue import WEIGHTS_FOLDER
from model.zoo.store import sha256_of


def ship(sources: Sequence[Path], name: str, folder: Path = WEIGHTS_FOLDER) -> Path:
    """Write a run's weights as the project ships them.

    Args:
        sources: The `weights.safetensors` or `best.safetensors` of a run, or several of one network. What all of them
            say of themselves is kept.
        name: Of the weight set.
        folder: Where it goes.

    Returns:
        The file.

    Raises:
        CheckpointError: A source cannot be read, they are of different networks, or the file cannot be written.
    """
    states = [read_checkpoint(source) for source in sources]
    said = [read_metadata(source).items() for source in sources]
    metadata = dict(pair for pair in said[0] if all(pair in other for other in said))
    path = folder / f"{name}.safetensors"
    save_safetensors(_mean(states, sources), path, metadata, half=True)
    return path


def _mean(states: Sequence[dict[str, Tensor]], sources: Sequence[Path]) -> dict[str, Tensor]:
    shapes = [{name: tensor.shape for name, tensor in state.items()} for state in states]
    for source, other in zip(sources, shapes, strict=True):
        if other != shapes[0]:
            raise CheckpointError(f"{source} and {sources[0]} are of different networks; give weights of one")
    means = {}
    for name, first in states[0].items():
        if first.is_floating_point():
            means[name] = torch.stack([state[name].double() for state in states]).mean(0).to(first.dtype)
        else:
            means[name] = first
    return means


def _main() -> None:
    parser = argparse.ArgumentParser(description="Prepare a run's weights for weights/.")
    parser.add_argument(
        "sources", type=Path, nargs="+", metavar="FILE", help="weights.safetensors of a run, or several"
    )
    parser.add_argument("name", metavar="NAME", help="of the weight set in the catalogue")
    arguments = parser.parse_args()
    path = ship(arguments.sources, arguments.name)
    print(f"      - name: {path.name}\n        size: {path.stat().st_size}\n        sha256: {sha256_of(path)}")


if __name__ == "__main__":
    _main()
