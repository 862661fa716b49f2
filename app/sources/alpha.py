"""Transparency."""

import numpy as np

from model.arrays import UInt8Array


def over_white(colour: UInt8Array, alpha: UInt8Array) -> UInt8Array:
    """Lay a picture over white, as a browser shows it.

    Args:
        colour: (H, W, 3) uint8, not multiplied by the opacity.
        alpha: (H, W) uint8, 255 where opaque.
    """
    if alpha.min() == 255:
        return np.ascontiguousarray(colour)
    opacity = alpha[..., None].astype(np.uint16)
    blended = (colour * opacity + 255 * (255 - opacity) + 127) // 255
    return blended.astype(np.uint8)
