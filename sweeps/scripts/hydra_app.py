# Hydra: sweep grid optim.lr=1e-3..1 batch=16,64 --style hydra --roles lr=optim.lr --minimize val_loss -- python hydra_app.py
# What had to change: nothing; parameters become overrides, and its log is read. hydra.run.dir={trial_dir} keeps its files apart.
# To be paused and continued it keeps a checkpoint where SWEEP_CHECKPOINT_DIR says; without that it runs as before.
import logging
import os
import pathlib

import hydra
import torch
from data import make
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig

node = {"optim": {"lr": 0.1}, "batch": 32, "epochs": 4, "seed": int(os.environ.get("SWEEP_SEED", 0))}
ConfigStore.instance().store(name="config", node=node)


@hydra.main(version_base=None, config_name="config")
def main(config: DictConfig):
    torch.manual_seed(config.seed)
    inputs, labels = (torch.tensor(part) for part in make())
    model = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=config.optim.lr)
    loss_of = torch.nn.CrossEntropyLoss()
    saved = pathlib.Path(os.environ.get("SWEEP_CHECKPOINT_DIR", ".")) / "hydra.pt"
    begun = 0
    if "SWEEP_CHECKPOINT_DIR" in os.environ and saved.exists():
        state = torch.load(saved)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        begun = state["epoch"]
    for epoch in range(begun + 1, config.epochs + 1):
        order = torch.randperm(1600, generator=torch.Generator().manual_seed(config.seed + epoch))
        for picked in order.split(config.batch):
            optimizer.zero_grad()
            loss_of(model(inputs[picked]), labels[picked]).backward()
            optimizer.step()
        with torch.no_grad():
            val_loss = loss_of(model(inputs[1600:]), labels[1600:]).item()
        logging.info(f"epoch {epoch} val_loss {val_loss:.4f}")
        if "SWEEP_CHECKPOINT_DIR" in os.environ:
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
            torch.save(state, saved.with_suffix(".new"))
            saved.with_suffix(".new").rename(saved)


main()
