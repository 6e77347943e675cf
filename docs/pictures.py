#!/usr/bin/env python3
"""Draws the pictures of architecture.md: python docs/pictures.py writes trial.svg and attempt.svg beside itself."""
import html
import os

HERE = os.path.dirname(os.path.abspath(__file__))
STYLE = "text{font:13px sans-serif;fill:#1a1a1a}.s{font-size:11px;fill:#555}.b{font-weight:bold}"
ARROW = '<marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#444"/></marker>'


def text(x, y, words, kind="", anchor="middle"):
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" class="{kind}">{html.escape(words)}</text>'


def line(points, dashed=False):
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="#444" stroke-width="1.4" marker-end="url(#a)"{dash}/>'


def box(x, y, w, h, lines, fill):
    drawn = [f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="6" fill="{fill}" stroke="#666"/>']
    top = y + h / 2 + 5 - 8 * (len(lines) - 1)
    for row, words in enumerate(lines):
        drawn.append(text(x + w / 2, top + 16 * row, words, "b" if row == 0 else "s"))
    return "".join(drawn)


def write(name, width, height, parts):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    back = f'<rect width="{width}" height="{height}" fill="#fff"/>'
    with open(os.path.join(HERE, name), "w") as file:
        file.write(f"{head}<style>{STYLE}</style><defs>{ARROW}</defs>{back}{''.join(parts)}</svg>\n")


def trial():
    """One lane per crate; time runs from left to right."""
    lanes = [("study", "#e8f0fb"), ("search", "#e9f6ea"), ("sweep", "#fdf3dd"), ("core", "#fbe9e7"), ("report", "#f1eafa")]
    wide, high, left, top = 148, 92, 12, 34
    width, height = left + 9 * wide, top + len(lanes) * high + 8
    parts = [text(width / 2, 20, "The life of a trial, from typed words to a picture", "b")]
    for row, (name, fill) in enumerate(lanes):
        y = top + row * high
        parts.append(f'<rect x="4" y="{y}" width="{width - 8}" height="{high - 6}" rx="8" fill="{fill}"/>')
        parts.append(text(12, y + 15, name, "b", "start"))
    row = {name: index for index, (name, _) in enumerate(lanes)}

    def at(column, lane):
        return left + column * wide, top + row[lane] * high + 20

    def put(column, lane, *lines):
        x, y = at(column, lane)
        parts.append(box(x, y, wide - 20, 52, lines, "#fff"))

    def join(*stops, dashed=False):
        parts.append(line([(left + column * wide + dx, top + row[lane] * high + 20 + dy) for column, lane, dx, dy in stops], dashed))

    w, m, h = wide - 20, (wide - 20) / 2, 26
    put(0, "sweep", "typed words", "command line", "or study file")
    put(1, "study", "SpecFile", "as typed")
    put(2, "study", "Study", "as run")
    put(3, "search", "sampler", "proposes a point")
    put(3, "sweep", "engine", "plans a trial")
    put(4, "sweep", "executor", "in process, command", "or cluster job")
    put(4, "core", "TrainSpec", "typed settings")
    put(5, "core", "training loop", "step by step")
    put(5, "sweep", "reading", "step, metrics")
    put(6, "sweep", "event", "through a channel")
    put(7, "sweep", "store", "SQLite: commit,", "then announce")
    put(5, "search", "pruner", "continue, pause", "or stop")
    put(8, "study", "StudyRecord", "all trials")
    put(6, "report", "facts", "numbers")
    put(7, "report", "verdict, charts", "sentences, pictures")
    put(8, "report", "outputs", "page, PNG, JSON", "CSV")
    join((0, "sweep", m, 0), (0, "study", m, h), (1, "study", 0, h))
    join((1, "study", w, h), (2, "study", 0, h))
    join((2, "study", w, h), (3, "study", m, h), (3, "search", m, 0))
    join((3, "search", m, 52), (3, "sweep", m, 0))
    join((3, "sweep", w, h), (4, "sweep", 0, h))
    join((4, "sweep", m, 52), (4, "core", m, 0))
    join((4, "core", w, h), (5, "core", 0, h))
    join((5, "core", m, 0), (5, "sweep", m, 52))
    join((5, "sweep", w, h), (6, "sweep", 0, h))
    join((6, "sweep", w, h), (7, "sweep", 0, h))
    join((7, "sweep", m, 0), (7, "search", m, h + 8), (5, "search", w, h + 8))
    join((7, "sweep", m + 30, 0), (7, "search", m + 30, h - 38), (3, "search", m + 30, h - 38), (3, "search", m + 30, 0), dashed=True)
    parts.append(text(left + 6 * wide, top + row["search"] * high + 5, "history", "s"))
    join((5, "search", 0, h), (4, "search", m, h), (4, "sweep", m, 0))
    join((7, "sweep", w, h), (8, "sweep", m, h), (8, "study", m, 52))
    join((8, "study", m + 20, 52), (8, "core", m + 20, h), (6, "core", m, h), (6, "report", m, 0))
    join((6, "report", w, h), (7, "report", 0, h))
    join((7, "report", w, h), (8, "report", 0, h))
    write("trial.svg", width, height, parts)


def attempt():
    """Who does what, from top to bottom."""
    names = [("engine's worker", "a thread of sweep"), ("supervisor", "sweep supervise"), ("program", "any command"), ("trials/000123/", "the trial's folder")]
    xs = [110, 350, 590, 830]
    steps = [
        (0, 3, "1  trial.json: params, seed, budget, words of the command"),
        (0, 1, "2  start (a line of JSON)"),
        (1, 2, "3  own process group, memory limit"),
        (2, 3, "4  metrics.jsonl, output"),
        (3, 0, "5  new lines become readings, which become events"),
        (0, 3, "6  at a rung: the verdict, continue or stop"),
        (2, 3, "7  checkpoint/"),
        (2, 1, "8  exit"),
        (1, 0, "9  exit code or signal"),
        (0, 0, "10  outcome: complete, pruned, diverged, infeasible or failed; or attempts/2 from the checkpoint"),
    ]
    top, gap = 96, 42
    height = top + gap * len(steps) + 30
    parts = [text(470, 20, "One attempt at a trial that is a command", "b")]
    for (name, what), x in zip(names, xs):
        parts.append(box(x - 85, 36, 170, 40, [name, what], "#fdf3dd"))
        parts.append(f'<path d="M{x} 76V{height - 10}" stroke="#bbb" stroke-dasharray="3 4"/>')
    for row, (start, end, words) in enumerate(steps):
        y = top + gap * (row + 0.6)
        if start == end:
            parts.append(text(xs[start] + 8, y, words, "", "start"))
            parts.append(f'<circle cx="{xs[start]}" cy="{y - 4}" r="4" fill="#444"/>')
            continue
        middle = (xs[start] + xs[end]) / 2
        wide = 6.4 * len(words)
        parts.append(line([(xs[start], y), (xs[end], y)]))
        parts.append(f'<rect x="{middle - wide / 2}" y="{y - 20}" width="{wide}" height="16" fill="#fff"/>')
        parts.append(text(middle, y - 7, words))
    write("attempt.svg", 940, height, parts)


trial()
attempt()
