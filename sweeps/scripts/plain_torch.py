# PyTorch in a loop of its own: sweep grid lr=1e-3..1 batch=16,64 --minimize val_loss -- python plain_torch.py
# What had to change: nothing; it takes --lr and --batch and prints its validation loss.
# To be paused and continued it keeps a checkpoint where SWEEP_CHECKPOINT_DIR says; without that it runs as before.
import argparse
import os
import pathlib

import torch
from data import make

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--seed", type=int, default=int(os.environ.get("SWEEP_SEED", 0)))
args = parser.parse_args()
torch.manual_seed(args.seed)
inputs, labels = (torch.tensor(part) for part in make())
train, held = slice(0, 1600), slice(1600, None)
model = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
loss_of = torch.nn.CrossEntropyLoss()
saved = pathlib.Path(os.environ.get("SWEEP_CHECKPOINT_DIR", ".")) / "plain.pt"
begun = step = 0
if "SWEEP_CHECKPOINT_DIR" in os.environ and saved.exists():
    state = torch.load(saved)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    begun, step = state["epoch"], state["step"]
for epoch in range(begun + 1, args.epochs + 1):
    order = torch.randperm(1600, generator=torch.Generator().manual_seed(args.seed + epoch))
    for picked in order.split(args.batch):
        optimizer.zero_grad()
        loss_of(model(inputs[train][picked]), labels[train][picked]).backward()
        optimizer.step()
        step += 1
    with torch.no_grad():
        val_loss = loss_of(model(inputs[held]), labels[held]).item()
    print(f"epoch {epoch} step {step} val_loss {val_loss:.4f}")
    if "SWEEP_CHECKPOINT_DIR" in os.environ:
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch, "step": step}
        torch.save(state, saved.with_suffix(".new"))
        saved.with_suffix(".new").rename(saved)
