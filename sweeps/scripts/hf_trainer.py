# The Hugging Face trainer: sweep grid lr=1e-4..1e-1 batch=16,64 --minimize eval_loss -- python hf_trainer.py
# What had to change: nothing; its log lines, dicts with eval_loss and epoch, are read as they are printed.
# output_dir is the trial's own checkpoint folder, so that resume_from_checkpoint continues one that was paused.
import argparse
import os

import torch
from data import make
from transformers import Trainer, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint


class Classifier(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))

    def forward(self, x, labels):
        logits = self.net(x)
        return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}


parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=1e-2)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=float, default=4)
args = parser.parse_args()
inputs, labels = make()
rows = [{"x": torch.tensor(x), "labels": y} for x, y in zip(inputs, labels)]
folder = os.environ.get("SWEEP_CHECKPOINT_DIR", "hf_checkpoints")
arguments = TrainingArguments(
    folder, learning_rate=args.lr, per_device_train_batch_size=args.batch, num_train_epochs=args.epochs,
    eval_strategy="epoch", save_strategy="epoch", report_to=[], use_cpu=True,
    seed=int(os.environ.get("SWEEP_SEED", 0)),
)
trainer = Trainer(Classifier(), arguments, train_dataset=rows[:1600], eval_dataset=rows[1600:])
os.makedirs(folder, exist_ok=True)
trainer.train(resume_from_checkpoint=get_last_checkpoint(folder))
