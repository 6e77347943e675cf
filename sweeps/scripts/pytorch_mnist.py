"""A plain PyTorch script: a perceptron on MNIST that prints its validation loss and saves checkpoints."""

import argparse
import os

import numpy as np
import torch
from idx import load
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--epochs", type=float, default=2)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--data", default="data/mnist")
parser.add_argument("--checkpoints")
args = parser.parse_args()

torch.manual_seed(args.seed)
(x, y), _ = load(args.data)
x = torch.from_numpy(x.astype(np.float32) / 255).flatten(1)
y = torch.from_numpy(y.astype(np.int64))
x_train, y_train, x_val, y_val = x[:20_000], y[:20_000], x[50_000:], y[50_000:]
net = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=args.lr)
begun = 0
saved = args.checkpoints and os.path.join(args.checkpoints, "last.pt")
if saved and os.path.exists(saved):
    state = torch.load(saved)
    net.load_state_dict(state["net"])
    torch.set_rng_state(state["random"])
    begun = state["epoch"]

for epoch in range(begun, int(args.epochs)):
    for rows in torch.randperm(len(x_train)).split(args.batch_size):
        loss = nn.functional.cross_entropy(net(x_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val_loss = nn.functional.cross_entropy(net(x_val), y_val).item()
    print(f"epoch={epoch + 1} val_loss={val_loss:.5f}")
    # Report before saving: an epoch that is saved but not reported would never be reported.
    if saved:
        torch.save({"net": net.state_dict(), "random": torch.get_rng_state(), "epoch": epoch + 1}, saved + ".part")
        os.replace(saved + ".part", saved)
