"""Weight files: readers for three formats, each giving the state dict of our networks, and a writer for one."""

from model.checkpoints.loading import identify_network, left_out_weights, load_checkpoint, load_state
from model.checkpoints.reading import checkpoint_files, read_checkpoint
from model.checkpoints.safetensors_file import read_metadata, save_safetensors

__all__ = [
    "checkpoint_files",
    "identify_network",
    "left_out_weights",
    "load_checkpoint",
    "load_state",
    "read_checkpoint",
    "read_metadata",
    "save_safetensors",
]
