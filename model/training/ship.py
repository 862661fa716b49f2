"""From a run's weights to a file for weights/: `python -m model.training.ship RUN/weights.safetensors NAME`.

Writes weights/NAME.safetensors with convolutions in 16 bits, and prints the lines that the catalogue needs. The graph
follows, once they stand there: `python main.py export NAME --with-preprocessing --output weights/NAME.onnx`.
"""

import argparse
from pathlib import Path

from model.checkpoints import read_checkpoint, read_metadata, save_safetensors
from model.zoo.catalogue import WEIGHTS_FOLDER
from model.zoo.store import sha256_of


def ship(source: Path, name: str, folder: Path = WEIGHTS_FOLDER) -> Path:
    """Write a run's weights as the project ships them.

    Args:
        source: The run's `weights.safetensors` or `best.safetensors`, whose metadata is kept.
        name: Of the weight set.
        folder: Where it goes.

    Returns:
        The file.

    Raises:
        CheckpointError: The source cannot be read, or the file not written.
    """
    path = folder / f"{name}.safetensors"
    save_safetensors(read_checkpoint(source), path, read_metadata(source), half=True)
    return path


def _main() -> None:
    parser = argparse.ArgumentParser(description="Prepare a run's weights for weights/.")
    parser.add_argument("source", type=Path, metavar="FILE", help="weights.safetensors of a run")
    parser.add_argument("name", metavar="NAME", help="of the weight set in the catalogue")
    arguments = parser.parse_args()
    path = ship(arguments.source, arguments.name)
    print(f"      - name: {path.name}\n        size: {path.stat().st_size}\n        sha256: {sha256_of(path)}")


if __name__ == "__main__":
    _main()
