# Lightning: sweep grid lr=1e-3..1 batch=16,64 --minimize val_loss -- python lightning_mlp.py
# What had to change: nothing; what it logs by self.log is in the table of trainer.validate and beside its bar.
# Its checkpoints lie where SWEEP_CHECKPOINT_DIR says, and `last.ckpt` continues a trial that was paused.
import argparse
import os

import lightning
import torch
from data import make
from torch.utils.data import DataLoader, TensorDataset


class Classifier(lightning.LightningModule):
    def __init__(self, lr):
        super().__init__()
        self.lr = lr
        self.net = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))

    def training_step(self, batch, _):
        return torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])

    def validation_step(self, batch, _):
        self.log("val_loss", torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1]), prog_bar=True)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.lr)


parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=int, default=4)
args = parser.parse_args()
lightning.seed_everything(int(os.environ.get("SWEEP_SEED", 0)))
inputs, labels = (torch.tensor(part) for part in make())
train = DataLoader(TensorDataset(inputs[:1600], labels[:1600]), args.batch, shuffle=True)
held = DataLoader(TensorDataset(inputs[1600:], labels[1600:]), 400)
folder = os.environ.get("SWEEP_CHECKPOINT_DIR", "lightning_checkpoints")
keep = lightning.pytorch.callbacks.ModelCheckpoint(folder, save_last=True)
trainer = lightning.Trainer(max_epochs=args.epochs, accelerator="cpu", logger=False, callbacks=[keep])
last = os.path.join(folder, "last.ckpt")
model = Classifier(args.lr)
trainer.fit(model, train, held, ckpt_path=last if os.path.exists(last) else None)
trainer.validate(model, held)
