"""The data of these scripts: two classes of points in 20 dimensions, divided by a curved surface."""

import random


def make(count=2000, seed=0):
    """Lists of `count` inputs and labels."""
    draw = random.Random(seed)
    inputs = [[draw.gauss(0, 1) for _ in range(20)] for _ in range(count)]
    labels = [int(x[0] * x[1] + x[2] > 0.3 * x[3] ** 2) for x in inputs]
    return inputs, labels
