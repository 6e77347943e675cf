"""Reads the IDX files that `sweep data export mnist FOLDER` writes."""

import os

import numpy as np


def load(folder):
    """((images, labels) to train on, (images, labels) to test on); images are bytes, 28 by 28."""

    def read(name, start):
        with open(os.path.join(folder, name), "rb") as file:
            return np.frombuffer(file.read(), np.uint8, offset=start)

    def part(prefix):
        images = read(f"{prefix}-images-idx3-ubyte", 16).reshape(-1, 28, 28)
        return images, read(f"{prefix}-labels-idx1-ubyte", 8)

    return part("train"), part("t10k")
