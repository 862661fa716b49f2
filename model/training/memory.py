"""A step that does not fit into memory, told as what it is: a choice of the configuration."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from model.errors import ConfigError

_OF_CPUS = "can't allocate memory"  # in PyTorch's message; its error has no kind of its own there


@contextmanager
def within_memory() -> Iterator[None]:
    """Tell want of memory, the GPU's or the machine's, with its remedy.

    Raises:
        ConfigError: What is done in the block does not fit.
    """
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError) or _OF_CPUS in str(error):
            raise ConfigError("a step does not fit into memory; lower batch_size or input_size") from error
        raise
