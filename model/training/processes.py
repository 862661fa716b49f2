"""Training in several processes at once, as torchrun starts them; one process where it did not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import torch
import torch.distributed as dist

from model.errors import EngineError

_PATIENCE = timedelta(hours=12)  # the others wait while the first process decodes a data set


@contextmanager
def joined(kind: str) -> Iterator[None]:
    """Join the other processes that torchrun started, if it did, until the end of the block.

    Args:
        kind: Of the devices that all of them train on: "cuda", "mps" or "cpu".
    """
    if "RANK" not in os.environ:
        yield
        return
    dist.init_process_group("nccl" if kind == "cuda" else "gloo", timeout=_PATIENCE)
    try:
        yield
    finally:
        dist.destroy_process_group()


def rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def count() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def is_first() -> bool:
    return rank() == 0


def device(kind: str) -> str:
    """This process's own device of a kind.

    Raises:
        EngineError: torchrun started more processes on this machine than it has GPUs.
    """
    if kind != "cuda" or not dist.is_initialized():
        return kind
    local, there = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
    if local >= there:
        raise EngineError(
            f"process {local + 1} of torchrun has no GPU, for this machine has {there}; "
            f"start it with --nproc-per-node {there}"
        )
    torch.cuda.set_device(local)
    return f"cuda:{local}"


def any_of(condition: bool) -> bool:
    """Whether a condition holds in any process, so that all of them stop at the same step."""
    return largest(float(condition)) > 0


def largest(value: float) -> float:
    """The largest of all processes' values, so that all of them go by the same one."""
    if count() == 1:
        return value
    shared = torch.tensor(value, dtype=torch.float64, device="cuda" if dist.get_backend() == "nccl" else "cpu")
    dist.all_reduce(shared, dist.ReduceOp.MAX)
    return float(shared.item())


@contextmanager
def first_goes_first() -> Iterator[None]:
    """Let the first process run the block before the others, which then find what it made."""
    if count() > 1 and not is_first():
        dist.barrier()
    yield
    if count() > 1 and is_first():
        dist.barrier()
