"""A custom training loop with tf.GradientTape, which reports through sweep_trial."""

import os
import sys

import numpy as np
import tensorflow as tf
from idx import load

sys.path.append(os.path.join(os.path.dirname(__file__), "../../python"))
import sweep_trial

params = sweep_trial.params({"lr": 0.1, "batch": 64})
epochs = int(sweep_trial.budget(1))
tf.keras.utils.set_random_seed(sweep_trial.seed())

(x, y), _ = load("data/mnist")
x = (x.astype(np.float32) / 255).reshape(-1, 784)
y = y.astype(np.int64)
train = tf.data.Dataset.from_tensor_slices((x[:20_000], y[:20_000])).shuffle(20_000, seed=sweep_trial.seed())
net = tf.keras.Sequential([tf.keras.Input((784,)), tf.keras.layers.Dense(128, activation="relu"), tf.keras.layers.Dense(10)])
optimizer = tf.keras.optimizers.SGD(params["lr"])
loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@tf.function
def update(images, labels):
    with tf.GradientTape() as tape:
        loss = loss_of(labels, net(images, training=True))
    gradients = tape.gradient(loss, net.trainable_variables)
    optimizer.apply_gradients(zip(gradients, net.trainable_variables))
    return loss


step = 0
for epoch in range(1, epochs + 1):
    for images, labels in train.batch(params["batch"]):
        loss = update(images, labels)
        step += 1
    val_loss = loss_of(y[50_000:], net(x[50_000:]))
    if not sweep_trial.report(step=step, epoch=epoch, train_loss=loss, val_loss=val_loss):
        break
