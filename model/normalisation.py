"""ImageNet's mean and standard deviation of R, G and B on 0..255, which all networks here are trained with."""

MEAN = (123.675, 116.28, 103.53)
STD = (58.395, 57.12, 57.375)
