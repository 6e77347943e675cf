#!/usr/bin/env python3
"""Our trainer and its peers, alternately in one run, each pinned to the same core; writes results/benchmarks/.

usage: bench/run.py [--rounds 5] [--core 1] [--keras PYTHON] [--only NAME]
Needs the packages of bench/requirements.txt; --keras names the Python of a second environment with tensorflow-cpu.
Every figure is the median over the rounds; a ratio is the median of the rounds' own ratios, with the smallest and the
largest beside it. Seconds are those of the training loop alone, without start-up, compilation and validation.
"""
import argparse, json, os, platform, shutil, statistics, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
OUT = os.path.join(ROOT, "results", "benchmarks")
# Multiplications and additions of the products, forward and back; a first layer sends nothing back to its inputs.
MLP_MACS = 3 * (784 * 128 + 128 * 10) - 784 * 128
LENET_MACS = 2 * 24 * 24 * 8 * 25 + 3 * (8 * 8 * 16 * 8 * 25 + 256 * 64 + 64 * 10)

a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
a.add_argument("--rounds", type=int, default=5)
a.add_argument("--core", default="1")
a.add_argument("--keras")
a.add_argument("--only", default="")
a = a.parse_args()
environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def run(command, core=a.core):
    """Runs a command pinned to a core; the JSON of its last line, and the most memory it held, as `peak_mb`."""
    child = subprocess.Popen(["taskset", "-c", core, *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak, ended = [0], threading.Event()
    def watch():
        # The system's final figure includes the memory of this script, since the child starts as a copy of it.
        while not ended.wait(0.05):
            try:
                peak[0] = next((int(line.split()[1]) for line in open(f"/proc/{child.pid}/status") if line.startswith("VmHWM")), peak[0])
            except OSError:
                pass
    watcher = threading.Thread(target=watch)
    watcher.start()
    out, err = child.communicate()
    ended.set(), watcher.join()
    if child.returncode:
        sys.exit(f"{' '.join(command)}\n{err}")
    return {**json.loads(out.strip().splitlines()[-1]), "peak_mb": peak[0] / 1e3}


def data(folder):
    """Writes MNIST as IDX files, a text and a dense table of its shape, for the peers to read."""
    import numpy as np, zstandard
    unpack = lambda name: zstandard.ZstdDecompressor().decompress(
        open(os.path.join(ROOT, "crates/core/assets", name), "rb").read(), max_output_size=1 << 27)
    raw = np.frombuffer(unpack("mnist.zst"), np.uint8)
    images, labels = raw[: 70000 * 784].reshape(-1, 28, 28), raw[70000 * 784 :]
    for part, rows in (("train", slice(0, 60000)), ("t10k", slice(60000, None))):
        for kind, magic, array in (("images-idx3", 0x803, images[rows]), ("labels-idx1", 0x801, labels[rows])):
            head = b"".join(int(n).to_bytes(4, "big") for n in (magic, *array.shape))
            open(os.path.join(folder, f"{part}-{kind}-ubyte"), "wb").write(head + array.tobytes())
    open(os.path.join(folder, "moby-dick.txt"), "wb").write(unpack("moby-dick.txt.zst"))
    rng = np.random.default_rng(0)
    np.savez(os.path.join(folder, "dense.npz"), x=rng.standard_normal((25000, 784), np.float32), y=rng.integers(0, 10, 25000))


def cases(folder):
    """Each case: its name, what is timed, our words, and the peers' commands."""
    ours = [os.path.join(TARGET, "release/examples/time_epochs")]
    peer = lambda script, *words: [sys.executable, os.path.join(HERE, "peers", script), *words]
    torch = lambda *words: peer("torch_train.py", folder, *words)
    text = os.path.join(folder, "moby-dick.txt")
    dense = os.path.join(folder, "dense.npz")
    for batch in (8, 16, 32, 128, 512):
        peers = {"PyTorch": torch("--batch", str(batch), "--epochs", "2"), "JAX": peer("jax_train.py", folder, "--batch", str(batch))}
        if batch == 32:
            peers["PyTorch compiled"] = torch("--batch", "32", "--epochs", "2", "--compile")
            if a.keras:
                peers["Keras"] = [a.keras, os.path.join(HERE, "peers", "keras_seed.py"), folder, "--batch", "32", "--epochs", "2"]
        yield f"perceptron B={batch}", "epoch_s", ours + ["lr=0.01", f"batch={batch}"], peers
    yield "perceptron B=32 Adam", "epoch_s", ours + ["lr=0.001", "batch=32", "optimizer=adam"], {
        "PyTorch": torch("--batch", "32", "--lr", "0.001", "--optimizer", "adam", "--epochs", "2")}
    # Of a table a fifth is kept for validation and test.
    for batch in (32, 128):
        yield f"dense inputs B={batch}", "epoch_s", ours + [f"data={dense}", "lr=0.01", f"batch={batch}"], {
            "PyTorch": peer("torch_train.py", dense, "--batch", str(batch), "--epochs", "2")}
    yield "LeNet B=32", "epoch_s", ours + ["model=cnn", "lr=0.05", "batch=32", "count=1"], {"PyTorch": torch("--model", "cnn", "--batch", "32")}
    yield "LSTM B=32", "step_ms", ours + ["data=" + text, "model=lstm", "lr=0.5", "batch=32", "count=60st"], {
        "PyTorch": peer("torch_rnn.py", text, "--batch", "32", "--steps", "60")}


def work(name, folder):
    """Arithmetic of the products in GFLOP, an epoch or a step; None where most of it is skipped with the zeros."""
    if name.startswith("dense"):
        return 2e-9 * MLP_MACS * 20_000
    if name.startswith("LeNet"):
        return 2e-9 * LENET_MACS * 60_000
    if name.startswith("LSTM"):
        # Products with the 32 numbers of a character are looked up, and are not counted.
        characters = len(set(open(os.path.join(folder, "moby-dick.txt"), encoding="utf-8").read()))
        return 2e-9 * 3 * (128 * 512 + 128 * characters) * 32 * 64
    return None


def compare(folder):
    """All cases, round by round."""
    seen = {}
    for _ in range(a.rounds):
        for name, unit, ours, peers in cases(folder):
            if a.only not in name:
                continue
            row = seen.setdefault(name, {"unit": unit, "ours": [], "peers": {}, "peak": [], "mb": {}, "gflop": work(name, folder)})
            peak = run([os.path.join(TARGET, "release/examples/peak")])["gflops"]
            own = run(ours)
            row["ours"].append(own[unit])
            row["peak"].append(peak)
            row["mb"].setdefault("ours", []).append(own["peak_mb"])
            for peer, command in peers.items():
                theirs = run(command)
                figure = theirs[unit]
                row["mb"].setdefault(peer, []).append(theirs["peak_mb"])
                if name.startswith("dense"):
                    figure *= 0.8
                row["peers"].setdefault(peer, []).append(figure)
            print(name, {peer: round(times[-1] / row["ours"][-1], 2) for peer, times in row["peers"].items()}, flush=True)
    return seen


def watched(command, cores):
    """Wall seconds of a command, the most memory that it and its children held together in MB, and the seconds that its
    first thread computed."""
    started, most, first = time.time(), 0, 0
    child = subprocess.Popen(["taskset", "-c", cores, *command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while child.poll() is None:
        family, total = {child.pid}, 0
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                parent = int(open(f"/proc/{entry}/stat").read().rsplit(")", 1)[1].split()[1])
                if parent in family or int(entry) in family:
                    family.add(int(entry))
                    total += int(open(f"/proc/{entry}/statm").read().split()[1]) * 4096
            except (OSError, ValueError, IndexError):
                pass
        most = max(most, total)
        try:
            first = int(open(f"/proc/{child.pid}/schedstat").read().split()[0])
        except (OSError, ValueError, IndexError):
            pass
        time.sleep(0.02)
    return time.time() - started, most / 1e6, first / 1e9


def study(folder, *words):
    """The command line of a study whose report is not used."""
    return [os.path.join(TARGET, "release/sweep"), *words, "--results", os.path.join(folder, "results"), "--fresh", "--quiet"]


def sweeps(folder):
    """A whole grid on two cores against Optuna, and one process of two jobs against two processes of one."""
    rows = {"ours_s": [], "ours_mb": [], "optuna_s": [], "optuna_mb": [], "one_process_s": [], "two_processes_s": []}
    grid = lambda *words: study(folder, "grid", "lr=1e-3..1e-1:5", *words)
    for _ in range(a.rounds):
        seconds, mb, _ = watched(grid("batch=16,32,64,128", "--epochs", "1"), "0,1")
        rows["ours_s"].append(seconds); rows["ours_mb"].append(mb)
        seconds, mb, _ = watched([sys.executable, os.path.join(HERE, "peers/optuna_grid.py"), folder], "0,1")
        rows["optuna_s"].append(seconds); rows["optuna_mb"].append(mb)
        # Ten trials either way.
        rows["one_process_s"].append(watched(grid("batch=32", "--epochs", "6", "--replicates", "2", "--jobs", "2"), "0,1")[0])
        half = lambda core: watched(grid("batch=32", "--epochs", "6", "--jobs", "1", "--name", "half" + core), core)
        halves = [threading.Thread(target=half, args=(core,)) for core in ("0", "1")]
        started = time.time(); [thread.start() for thread in halves]; [thread.join() for thread in halves]
        rows["two_processes_s"].append(time.time() - started)
        print({name: round(values[-1], 2) for name, values in rows.items()}, flush=True)
    return rows


def engine(folder):
    """The overhead of a trial, the time to the first one, and the effect of more jobs than cores."""
    import numpy as np
    rows, tiny = {"trial_ms": [], "shared_ms": [], "launch_ms": [], "jobs_s": {}}, os.path.join(folder, "tiny.npz")
    np.savez(tiny, x=np.random.default_rng(0).standard_normal((200, 784), np.float32), y=np.arange(200) % 10)
    def short(trials):
        return watched(study(folder, "random", "lr=1e-4..1e-1", "batch=32", "--trials", str(trials), "--data", tiny, "--steps", "1", "--jobs", "1"), a.core)
    for number in range(a.rounds):
        few, many = short(100), short(2100)
        rows["trial_ms"].append((many[0] - few[0]) / 2)
        rows["shared_ms"].append((many[2] - few[2]) / 2)
        name, launched = f"launch{number}", time.time()
        subprocess.run(["taskset", "-c", a.core, *study(folder, "grid", "lr=0.1", "batch=32", "--steps", "1", "--name", name)], stdout=subprocess.DEVNULL, check=True)
        begun = json.load(open(os.path.join(folder, "results", name, "results.json")))["timing"]["timeline"]["begun"]
        rows["launch_ms"].append(1e3 * (begun - launched))
        for jobs in ("1", "2", "4", "8"):
            seconds = watched(study(folder, "random", "lr=1e-3..1e-1", "batch=32", "--trials", "32", "--epochs", "2", "--jobs", jobs), "0,1")[0]
            rows["jobs_s"].setdefault(jobs, []).append(seconds)
        print({name: values if name == "jobs_s" else round(values[-1], 3) for name, values in rows.items()}, flush=True)
    return rows


def ratios(ours, theirs):
    each = [their / own for own, their in zip(ours, theirs)]
    return {"median": statistics.median(each), "low": min(each), "high": max(each)}


def report(seen, whole, own):
    """benchmarks.json, a table and a chart."""
    os.makedirs(OUT, exist_ok=True)
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    result = {"machine": {"cpu": cpu, "cores": os.cpu_count(), "peak_gflops": statistics.median(p for row in seen.values() for p in row["peak"])}, "rounds": a.rounds, "cases": {}, "sweep": whole, "engine": own}
    lines = ["| one thread | ours | of the peak | peer | their time | ratio (range over rounds) | memory, MB |", "|---|---|---|---|---|---|---|"]
    for name, row in seen.items():
        unit = "s an epoch" if row["unit"] == "epoch_s" else "ms per step"
        case = result["cases"][name] = {"unit": row["unit"], "ours": statistics.median(row["ours"]), "peers": {}, "peak_mb": {who: statistics.median(mb) for who, mb in row["mb"].items()}}
        share = ""
        if row["gflop"]:
            seconds = [figure * (1e-3 if row["unit"] == "step_ms" else 1) for figure in row["ours"]]
            case["share_of_peak"] = statistics.median(row["gflop"] / second / peak for second, peak in zip(seconds, row["peak"]))
            share = f"{100 * case['share_of_peak']:.0f} %"
        for peer, times in row["peers"].items():
            case["peers"][peer] = {"figure": statistics.median(times), "ratio": ratios(row["ours"], times)}
            ratio = case["peers"][peer]["ratio"]
            lines.append(f"| {name} | {case['ours']:.3g} {unit} | {share} | {peer} | {statistics.median(times):.3g} | {ratio['median']:.1f} ({ratio['low']:.1f} to {ratio['high']:.1f}) | {case['peak_mb']['ours']:.0f}; {case['peak_mb'][peer]:.0f} |")
    if whole:
        time_ratio, memory = ratios(whole["ours_s"], whole["optuna_s"]), statistics.median(whole["ours_mb"]) / statistics.median(whole["optuna_mb"])
        lines.append(f"| 20 trials on two cores | {statistics.median(whole['ours_s']):.2f} s | | Optuna + PyTorch | {statistics.median(whole['optuna_s']):.1f} s | {time_ratio['median']:.1f} ({time_ratio['low']:.1f} to {time_ratio['high']:.1f}) | {statistics.median(whole['ours_mb']):.0f}; {statistics.median(whole['optuna_mb']):.0f} ({100 * memory:.0f} %) |")
    if own:
        trial, shared, launch = (statistics.median(own[name]) for name in ("trial_ms", "shared_ms", "launch_ms"))
        jobs = {jobs: statistics.median(seconds) for jobs, seconds in own["jobs_s"].items()}
        # Amdahl's law, with trials of an epoch of the perceptron at B=32.
        serial = 1e-3 * shared / seen["perceptron B=32"]["ours"][-1] if "perceptron B=32" in seen else None
        lines += ["", f"A trial of the perceptron of one step on a table of 200 rows: {trial:.2f} ms from its start to its place in the store, of which the thread that all jobs share takes {shared:.2f}.",
                  f"From the launch of a study of MNIST to its first trial: {launch:.0f} ms.",
                  "32 trials of 2 epochs on two cores: " + ", ".join(f"{seconds:.2f} s with {count} jobs" for count, seconds in jobs.items()) + "."]
        if serial:
            result["engine"]["speedup_at_64"] = 1 / (serial + (1 - serial) / 64)
            lines.append(f"With trials of one epoch the shared thread's part is {100 * serial:.2f} %, which leaves 64 cores a speed-up of {result['engine']['speedup_at_64']:.0f} at most (Amdahl 1967).")
    json.dump(result, open(os.path.join(OUT, "benchmarks.json"), "w"), indent=1)
    open(os.path.join(OUT, "benchmarks.md"), "w").write("\n".join(lines) + "\n")
    print("\n".join(lines))
    chart(result)


def chart(result):
    import matplotlib; matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(figsize=(7, 4.5))
    series = {}
    for name, case in result["cases"].items():
        if name.startswith("perceptron B=") and name.split("=")[1].isdigit():
            batch = int(name.split("=")[1])
            series.setdefault("sweep", []).append((batch, case["ours"]))
            for peer, figures in case["peers"].items():
                series.setdefault(peer, []).append((batch, figures["figure"]))
    marks = {"sweep": ("o", "#0072B2"), "PyTorch": ("s", "#D55E00"), "JAX": ("^", "#009E73"), "PyTorch compiled": ("D", "#CC79A7"), "Keras": ("X", "#555555")}
    for peer, points in series.items():
        mark, colour = marks[peer]
        axes.plot(*zip(*sorted(points)), marker=mark, color=colour, label=peer)
    axes.set(xscale="log", yscale="log", xlabel="batch size", ylabel="seconds per epoch of 60,000 images", title="784-128-10 perceptron on MNIST, one core")
    batches = sorted(batch for batch, _ in series.get("sweep", []))
    axes.set_xticks(batches, [str(batch) for batch in batches]); axes.minorticks_off()
    ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]
    axes.set_yticks(ticks, [str(tick) for tick in ticks]); axes.grid(alpha=0.3); axes.legend(frameon=False)
    figure.tight_layout(); figure.savefig(os.path.join(OUT, "benchmarks.png"), dpi=150)


if __name__ == "__main__":
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "sweep", "-p", "sweep-core", "--examples", "--bins"], cwd=ROOT, check=True)
    folder = tempfile.mkdtemp()
    try:
        data(folder)
        seen = compare(folder)
        report(seen, *((None, None) if a.only else (sweeps(folder), engine(folder))))
    finally:
        shutil.rmtree(folder)
