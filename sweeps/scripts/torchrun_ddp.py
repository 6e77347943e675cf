# torchrun: sweep grid lr=1e-3..1 per_device=8,32 --batch-is per_device*2 --minimize val_loss -- torchrun --standalone --nproc_per_node=2 torchrun_ddp.py
# What had to change: nothing. --batch-is gives the size that counts; a fixed --master_port in place of --standalone fits one trial at a time.
# Rank 0 prints, and keeps the checkpoint from which all processes continue after a pause where SWEEP_CHECKPOINT_DIR says.
import argparse
import os
import pathlib

import torch
import torch.distributed as dist
from data import make
from torch.nn.parallel import DistributedDataParallel

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--per_device", type=int, default=16)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--seed", type=int, default=int(os.environ.get("SWEEP_SEED", 0)))
args = parser.parse_args()
dist.init_process_group("gloo")
rank, size = dist.get_rank(), dist.get_world_size()
torch.manual_seed(args.seed)
inputs, labels = (torch.tensor(part) for part in make())
model = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
loss_of = torch.nn.CrossEntropyLoss()
saved = pathlib.Path(os.environ.get("SWEEP_CHECKPOINT_DIR", ".")) / "ddp.pt"
begun = step = 0
if "SWEEP_CHECKPOINT_DIR" in os.environ and saved.exists():
    state = torch.load(saved)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    begun, step = state["epoch"], state["step"]
parallel = DistributedDataParallel(model)
for epoch in range(begun + 1, args.epochs + 1):
    order = torch.randperm(1600, generator=torch.Generator().manual_seed(args.seed + epoch))
    for picked in order[rank::size].split(args.per_device):
        optimizer.zero_grad()
        loss_of(parallel(inputs[picked]), labels[picked]).backward()
        optimizer.step()
        step += 1
    if rank == 0:
        with torch.no_grad():
            val_loss = loss_of(model(inputs[1600:]), labels[1600:]).item()
        print(f"epoch {epoch} step {step} val_loss {val_loss:.4f}")
        if "SWEEP_CHECKPOINT_DIR" in os.environ:
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch, "step": step}
            torch.save(state, saved.with_suffix(".new"))
            saved.with_suffix(".new").rename(saved)
dist.destroy_process_group()
