# Hydra: sweep grid optim.lr=1e-3..1 batch=16,64 --style hydra --roles lr=optim.lr --minimize val_loss -- python hydra_app.py
# What had to change: nothing; parameters are passed as Hydra's overrides, and its logging is read.
# Hydra writes its own folder, so give each trial its own with hydra.run.dir={trial_dir} if files are to be kept.
import hydra
import torch
from data import make
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig

ConfigStore.instance().store(name="config", node={"optim": {"lr": 0.1}, "batch": 32, "epochs": 4, "seed": 0})


@hydra.main(version_base=None, config_name="config")
def main(config: DictConfig):
    torch.manual_seed(config.seed)
    inputs, labels = (torch.tensor(part) for part in make())
    model = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=config.optim.lr)
    loss_of = torch.nn.CrossEntropyLoss()
    for epoch in range(1, config.epochs + 1):
        for picked in torch.randperm(1600).split(config.batch):
            optimizer.zero_grad()
            loss_of(model(inputs[picked]), labels[picked]).backward()
            optimizer.step()
        with torch.no_grad():
            val_loss = loss_of(model(inputs[1600:]), labels[1600:]).item()
        print(f"[{epoch}/{config.epochs}] val_loss={val_loss:.4f}")


main()
