# Keras: sweep grid lr=1e-3..1 batch=16,64 --minimize val_loss -- python keras_mlp.py
# What had to change: nothing; the progress lines of fit are read.
# A trial that was paused continues from the model kept where SWEEP_CHECKPOINT_DIR says; without that it runs as before.
import argparse
import os
import pathlib

import keras
import numpy
from data import make

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--seed", type=int, default=int(os.environ.get("SWEEP_SEED", 0)))
args = parser.parse_args()
keras.utils.set_random_seed(args.seed)
inputs, labels = (numpy.array(part) for part in make())
model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(2, activation="softmax")])
model.compile(keras.optimizers.SGD(args.lr), "sparse_categorical_crossentropy")
callbacks = []
if "SWEEP_CHECKPOINT_DIR" in os.environ:
    saved = pathlib.Path(os.environ["SWEEP_CHECKPOINT_DIR"]) / "model.keras"

    # The epoch before has been printed by then; a file that is renamed is whole, which BackupAndRestore does not promise.
    def save(epoch, logs):
        if epoch > 0:
            model.save(saved.with_name("new.keras"))
            saved.with_name("new.keras").rename(saved)

    callbacks = [keras.callbacks.LambdaCallback(on_epoch_begin=save)]
    model = keras.models.load_model(saved) if saved.exists() else model
begun = int(model.optimizer.iterations.numpy()) // -(-1600 // args.batch)
model.fit(
    inputs[:1600], labels[:1600], args.batch, args.epochs, validation_data=(inputs[1600:], labels[1600:]),
    initial_epoch=begun, callbacks=callbacks,
)
