#!/usr/bin/env python3
"""The exponents and the loss surface of `sweep law` beside ones from local parabolas and plain least squares, for a table of
runs with the columns lr, bs, N, D and a loss.

usage: bench/laws.py SWEEP TABLE.csv LOSS     with the Python that has numpy
"""
import csv, json, subprocess, sys

import numpy as np

sweep, table, loss = sys.argv[1:4]
rows = [{k: row[k] for k in ("lr", "bs", "N", "D", loss)} for row in csv.DictReader(open(table))]
runs = np.array([[float(v) for v in row.values()] for row in rows])
lr, bs, N, D, value = runs.T


def lowest(x, y):
    """The lowest point of the parabola through the lowest value and its neighbours; None on the border."""
    order = np.argsort(x)
    x, y = x[order], y[order]
    at = int(np.argmin(y))
    if at in (0, len(x) - 1):
        return None
    a, b, _ = np.polyfit(x[at - 1 : at + 2] - x[at], y[at - 1 : at + 2], 2)
    return x[at] - b / (2 * a), y[at]


rates, batches = [], []
for n, d in sorted({(n, d) for n, d in zip(N, D)}):
    group = (N == n) & (D == d)
    floors = []
    for b in sorted(set(bs[group])):
        row = group & (bs == b)
        # Levels that differ in the fifth digit are one.
        levels = {}
        for x, y in zip(np.log(lr[row]), value[row]):
            levels.setdefault(round(x, 2), []).append((x, y))
        found = lowest(*np.array([np.mean(level, axis=0) for level in levels.values()]).T)
        if found:
            rates.append((np.log(n), np.log(d), np.log(b), found[0]))
            floors.append((np.log(b), found[1]))
    found = lowest(*np.array(floors).T) if len(floors) > 2 else None
    if found:
        batches.append((np.log(n), np.log(d), found[0]))


def plane(points):
    """The intercept and the slopes of the last column over the others."""
    points = np.array(points)
    x = np.column_stack([np.ones(len(points)), points[:, :-1]])
    return np.linalg.lstsq(x, points[:, -1], rcond=None)[0]


def exponents(points):
    return plane(points)[1:], len(points)


def surface(n, window):
    """R² and the largest regret at the N left out: a cubic in ln η and ln B about planes through the rest, by least squares."""
    kept = lambda points: [point for point in points if point[0] != np.log(n)]
    logs = np.log([N, D, bs])
    lowest_of = {key: value[(N == key[0]) & (D == key[1])].min() for key in zip(N, D)}
    best = np.array([lowest_of[key] for key in zip(N, D)])
    near = np.log(value / best) <= window
    fit, out = near & (N != n), near & (N == n)
    slopes = lambda points: (lambda p: p[0] + p[1:] @ logs[: len(p) - 1])(plane(kept(points)))
    x, y = np.log(lr) - slopes(rates), np.log(bs) - slopes(batches)
    u, v = (z - z[fit].mean() for z in logs[:2])
    bent = [-np.expm1(-0.3 * z) / 0.3 for z in (u, v)]
    shapes = [x**i * y**j for i in range(4) for j in range(4 - i) if i + j]
    columns = np.column_stack([np.ones_like(x), *bent, bent[0] * bent[1], *(s * z for s in shapes for z in (1, u, v))])
    found = np.exp(columns @ np.linalg.lstsq(columns[fit], np.log(value[fit]), rcond=None)[0])
    r2 = 1 - np.sum((value - found)[out] ** 2) / np.sum((value[out] - value[out].mean()) ** 2)
    chosen = [min(np.flatnonzero(out & (D == d)), key=lambda at: found[at]) for d in set(D[out])]
    return r2, max(value[at] / best[at] - 1 for at in chosen)


words = [sweep, "law", table, "--group", "N,D", "--map", "batch=bs", "--minimize", loss, "--json"]
law = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)["law"]
for name, own, names in (("lr", exponents(rates), "NDB"), ("batch", exponents(batches), "ND")):
    theirs = {e["name"]: e for e in law[name]["exponents"]} if law[name] else {}
    print(f"{name}: {own[1]} parabolas, {law[name] and law[name]['n']} estimates")
    for letter, exponent in zip(names, own[0]):
        e = theirs.get(letter)
        print(f"  {letter}: {exponent:.3f}", f"{e['estimate']:.3f} ({e['low']:.3f} to {e['high']:.3f})" if e else "left out")
print("price", law["price"])
for left in law["left_out"]:
    trial = left.pop("surface")
    print("without", left)
    if trial:
        r2, regret = surface(left["value"], law["surface"]["window"])
        print(f"  surface: R² {r2:.4f}, regret {regret:.2%};", f"{trial['r2']:.4f}, {trial['regret']['worst']:.2%},",
              f"{trial['covered']} of {trial['of']} inside")
