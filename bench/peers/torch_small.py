#!/usr/bin/env python3
"""PyTorch peer: a small training of about a second on data that it makes itself, as a script or called by a loop.

usage: torch_small.py --lr LR --batch B [--epochs E]
Prints the loss, and when its first line after the imports ran.
"""
import argparse
import os
import time

import numpy as np
import torch
from torch import nn

BEGUN = time.time()


def train(lr, batch, epochs=8):
    torch.manual_seed(0)
    rows = np.random.default_rng(0)
    x = torch.from_numpy(rows.standard_normal((6000, 64), np.float32))
    y = (x[:, :10] + 0.3 * x[:, 10:20]).argmax(1)
    net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(epochs):
        for part in torch.randperm(len(x)).split(batch):
            loss = nn.functional.cross_entropy(net(x[part]), y[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return nn.functional.cross_entropy(net(x), y).item()


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("--lr", type=float)
    words.add_argument("--batch", type=int)
    words.add_argument("--epochs", type=int, default=8)
    words = words.parse_args()
    cpu = time.process_time()
    loss = train(words.lr, words.batch, words.epochs)
    cpu = time.process_time() - cpu
    folder = os.environ.get("SWEEP_CHECKPOINT_DIR")
    # The folder is made right before the trial is started.
    started = os.stat(folder).st_ctime if folder else float(os.environ.get("STARTED", BEGUN))
    print(f"loss={loss} start={BEGUN - started} cpu={cpu}")
