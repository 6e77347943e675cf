#!/usr/bin/env python3
"""How many trials does Optuna need on the table of `sweep replay`?

    python bench/replay_optuna.py results/table/results.json --samplers tpe,mtpe,random --repeats 100

Reads a finished grid from its results.json and prints, for each sampler, what `sweep replay` prints of ours: the median
over replays of the trials until the chosen cell's true value is within a margin of the best. The true value of a cell is
the mean over its replicates on the logarithm, a trial draws one of them, and the chosen cell is that of the lowest value
drawn. Ordered axes are integers over their levels, the others categories. A diverged trial is told as failed, which is
what Optuna makes of a value that is not a number; a name ending in `log` is told the logarithm of the loss, and the
worst so far for a diverged trial. Needs optuna (requirements.txt).
"""

import argparse
import json
import math
import random
import statistics

import optuna

SAMPLERS = {
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "mtpe": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "cmaes": lambda seed: optuna.samplers.CmaEsSampler(seed=seed),
    "gp": lambda seed: optuna.samplers.GPSampler(seed=seed),
}


def key(params):
    return json.dumps(params, sort_keys=True)


class Table:
    """The cells of a finished grid: the values of their trials (None for one that did not complete), and the truth."""

    def __init__(self, document):
        study = document["study"]
        metric = study["goal"]["metric"]
        if study["goal"]["direction"] != "minimize":
            raise SystemExit(f"{metric} is maximized; this script compares losses")
        self.axes = {}
        for axis in study["space"]:
            domain = axis["domain"]
            levels = domain["grid"] if domain["kind"] == "interval" else domain["values"]
            self.axes[axis["name"]] = (levels, domain["kind"] != "choices")
        self.values = {}
        for trial in document["trials"]:
            complete = trial["outcome"] == "complete"
            value = trial["metrics"][metric] if complete else None
            well = complete and not trial["stuck"]
            self.values.setdefault(key(trial["params"]), []).append((value, well))
        usable = {cell: drawn for cell, drawn in self.values.items() if all(well for _, well in drawn)}
        self.truth = {
            cell: math.exp(statistics.fmean(math.log(value) for value, _ in drawn)) for cell, drawn in usable.items()
        }
        self.best = min(self.truth.values())

    def regret(self, cell):
        return self.truth.get(cell, math.inf) / self.best - 1


def replay(table, name, seed, trials, within):
    """The trials until the chosen cell is within the margin; None if it never is."""
    logarithm = name.endswith("log")
    sampler = SAMPLERS[name.removesuffix("log")](seed)
    study = optuna.create_study(sampler=sampler)
    draws = random.Random(seed)
    drawn = {cell: draws.choice(values)[0] for cell, values in table.values.items()}
    lowest, chosen, worst = math.inf, None, 0.0
    for number in range(1, trials + 1):
        trial = study.ask()
        params = {}
        for axis, (levels, ordered) in table.axes.items():
            if ordered:
                params[axis] = levels[trial.suggest_int(axis, 0, len(levels) - 1)]
            else:
                params[axis] = trial.suggest_categorical(axis, levels)
        cell = key(params)
        value = drawn[cell]
        if value is not None and value < lowest:
            lowest, chosen = value, cell
        if chosen is not None and table.regret(chosen) <= within:
            return number
        if value is not None:
            told = math.log(value) if logarithm else value
            worst = max(worst, told)
            study.tell(trial, told)
        elif logarithm:
            study.tell(trial, worst)
        else:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", help="results.json of a finished grid")
    parser.add_argument("--samplers", default="tpe,mtpe,random", help="of tpe, mtpe, random, cmaes, gp, with or without log")
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--trials", type=int, default=150)
    parser.add_argument("--within", type=float, default=0.03, help="the regret that counts as found")
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with open(arguments.results) as file:
        table = Table(json.load(file))
    near = sum(table.regret(cell) <= arguments.within for cell in table.values)
    print(f"{len(table.values)} cells, best true value {table.best:.4f}, {near} within {arguments.within:.0%} of it")
    for name in arguments.samplers.split(","):
        replays = [
            replay(table, name, seed, arguments.trials, arguments.within) for seed in range(arguments.repeats)
        ]
        reached = [trials for trials in replays if trials is not None]
        median = statistics.median(trials if trials is not None else math.inf for trials in replays)
        print(f"{name:8} trials until within: median {median:g}; {len(reached)} of {len(replays)} reached it", flush=True)


if __name__ == "__main__":
    main()
