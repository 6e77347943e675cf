# TensorFlow in a loop of its own: sweep grid lr=1e-3..1 batch=16,64 --minimize val_loss -- python tensorflow_loop.py
# What had to change: nothing; it takes --lr and --batch and prints its validation loss.
# A CheckpointManager in SWEEP_CHECKPOINT_DIR, which renames what it has written, continues a trial that was paused.
import argparse
import os

import tensorflow as tf
from data import make

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--seed", type=int, default=int(os.environ.get("SWEEP_SEED", 0)))
args = parser.parse_args()
tf.keras.utils.set_random_seed(args.seed)
inputs, labels = (tf.constant(part) for part in make())
model = tf.keras.Sequential([tf.keras.Input((20,)), tf.keras.layers.Dense(64, activation="relu"), tf.keras.layers.Dense(2)])
optimizer = tf.keras.optimizers.SGD(args.lr)
optimizer.build(model.trainable_variables)
loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
done = tf.Variable(0)
keeper = None
if "SWEEP_CHECKPOINT_DIR" in os.environ:
    state = tf.train.Checkpoint(model=model, optimizer=optimizer, done=done)
    keeper = tf.train.CheckpointManager(state, os.environ["SWEEP_CHECKPOINT_DIR"], max_to_keep=1)
    state.restore(keeper.latest_checkpoint)


@tf.function(reduce_retracing=True)
def update(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))


for epoch in range(int(done) + 1, args.epochs + 1):
    order = tf.random.experimental.stateless_shuffle(tf.range(1600), seed=[args.seed, epoch])
    for begin in range(0, 1600, args.batch):
        picked = order[begin : begin + args.batch]
        update(tf.gather(inputs, picked), tf.gather(labels, picked))
    val_loss = float(loss_of(labels[1600:], model(inputs[1600:])))
    print(f"epoch {epoch} step {int(optimizer.iterations)} val_loss {val_loss:.4f}")
    done.assign(epoch)
    if keeper:
        keeper.save()
