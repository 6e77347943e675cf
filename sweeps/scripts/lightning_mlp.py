# Lightning: sweep grid lr=1e-3..1 batch=16,64 --minimize val_loss -- python lightning_mlp.py
# What had to change: on_train_epoch_end, which prints; the bar of Lightning shows only its end where there is no terminal.
# Its checkpoints lie where SWEEP_CHECKPOINT_DIR says, and `last.ckpt` continues a trial that was paused.
import argparse
import os

import lightning
import torch
from data import make
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset


class Classifier(lightning.LightningModule):
    def __init__(self, lr):
        super().__init__()
        self.lr = lr
        self.net = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))

    def training_step(self, batch, _):
        return torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])

    def validation_step(self, batch, _):
        self.log("val_loss", torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1]))

    def on_train_epoch_end(self):
        val_loss = self.trainer.callback_metrics["val_loss"]
        print(f"epoch {self.current_epoch + 1} step {self.global_step} val_loss {val_loss:.4f}")

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.lr)


parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--seed", type=int, default=int(os.environ.get("SWEEP_SEED", 0)))
args = parser.parse_args()
lightning.seed_everything(args.seed)
inputs, labels = (torch.tensor(part) for part in make())
data = TensorDataset(inputs[:1600], labels[:1600])
# Lightning passes the epoch to such a sampler, so that a trial that was paused sees the same order of examples.
train = DataLoader(data, args.batch, sampler=DistributedSampler(data, 1, 0, seed=args.seed))
held = DataLoader(TensorDataset(inputs[1600:], labels[1600:]), 400)
folder = os.environ.get("SWEEP_CHECKPOINT_DIR", "lightning_checkpoints")
keep = lightning.pytorch.callbacks.ModelCheckpoint(folder, save_last=True)
trainer = lightning.Trainer(
    max_epochs=args.epochs, accelerator="cpu", logger=False, enable_progress_bar=False, callbacks=[keep],
)
last = os.path.join(folder, "last.ckpt")
goes_on = "SWEEP_CHECKPOINT_DIR" in os.environ and os.path.exists(last)
trainer.fit(Classifier(args.lr), train, held, ckpt_path=last if goes_on else None)
