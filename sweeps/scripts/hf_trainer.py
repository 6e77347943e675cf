# The Hugging Face trainer: sweep grid lr=1e-4..1e-1 batch=16,64 --minimize eval_loss -- python hf_trainer.py
# What had to change: nothing; its log lines, dicts with eval_loss and epoch, are read as they are printed.
# Its checkpoints lie where SWEEP_CHECKPOINT_DIR says; a trial that was paused continues from the last whole one.
import argparse
import os
import pathlib

import torch
from data import make
from transformers import Trainer, TrainerCallback, TrainingArguments, set_seed


class Classifier(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))

    def forward(self, x, labels):
        logits = self.net(x)
        return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}


class Note(TrainerCallback):
    """Notes each checkpoint once it is whole; a trial may be ended while one is written."""

    def on_save(self, args, state, control, **_):
        new = pathlib.Path(args.output_dir) / "last.new"
        new.write_text(f"checkpoint-{state.global_step}")
        new.rename(new.with_suffix(".txt"))


parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=1e-2)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--epochs", type=float, default=4)
parser.add_argument("--seed", type=int, default=int(os.environ.get("SWEEP_SEED", 0)))
args = parser.parse_args()
set_seed(args.seed)
inputs, labels = make()
rows = [{"x": torch.tensor(x), "labels": y} for x, y in zip(inputs, labels)]
folder = os.environ.get("SWEEP_CHECKPOINT_DIR", "hf_checkpoints")
last = pathlib.Path(folder) / "last.txt"
goes_on = "SWEEP_CHECKPOINT_DIR" in os.environ and last.exists()
arguments = TrainingArguments(
    folder, learning_rate=args.lr, per_device_train_batch_size=args.batch, num_train_epochs=args.epochs,
    eval_strategy="epoch", save_strategy="epoch", report_to=[], use_cpu=True,
    seed=args.seed,
)
trainer = Trainer(Classifier(), arguments, train_dataset=rows[:1600], eval_dataset=rows[1600:], callbacks=[Note()])
trainer.train(resume_from_checkpoint=os.path.join(folder, last.read_text()) if goes_on else None)
