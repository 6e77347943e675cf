# scikit-learn: sweep grid lr=1e-3..1 batch=16,64 --minimize val_loss -- python sklearn_mlp.py
# What had to change: one line that prints the validation loss.
# partial_fit keeps no state on disk: a trial that is paused stands still and continues.
import argparse
import os

from data import make
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=int, default=4)
args = parser.parse_args()
inputs, labels = make()
seed = int(os.environ.get("SWEEP_SEED", 0))
model = MLPClassifier((64,), solver="sgd", learning_rate_init=args.lr, batch_size=args.batch, random_state=seed)
for epoch in range(1, args.epochs + 1):
    model.partial_fit(inputs[:1600], labels[:1600], classes=[0, 1])
    print(f"epoch={epoch} val_loss={log_loss(labels[1600:], model.predict_proba(inputs[1600:])):.4f}")
