#!/usr/bin/env python3
"""How often the bound on the best reachable value, told from a few runs of a random search, holds for the whole of it.

usage: bench/reachable.py SWEEP TABLE.csv METRIC [--runs 64] [--repeats 200]      METRIC is maximized
"""
import argparse, csv, json, os, random, subprocess, tempfile

a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
a.add_argument("sweep", type=os.path.abspath)
a.add_argument("table")
a.add_argument("metric")
a.add_argument("--runs", type=int, default=64)
a.add_argument("--repeats", type=int, default=200)
a = a.parse_args()
rows = list(csv.DictReader(open(a.table)))
best = max(float(row[a.metric]) for row in rows if row[a.metric])
chance, inside, reach = random.Random(0), 0, []
with tempfile.TemporaryDirectory() as folder:
    for _ in range(a.repeats):
        path = os.path.join(folder, "some.csv")
        with open(path, "w", newline="") as file:
            out = csv.DictWriter(file, rows[0].keys())
            out.writeheader()
            out.writerows(chance.sample(rows, a.runs))
        words = [a.sweep, "report", path, "--maximize", a.metric, "--quiet", "--json"]
        found = json.loads(subprocess.run(words, cwd=folder, capture_output=True, check=True).stdout)["facts"]["reachable"]
        inside += found["best"] <= best <= max(found["best"], found["bound"])
        reach.append(found["bound"] - found["best"])
reach.sort()
print(f"{inside} of {a.repeats} intervals from {a.runs} runs hold the best of {len(rows)}, {best}")
print(f"half of them reach less than {reach[len(reach) // 2]:.4f} beyond the best of their runs")
