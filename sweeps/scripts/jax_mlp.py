# JAX: sweep grid lr=1e-3..1 batch=16,64 --minimize val_loss -- python jax_mlp.py
# What had to change: nothing; it takes --lr and --batch and prints its validation loss.
# To be paused and continued it keeps its weights where SWEEP_CHECKPOINT_DIR says; without that it runs as before.
import argparse
import os
import pathlib

import jax
import jax.numpy as jnp
import numpy
from data import make

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--seed", type=int, default=int(os.environ.get("SWEEP_SEED", 0)))
args = parser.parse_args()
inputs, labels = (jnp.array(part) for part in make())
key = jax.random.key(args.seed)
first, second = jax.random.split(key)
weights = {
    "w1": jax.random.normal(first, (20, 64)) * (2 / 20) ** 0.5, "b1": jnp.zeros(64),
    "w2": jax.random.normal(second, (64, 2)) * (1 / 64) ** 0.5, "b2": jnp.zeros(2),
}


@jax.jit
def loss_of(weights, x, y):
    logits = jax.nn.relu(x @ weights["w1"] + weights["b1"]) @ weights["w2"] + weights["b2"]
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1).mean()


@jax.jit
def update(weights, x, y):
    return jax.tree.map(lambda w, slope: w - args.lr * slope, weights, jax.grad(loss_of)(weights, x, y))


saved = pathlib.Path(os.environ.get("SWEEP_CHECKPOINT_DIR", ".")) / "weights.npz"
begun = 0
if "SWEEP_CHECKPOINT_DIR" in os.environ and saved.exists():
    weights = dict(numpy.load(saved))
    begun = int(weights.pop("epoch"))
for epoch in range(begun + 1, args.epochs + 1):
    order = jax.random.permutation(jax.random.fold_in(key, epoch), 1600)
    for begin in range(0, 1600, args.batch):
        picked = order[begin : begin + args.batch]
        weights = update(weights, inputs[picked], labels[picked])
    step, val_loss = epoch * -(-1600 // args.batch), loss_of(weights, inputs[1600:], labels[1600:])
    print(f"epoch {epoch} step {step} val_loss {val_loss:.4f}")
    if "SWEEP_CHECKPOINT_DIR" in os.environ:
        numpy.savez(saved.with_name("new.npz"), epoch=epoch, **weights)
        saved.with_name("new.npz").rename(saved)
