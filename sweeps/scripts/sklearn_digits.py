"""A perceptron of scikit-learn on its 8 by 8 digits; prints one line of JSON per epoch."""

import argparse
import json

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=float, default=10)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

x, y = load_digits(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(x / 16, y, test_size=0.2, random_state=0)
net = MLPClassifier(32, solver="sgd", learning_rate_init=args.lr, batch_size=args.batch, momentum=0, random_state=args.seed)
for epoch in range(1, int(args.epochs) + 1):
    net.partial_fit(x_train, y_train, classes=np.arange(10))
    loss = log_loss(y_val, net.predict_proba(x_val), labels=np.arange(10))
    step = epoch * -(-len(x_train) // args.batch)
    print(json.dumps({"step": step, "epoch": epoch, "val_loss": loss, "val_accuracy": net.score(x_val, y_val)}))
