"""Looking up images at many places at once, and the noise that surfaces are painted with."""

from functools import cache

import cv2
import numpy as np

from model.arrays import FloatArray
from model.training.synthetic.vectors import f32

_FOLD = 4096  # cv2.remap takes at most 32767 columns, so long lists of places are folded into rows
_TILE = 1024
_WAVES = 32  # coarsest waves across a tile


def sample(image: FloatArray, columns: FloatArray, rows: FloatArray, *, repeat: bool = False) -> FloatArray:
    """(N,) bilinear values of an (H, W) image at N places, centres at integers.

    Args:
        image: Float32.
        columns: (N,).
        rows: (N,).
        repeat: Whether the image repeats endlessly; else all outside it is 0.
    """
    if not len(columns):
        return np.zeros(0, np.float32)
    padding = -len(columns) % _FOLD
    maps = [np.pad(places, (0, padding)).reshape(-1, _FOLD).astype(np.float32) for places in (columns, rows)]
    border = cv2.BORDER_WRAP if repeat else cv2.BORDER_CONSTANT
    values = cv2.remap(image, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=border, borderValue=0)
    return f32(values).ravel()[: len(columns)]


@cache
def _noise_tile() -> FloatArray:
    """(_TILE, _TILE) cloud-like noise without seams, of standard deviation 0.4, finer waves fainter."""
    white = np.fft.rfft2(np.random.default_rng(7).normal(size=(_TILE, _TILE)))
    waves_across = np.hypot(np.fft.fftfreq(_TILE, 1 / _TILE)[:, None], np.fft.rfftfreq(_TILE, 1 / _TILE))
    gain = np.where(waves_across > 0.6 * _WAVES, waves_across.clip(1) ** -1.7, 0)
    noise = np.fft.irfft2(white * gain, (_TILE, _TILE))
    return f32(0.4 * noise / noise.std())


def waves(points: FloatArray, size: float) -> FloatArray:
    """(N,) smooth noise of about -1 to 1 at (N, D) points, D from 1 to 3; features measure about `size`."""
    places = np.mod(points * f32(_TILE / _WAVES / 2 / size), _TILE).T
    if len(places) == 1:
        return sample(_noise_tile(), places[0], np.full_like(places[0], 0.5), repeat=True)
    if len(places) == 2:
        return sample(_noise_tile(), places[0], places[1], repeat=True)
    across, back, up = places
    pairs = ((across, up), (back + 311, across), (up, back + 577))
    return f32(np.sum([sample(_noise_tile(), *pair, repeat=True) for pair in pairs], 0) / 3**0.5)
