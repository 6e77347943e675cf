# scikit-learn: sweep grid lr=1e-3..1 batch=16,64 --minimize val_loss -- python sklearn_mlp.py
# What had to change: one line that prints the validation loss.
# To be paused and continued it keeps the model where SWEEP_CHECKPOINT_DIR says; without that it runs as before.
import argparse
import os
import pathlib

import joblib
from data import make
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--seed", type=int, default=int(os.environ.get("SWEEP_SEED", 0)))
args = parser.parse_args()
inputs, labels = make()
model = MLPClassifier((64,), solver="sgd", learning_rate_init=args.lr, batch_size=args.batch, random_state=args.seed)
saved = pathlib.Path(os.environ.get("SWEEP_CHECKPOINT_DIR", ".")) / "model.joblib"
begun = 0
if "SWEEP_CHECKPOINT_DIR" in os.environ and saved.exists():
    model, begun = joblib.load(saved)
for epoch in range(begun + 1, args.epochs + 1):
    model.partial_fit(inputs[:1600], labels[:1600], classes=[0, 1])
    print(f"epoch={epoch} val_loss={log_loss(labels[1600:], model.predict_proba(inputs[1600:])):.4f}")
    if "SWEEP_CHECKPOINT_DIR" in os.environ:
        joblib.dump((model, epoch), saved.with_suffix(".new"))
        saved.with_suffix(".new").rename(saved)
