"""Transparency."""

import cv2
import numpy as np

from model.arrays import UInt8Array


def over_white(colour: UInt8Array, alpha: UInt8Array, *, multiplied: bool = False) -> UInt8Array:
    """Lay a picture over white, as a browser shows it.

    Args:
        colour: (H, W, 3) uint8.
        alpha: (H, W) uint8, 255 where opaque.
        multiplied: Whether the colour is multiplied by the opacity already.
    """
    if alpha.min() == 255:
        return np.ascontiguousarray(colour)
    if multiplied:
        return np.asarray(cv2.add(colour, cv2.merge([255 - alpha] * 3)), np.uint8)
    opacity = alpha[..., None].astype(np.uint16)
    blended = (colour * opacity + 255 * (255 - opacity) + 127) // 255
    return blended.astype(np.uint8)
