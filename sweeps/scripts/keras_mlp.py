# Keras: sweep grid lr=1e-3..1 batch=16,64 --minimize val_loss -- python keras_mlp.py
# What had to change: nothing; the progress lines of fit are read.
# BackupAndRestore keeps what continues a trial that was paused.
import argparse
import os

import keras
import numpy
from data import make

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=int, default=4)
args = parser.parse_args()
keras.utils.set_random_seed(int(os.environ.get("SWEEP_SEED", 0)))
inputs, labels = (numpy.array(part) for part in make())
model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(2, activation="softmax")])
model.compile(keras.optimizers.SGD(args.lr), "sparse_categorical_crossentropy")
folder = os.environ.get("SWEEP_CHECKPOINT_DIR", "keras_checkpoints")
model.fit(
    inputs[:1600], labels[:1600], args.batch, args.epochs, validation_data=(inputs[1600:], labels[1600:]),
    callbacks=[keras.callbacks.BackupAndRestore(folder)],
)
