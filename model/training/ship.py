"""From a run's weights to a file for weights/: `python -m model.training.ship RUN/weights.safetensors NAME`.

Writes weights/NAME.safetensors with convolutions in 16 bits, and prints the lines that the catalogue needs. The graph
follows, once they stand there: `python main.py export NAME --with-preprocessing --output weights/NAME.onnx`
(the detector's NAME is person, and there person-416 is exported); its size, its SHA-256 and that of the weights, as
`of`, go to `graph` in the catalogue.

Of several files, such as two stretches of one run, the mean is written, which is often better than either (Izmailov et
al., "Averaging Weights Leads to Wider Optima and Better Generalization", arXiv:1803.05407).
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from model.checkpoints import load_checkpoint, read_checkpoint, read_metadata, save_safetensors
from model.errors import CheckpointError, ConfigError, UserError
from model.training.config import RunConfig
from model.training.config_file import load_config
from model.training.progress import Report
from model.training.runfolder import RunFolder
from model.training.statistics import take_statistics
from model.training.train import task_of
from model.zoo.catalogue import WEIGHTS_FOLDER
from model.zoo.store import sha256_of


def ship(
    sources: Sequence[Path], name: str, folder: Path = WEIGHTS_FOLDER, statistics_of: RunConfig | None = None
) -> Path:
    """Write a run's weights as the project ships them.

    Args:
        sources: The `weights.safetensors` or `best.safetensors` of a run, or several of one network. What all of them
            say of themselves is kept.
        name: Of the weight set.
        folder: Where it goes.
        statistics_of: The run on whose last phase's crops batch norm's statistics are taken anew; None keeps their
            mean.

    Returns:
        The file.

    Raises:
        CheckpointError: A source cannot be read, they are of different networks or of another than the run's, or the
            file cannot be written.
        ConfigError: The run takes no statistics.
        DatasetError: Its pictures cannot be read.
    """
    states = [read_checkpoint(source) for source in sources]
    said = [read_metadata(source).items() for source in sources]
    metadata = dict(pair for pair in said[0] if all(pair in other for other in said))
    path = folder / f"{name}.safetensors"
    mean = _mean(states, sources)
    if statistics_of is not None:
        mean = _with_statistics(mean, sources[0], statistics_of)
    save_safetensors(mean, path, metadata, half=True)
    return path


def _with_statistics(mean: dict[str, Tensor], source: Path, config: RunConfig) -> dict[str, Tensor]:
    last = len(config.stretches) - 1
    images = config.stretches[last].statistics_from
    if not images:
        raise ConfigError(f"the last phase of {config.name} takes no statistics; set statistics_from there")
    config = config.model_copy(update={"validation": None})  # nothing is measured here
    task = task_of(config, RunFolder(config), "cpu")
    network = task.build().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    load_checkpoint(network, source)  # tells whether it fits, before pictures are decoded for nothing
    task.open_sets(Report(lambda step: None, lambda metrics: None, lambda name, done, total: None))
    network.load_state_dict(mean)
    begin = sum(stretch.images for stretch in config.stretches[:last])
    take_statistics(network, task, last, begin, images)
    taken: dict[str, Tensor] = network.state_dict()
    return taken


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
    parser.add_argument(
        "--statistics-of",
        type=Path,
        metavar="CONFIG.yaml",
        help="take batch norm's statistics anew on the crops of this run's last phase",
    )
    arguments = parser.parse_args()
    try:
        config = None if arguments.statistics_of is None else load_config(arguments.statistics_of)
        path = ship(arguments.sources, arguments.name, statistics_of=config)
    except UserError as error:
        sys.exit(f"error: {error}")
    print(f"      - name: {path.name}\n        size: {path.stat().st_size}\n        sha256: {sha256_of(path)}")


if __name__ == "__main__":
    _main()
