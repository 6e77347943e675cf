#!/usr/bin/env python3
"""Nine small PyTorch trials, two at once: `sweep`, `sweep --no-warm`, a loop of Optuna in one process, and an agent that
starts a process per trial as W&B's does, one after the other in one run, several rounds.

usage: bench/start.py SWEEP [--rounds 3] [--only NAME …]      with the Python that has torch, numpy and optuna
Printed are medians over the rounds: wall time until the last trial has ended and of the whole program, and the longest
and the median time from the start of a trial to its first line after the imports. A run before the rounds gives the most
memory (proportional set sizes of all processes, so that what they share counts once). Each trial has one thread.
"""
import argparse, itertools, json, os, re, statistics, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "peers", "torch_small.py")
LRS, BATCHES = (0.01, 0.03, 0.1), (16, 32, 64)

# Optuna's loop asks for the same nine points.
OPTUNA = f"""
import sys, time, optuna
sys.path.insert(0, {os.path.dirname(SCRIPT)!r})
from torch_small import train
optuna.logging.set_verbosity(optuna.logging.ERROR)
space = {{"lr": {LRS!r}, "batch": {BATCHES!r}}}
study = optuna.create_study(sampler=optuna.samplers.GridSampler(space))
ask = lambda trial: train(*(trial.suggest_categorical(name, choices) for name, choices in space.items()))
study.optimize(ask, n_jobs=int(sys.argv[1]))
print("loss=%r" % study.best_value)
"""


def family(root):
    """A process and all its descendants."""
    parents = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                parents.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(pid))
        except OSError:
            pass
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def memory(root):
    """Megabytes of a process and its descendants."""
    total = 0
    for pid in family(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            pass
    return total / 1e3


def agents(folder):
    """Two agents, each of which starts a process per trial; the trials are dealt out in turn."""
    points = list(itertools.product(LRS, BATCHES))

    def agent(mine):
        for number in mine:
            lr, batch = points[number]
            environment = {**os.environ, "STARTED": repr(time.time())}
            words = [sys.executable, SCRIPT, "--lr", str(lr), "--batch", str(batch)]
            with open(os.path.join(folder, f"{number}.log"), "w") as log:
                subprocess.run(words, env=environment, stdout=log, check=True)

    waiting = iter(range(len(points)))
    threads = [threading.Thread(target=agent, args=(waiting,)) for _ in range(2)]
    [thread.start() for thread in threads], [thread.join() for thread in threads]


def measure(words, folder, watched):
    """Runs a program to its end; looking at its memory takes a third of a core, so such a run is not timed."""
    begun, peak = time.time(), 0
    child = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"})
    while watched and child.poll() is None:
        peak = max(peak, memory(child.pid))
        time.sleep(0.03)
    if child.wait():
        sys.exit(f"{words} failed")
    logs = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names if name.endswith(".log")]
    text = "".join(open(log).read() for log in logs)
    last = max((os.stat(log).st_mtime for log in logs if open(log).read()), default=time.time())
    starts = [float(start) for start in re.findall(r"start=(\S+)", text)]
    return {
        "trials": last - begun, "wall": time.time() - begun, "memory": peak,
        "start": statistics.median(starts[:9] or [0]), "worst": max(starts or [0]), "losses": sorted(re.findall(r"loss=(\S+)", text)),
    }


def cases(sweep):
    study = lambda jobs, *more: [
        sweep, "grid", "lr=" + ",".join(map(str, LRS)), "batch=" + ",".join(map(str, BATCHES)), "--name", "s", "--minimize", "loss",
        "--read", "loss=loss=(\\S+)", "--quiet", "--jobs", str(jobs), "--cpus-per-trial", "1", *more, "--", sys.executable, SCRIPT]
    yield "sweep, one job", study(1)
    yield "sweep", study(2)
    yield "sweep --no-warm", study(2, "--no-warm")
    yield "Optuna, one after another", [sys.executable, "-c", OPTUNA, "1"]
    yield "Optuna, two threads", [sys.executable, "-c", OPTUNA, "2"]
    yield "agent, a process per trial", [sys.executable, __file__, sweep, "--agents"]


a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
a.add_argument("sweep", type=os.path.abspath)
a.add_argument("--rounds", type=int, default=3)
a.add_argument("--only", nargs="+", metavar="NAME", help="the names of the cases to run")
a.add_argument("--agents", action="store_true", help=argparse.SUPPRESS)
a = a.parse_args()
if a.agents:
    sys.exit(agents(os.getcwd()))
seen, peak = {}, {}
for number in range(a.rounds + 1):
    for name, words in cases(a.sweep):
        if a.only and name not in a.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            run = measure(words, folder, watched=number == 0)
        if number == 0:
            peak[name] = run["memory"]
        else:
            seen.setdefault(name, []).append(run)
        print(name, {key: run[key] for key in ("trials", "wall", "memory", "start")}, file=sys.stderr)
print(f"{'':28}{'trials':>10}{'program':>10}{'memory':>10}{'start':>10}{'longest':>10}")
for name, runs in seen.items():
    of = lambda key: statistics.median(run[key] for run in runs)
    print(f"{name:28}{of('trials'):8.1f} s{of('wall'):8.1f} s{peak[name]:7.0f} MB{of('start'):8.3f} s{of('worst'):8.3f} s")
losses = {name: runs[0]["losses"] for name, runs in seen.items() if len(runs[0]["losses"]) == 9}
if losses:
    print("losses equal:", len(set(map(json.dumps, losses.values()))) == 1, ", ".join(losses))
