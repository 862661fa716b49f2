"""Pictures of any size in a frame of one size."""

import cv2
import numpy as np

from model.arrays import UInt8Array


def fitted(image: UInt8Array, size: tuple[int, int]) -> UInt8Array:
    """The picture scaled to fit into (height, width), with black around it; itself where it has that size."""
    height, width = size
    rows, columns = image.shape[:2]
    if (rows, columns) == size:
        return image
    scale = min(height / rows, width / columns)
    inner_height, inner_width = max(round(rows * scale), 1), max(round(columns * scale), 1)
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[top : top + inner_height, left : left + inner_width] = cv2.resize(image, (inner_width, inner_height))
    return canvas
