"""Report metrics from a training script and read its parameters. Outside a study every call does nothing.

    import sweep_trial

    params = sweep_trial.params({"lr": 0.01, "batch": 32})
    for step, loss in train(params["lr"], params["batch"]):
        if not sweep_trial.report(step=step, val_loss=loss):
            break

One file without dependencies: install it with pip from the repository's folder `python`, or copy it.
"""

import json
import os


class Stopped(Exception):
    """The study has stopped this trial."""


def active():
    """Whether this script runs as a trial."""
    return "SWEEP_TRIAL_DIR" in os.environ


def params(defaults=None):
    """The trial's parameters by name, over `defaults`; a whole number becomes a float if its default is one."""
    defaults = defaults or {}
    text = json.loads(os.environ.get("SWEEP_PARAMS") or "{}")
    for name, value in text.items():
        if type(value) is int and isinstance(defaults.get(name), float):
            text[name] = float(value)
    return {**defaults, **text}


def seed(default=0):
    """The trial's seed."""
    return int(os.environ.get("SWEEP_SEED") or default)


def budget(default=None):
    """The trial's budget in the study's unit, epochs or steps, as a number."""
    text = os.environ.get("SWEEP_BUDGET")
    return float(text) if text else default


def checkpoint_dir(default=None):
    """The folder for the trial's checkpoint; it holds what an earlier attempt saved."""
    return os.environ.get("SWEEP_CHECKPOINT_DIR", default)


def report(step=None, epoch=None, progress=None, raises=False, **metrics):
    """Reports metrics: `step` in optimizer steps, `epoch` in epochs, `progress` as a fraction of the budget.

    Returns whether to go on; with `raises` raises Stopped instead of returning False.
    """
    folder = os.environ.get("SWEEP_TRIAL_DIR")
    if not folder:
        return True
    place = {"step": step, "epoch": epoch, "progress": progress}
    line = {name: float(value) for name, value in place.items() if value is not None}
    if step is not None:
        line["step"] = int(step)
    line.update({name: float(value) for name, value in metrics.items()})
    # One write per line, so that the lines of two processes do not mix.
    with open(os.path.join(folder, "metrics.jsonl"), "ab", buffering=0) as file:
        file.write((json.dumps(line) + "\n").encode())
    goes_on = not _stopped(folder)
    if raises and not goes_on:
        raise Stopped("the study has stopped this trial")
    return goes_on


def _stopped(folder):
    try:
        with open(os.path.join(folder, "..", "..", "verdict")) as file:
            return file.read().strip() == "stop"
    except OSError:
        return False


def keras_callback():
    """A callback for `model.fit` that reports every epoch and ends the fit when the study stops the trial."""
    import keras

    class Report(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            step = int(self.model.optimizer.iterations)
            if not report(step=step, epoch=epoch + 1, **(logs or {})):
                self.model.stop_training = True

    return Report()


def lightning_callback():
    """A callback for a Lightning trainer that reports after every validation, or every epoch if there is none."""
    try:
        from lightning.pytorch import Callback
    except ImportError:
        from pytorch_lightning import Callback

    class Report(Callback):
        def on_validation_end(self, trainer, module):
            if not trainer.sanity_checking:
                self.report(trainer)

        def on_train_epoch_end(self, trainer, module):
            if not trainer.enable_validation:
                self.report(trainer)

        def report(self, trainer):
            metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
            if not report(step=trainer.global_step, epoch=trainer.current_epoch + 1, **metrics):
                trainer.should_stop = True

    return Report()


def hugging_face_callback():
    """A callback for the Hugging Face trainer that reports whatever it logs."""
    from transformers import TrainerCallback

    class Report(TrainerCallback):
        def on_log(self, args, state, control, logs=None, **_):
            numbers = {name: value for name, value in (logs or {}).items() if isinstance(value, (int, float))}
            numbers.pop("epoch", None)
            numbers.pop("step", None)
            if numbers and not report(step=state.global_step, epoch=state.epoch, **numbers):
                control.should_training_stop = True

    return Report()
