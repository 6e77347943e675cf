#!/usr/bin/env python3
"""Optuna as a solver of kurobako, speaking its protocol itself: kurobako's own Python package is older than Optuna 5.

usage: optuna_kurobako.py tpe|cmaes|gp|random (started by kurobako, see ../kurobako.sh)
"""

import json
import sys

import optuna

SAMPLERS = {
    "tpe": optuna.samplers.TPESampler,
    "cmaes": optuna.samplers.CmaEsSampler,
    "gp": optuna.samplers.GPSampler,
    "random": optuna.samplers.RandomSampler,
}
CAPABILITIES = "UNIFORM_CONTINUOUS UNIFORM_DISCRETE LOG_UNIFORM_CONTINUOUS LOG_UNIFORM_DISCRETE CATEGORICAL CONCURRENT"


def suggest(trial, variable):
    """The parameter of a variable; a category is its place among the choices, and upper ends are outside."""
    name, kind, log = variable["name"], variable["range"], variable["distribution"] == "LOG_UNIFORM"
    if kind["type"] == "CONTINUOUS":
        return trial.suggest_float(name, kind["low"], kind["high"], log=log)
    if kind["type"] == "DISCRETE":
        return trial.suggest_int(name, kind["low"], kind["high"] - 1, log=log)
    return kind["choices"].index(trial.suggest_categorical(name, kind["choices"]))


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    name = sys.argv[1]
    solvers, running = {}, {}

    def say(message):
        print(json.dumps(message), flush=True)

    attrs = {"version": optuna.__version__, "github": "https://github.com/optuna/optuna"}
    spec = {"name": f"optuna {name}", "attrs": attrs, "capabilities": CAPABILITIES.split()}
    say({"type": "SOLVER_SPEC_CAST", "spec": spec})
    for line in sys.stdin:
        message = json.loads(line)
        solver = message["solver_id"]
        match message["type"]:
            case "CREATE_SOLVER_CAST":
                sampler = SAMPLERS[name](seed=message["random_seed"] % 2**32)
                solvers[solver] = (optuna.create_study(sampler=sampler), message["problem"])
            case "DROP_SOLVER_CAST":
                del solvers[solver]
            case "ASK_CALL":
                study, problem = solvers[solver]
                number = message["next_trial_id"]
                trial = running[solver, number] = study.ask()
                params = [suggest(trial, variable) for variable in problem["params_domain"]]
                steps = problem["steps"]
                last = steps if isinstance(steps, int) else steps[-1]
                asked = {"id": number, "params": params, "next_step": last}
                say({"type": "ASK_REPLY", "trial": asked, "next_trial_id": number + 1})
            case "TELL_CALL":
                study, _ = solvers[solver]
                trial, values = running.pop((solver, message["trial"]["id"])), message["trial"]["values"]
                failed = {"state": optuna.trial.TrialState.FAIL}
                study.tell(trial, **({"values": values[0]} if values else failed))
                say({"type": "TELL_REPLY"})


if __name__ == "__main__":
    main()
