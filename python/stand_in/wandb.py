"""A replacement for W&B's module `wandb` in the trials of a study: metrics logged by a script go only to the study.

`init`, `config`, `log`, `summary` and `finish` work as a script expects; media, artifacts and pictures of a model are
accepted and ignored. One file without dependencies, first on PYTHONPATH in studies of W&B sweep files.
"""

import atexit
import json
import os
import sys
import types

__version__ = "0.0.0+sweep"

run = None

# Where the trainers of Hugging Face and Lightning put their counters.
TRAINERS = {"train/global_step": "step", "trainer/global_step": "step", "train/epoch": "epoch"}


# JSON has no such numbers; a sweep file has them as .inf and .nan.
BEYOND = {"inf": float("inf"), "-inf": float("-inf"), "nan": float("nan")}


def _numbers(value):
    if isinstance(value, dict):
        return {name: _numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return BEYOND.get(value, value) if isinstance(value, str) else value


class Config:
    """The parameters of the trial over the script's own defaults; those of the study cannot be changed."""

    def __init__(self, values=None):
        object.__setattr__(self, "_values", {})
        object.__setattr__(self, "_given", _numbers(json.loads(os.environ.get("SWEEP_PARAMS") or "{}")))
        self.update(values)
        self._values.update(self._given)

    def update(self, values=None, allow_val_change=None):
        for name, value in _mapping(values).items():
            if name not in self._given:
                self._values[name] = value

    def setdefaults(self, values):
        self.update({name: value for name, value in _mapping(values).items() if name not in self._values})

    def get(self, name, default=None):
        return self._values.get(name, default)

    def keys(self):
        return self._values.keys()

    def values(self):
        return self._values.values()

    def items(self):
        return self._values.items()

    def as_dict(self):
        return dict(self._values)

    def __getitem__(self, name):
        return self._values[name]

    def __setitem__(self, name, value):
        self.update({name: value})

    def __getattr__(self, name):
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"wandb.config has no {name}; it has {', '.join(self._values)}") from None

    __setattr__ = __setitem__

    def __contains__(self, name):
        return name in self._values

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)

    def __repr__(self):
        return repr(self._values)


class Summary(dict):
    """The last value of each metric, and what the script sets itself, which is reported when the run ends."""

    def __init__(self):
        super().__init__()
        self.set_by_script = {}

    def __setitem__(self, name, value):
        super().__setitem__(name, value)
        self.set_by_script[name] = value

    def update(self, values=(), **more):
        for name, value in dict(values, **more).items():
            self[name] = value

    def __getattr__(self, name):
        return self.get(name)

    def __setattr__(self, name, value):
        if name == "set_by_script":
            object.__setattr__(self, name, value)
        else:
            self[name] = value


class Run:
    """One run: rows of metrics, each reported once it is complete."""

    def __init__(self, project=None, name=None, group=None, job_type=None, notes=None, tags=None, **_):
        number = os.environ.get("SWEEP_TRIAL_ID", "0")
        self.id, self.name = number, name or f"trial-{number}"
        self.project, self.group, self.job_type, self.notes, self.tags = project, group, job_type, notes, tags or ()
        self.entity = self.sweep_id = None
        self.url = self.path = ""
        self.dir = os.environ.get("SWEEP_TRIAL_DIR", os.getcwd())
        self.config, self.summary = config, summary
        self.step = 0
        self.resumed = self.disabled = False
        self._row, self._told_step, self._reports = {}, False, 0

    def log(self, data=None, step=None, commit=None, sync=None):
        """Adds to the row of a step. It is complete when the next step begins, or at once if no step is given."""
        if step is not None:
            if step < self.step and self._told_step:
                return
            if step != self.step:
                self._report()
            self.step, self._told_step = step, True
        self._row.update(_flat(data))
        if commit if commit is not None else step is None:
            self._report()
            self.step += 1

    def _report(self):
        row, self._row = self._row, {}
        if not row:
            return
        dict.update(self.summary, row)
        iterations = os.environ.get("SWEEP_ITERATIONS")
        if iterations and os.environ.get("SWEEP_METRIC") in row:
            self._reports += 1
            row["progress"] = self._reports / float(iterations)
        if self._told_step:
            row["step"] = self.step
        for own, name in TRAINERS.items():
            if own in row:
                row.setdefault(name, row[own])
        _write(row)

    def finish(self, exit_code=None, quiet=None):
        self._report()
        _write(_flat(self.summary.set_by_script))
        self.summary.set_by_script = {}

    join = finish

    def __enter__(self):
        return self

    def __exit__(self, *_):
        finish()

    def _nothing(self, *arguments, **_):
        """Ignores calls of no use to a study; returns the first argument, such as an artifact."""
        return arguments[0] if arguments else None

    watch = unwatch = save = restore = alert = define_metric = log_artifact = log_code = log_model = _nothing
    use_artifact = link_artifact = link_model = mark_preempting = status = to_html = _label = _nothing


class Thing:
    """An image, a table, an artifact …: accepted and ignored."""

    def __init__(self, *_, **__):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: self

    def __iter__(self):
        return iter(())


def init(config=None, **about):
    """Begins a run, whose configuration is the trial's parameters over `config`."""
    global run
    globals()["config"].update(config)
    run = Run(**about)
    return run


def log(data=None, step=None, commit=None, sync=None):
    """Adds to the row of a step; see Run.log."""
    if run is None:
        raise RuntimeError("call wandb.init() before wandb.log()")
    run.log(data, step, commit, sync)


def finish(exit_code=None, quiet=None):
    """Reports the remaining metrics and ends the run."""
    global run
    if run is not None:
        run.finish()
        run = None


def sweep(*_, **__):
    raise RuntimeError("a trial begins no sweep: give the sweep file to `sweep run`, and let the script train once")


agent = controller = sweep


def login(*_, **__):
    return True


def _nothing(*arguments, **_):
    return None


join = finish
watch = unwatch = save = restore = alert = define_metric = log_artifact = use_artifact = log_model = setup = _nothing
link_model = require = ensure_configured = termlog = termwarn = termerror = mark_preempting = _nothing


def __getattr__(name):
    """Media types and other classes all behave the same."""
    if name[:1].isupper():
        return Thing
    raise AttributeError(
        f"the stand-in for wandb has no {name}; with `sweep run --real-wandb` the script gets W&B's own module"
    )


def _mapping(values):
    if values is None:
        return {}
    if isinstance(values, Config):
        return values.as_dict()
    return dict(values) if hasattr(values, "keys") else dict(vars(values))


def _flat(data, prefix=""):
    """The numbers in nested mappings, by dotted names as in W&B; other values are left out."""
    row = {}
    for name, value in _mapping(data).items():
        name = f"{prefix}{name}"
        if isinstance(value, dict):
            row.update(_flat(value, f"{name}."))
            continue
        if isinstance(value, (str, bytes, Thing)) or value is None:
            continue
        try:
            row[name] = float(value)
        except Exception:  # A tensor of several numbers, say; each library has its own way to refuse.
            pass
    return row


def _write(row):
    folder = os.environ.get("SWEEP_TRIAL_DIR")
    if folder and row:
        # One write per line, so that the lines of two processes do not mix.
        with open(os.path.join(folder, "metrics.jsonl"), "ab", buffering=0) as file:
            file.write((json.dumps(row) + "\n").encode())


def _keras(name):
    """Keras' callbacks of W&B: those that log do so each epoch, the others do nothing."""
    import keras

    class Callback(keras.callbacks.Callback):
        def __init__(self, *_, **__):
            super().__init__()

        def on_epoch_end(self, epoch, logs=None):
            if name == "WandbCallback":
                log({"epoch": epoch, **(logs or {})})
            elif name == "WandbMetricsLogger":
                log({"epoch/epoch": epoch, **{f"epoch/{metric}": value for metric, value in (logs or {}).items()}})

    if not name.startswith("Wandb"):
        raise AttributeError(name)
    return Callback


def _module(name, attribute):
    module = types.ModuleType(f"{__name__}.{name}")
    module.__getattr__ = attribute
    sys.modules[module.__name__] = module
    return module


config, summary = Config(), Summary()
plot = Thing()
keras = _module("keras", _keras)
integration = _module("integration", lambda name: _module(f"integration.{name}", _keras))
integration.keras = _module("integration.keras", _keras)
# What the trainer of Hugging Face imports beside wandb itself.
_module("sdk.lib.config_util", lambda name: type(name, (Exception,), {}))
atexit.register(finish)
