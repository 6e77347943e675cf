#!/usr/bin/env python3
"""PyTorch peer: one training run of the named model, data already in memory, no DataLoader (the fastest plain form).

usage: torch_train.py DATA --model mlp|cnn --batch B --lr LR --epochs E --threads T [--optimizer adam] [--compile]
DATA is a folder of IDX files, or an .npz file with x and y for inputs that are no images.
Prints one JSON line: seconds of the fastest epoch (training loop alone), test accuracy, final loss.
"""
import argparse, json, resource, time
import torch, torch.nn as nn
start = time.time()
a = argparse.ArgumentParser(); a.add_argument("data"); a.add_argument("--model", default="mlp"); a.add_argument("--batch", type=int, default=32)
a.add_argument("--lr", type=float, default=.01); a.add_argument("--epochs", type=int, default=1); a.add_argument("--threads", type=int, default=1)
a.add_argument("--seed", type=int, default=0); a.add_argument("--optimizer", default="sgd"); a.add_argument("--compile", action="store_true"); a = a.parse_args()
torch.set_num_threads(a.threads); torch.manual_seed(a.seed)
if a.data.endswith(".npz"):
    import numpy as np
    z = np.load(a.data); xa = xt = torch.tensor(z["x"]).reshape(-1, 1, 28, 28); ya = yt = torch.tensor(z["y"]).long()
else:
    from idx import load
    prep = lambda x: torch.tensor(x).float().div(255).reshape(-1, 1, 28, 28)
    xa, ya, xt, yt = load(a.data); xa, xt, ya, yt = prep(xa), prep(xt), torch.tensor(ya).long(), torch.tensor(yt).long()
if a.model == "mlp": net = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
else: net = nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 10))
opt = (torch.optim.Adam if a.optimizer == "adam" else torch.optim.SGD)(net.parameters(), a.lr); loss_of = nn.CrossEntropyLoss()
def step(x, y):
    opt.zero_grad(); loss = loss_of(net(x), y); loss.backward(); opt.step(); return loss
if a.compile: step = torch.compile(step)
epochs = []
for _ in range(a.epochs):
    t = time.time(); order = torch.randperm(len(xa))
    for i in range(0, len(xa), a.batch): loss = step(xa[order[i:i + a.batch]], ya[order[i:i + a.batch]])
    epochs.append(time.time() - t)
with torch.no_grad(): acc = (net(xt).argmax(1) == yt).double().mean().item()
print(json.dumps({"peer": "torch " + torch.__version__, "model": a.model, "batch": a.batch, "lr": a.lr, "threads": a.threads, "epoch_s": min(epochs), "total_s": time.time() - start,
                  "test_accuracy": acc, "last_loss": loss.item(), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
