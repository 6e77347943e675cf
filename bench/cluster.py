"""The cost of a study of many trials on a large Slurm cluster, with a simulated cluster in place of Slurm.

    python bench/cluster.py target/release/sweep [--nodes 500] [--trials 10000] [--seconds 15] [--pack 1]

Stand-ins for sbatch, squeue, scancel and scontrol come first on PATH; tasks end by themselves after about SECONDS, with a
reading and a result in their folders as `sweep trial-run` leaves them. Told are Slurm's calls by program, the processor
time and the peak memory of the controlling process, and the files and bytes that are left.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

STAND_IN = """#!{python} -S
import os, sys
name, state = os.path.basename(sys.argv[0]), {state!r}
with open(state + "/calls", "a") as calls:
    calls.write(name + "\\n")
if name == "sbatch":
    said = dict(word[2:].split("=", 1) for word in sys.argv[1:] if "=" in word)
    script = sys.stdin.read()
    number = len(os.listdir(state + "/jobs")) + 1
    part = state + "/part"
    with open(part, "w") as job:
        job.write(said["comment"] + "\\n" + script.split()[-1].strip("'") + "\\n")
    os.rename(part, state + "/jobs/%d" % number)
    print(number)
elif name == "squeue":
    sys.stdout.write(open(state + "/queue").read())
elif name == "scontrol":
    print("MaxArraySize = 1001")
"""


class Cluster:
    """Nodes that run one task each."""

    def __init__(self, state, nodes, seconds):
        self.state, self.nodes, self.seconds = state, nodes, seconds
        self.seen, self.waiting, self.running = 0, collections.deque(), []
        self.random = random.Random(0)

    def step(self, now):
        """Accepts submitted jobs, ends finished ones and starts waiting ones on free nodes."""
        while os.path.exists(f"{self.state}/jobs/{self.seen + 1}"):
            self.seen += 1
            comment, tasks = pathlib.Path(f"{self.state}/jobs/{self.seen}").read_text().split("\n")[:2]
            for index, line in enumerate(pathlib.Path(tasks).read_text().splitlines()):
                self.waiting.append((f"{self.seen}|{index}|{comment}", collections.deque(json.loads(line))))
        going_on = []
        for end, name, attempts in self.running:
            if now < end:
                going_on.append((end, name, attempts))
                continue
            self.end(attempts.popleft())
            if attempts:
                going_on.append((self.begin(attempts[0], now), name, attempts))
        self.running = going_on
        while self.waiting and len(self.running) < self.nodes:
            name, attempts = self.waiting.popleft()
            self.running.append((self.begin(attempts[0], now), name, attempts))
        names = [name for _, name, _ in self.running] + [name for name, _ in self.waiting]
        pathlib.Path(f"{self.state}/queue.part").write_text("".join(name + "\n" for name in names))
        os.rename(f"{self.state}/queue.part", f"{self.state}/queue")

    def begin(self, attempt, now):
        pathlib.Path(f"{attempt}/claim").write_text("job 1 on node\n")
        return now + self.seconds * self.random.uniform(0.7, 1.3)

    def end(self, attempt):
        pathlib.Path(f"{attempt}/stdout.log").write_text(json.dumps({"step": 1, "loss": self.random.random()}) + "\n")
        pathlib.Path(f"{attempt}/stderr.log").write_text("")
        pathlib.Path(f"{attempt}/part").write_text('{"exit": {"code": 0}, "seconds": 1.0, "by": "job 1 on node"}')
        os.rename(f"{attempt}/part", f"{attempt}/result.json")


def peak(process):
    """Peak memory in MB."""
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:"))


def ticks(process):
    """Seconds of processor time."""
    with open(f"/proc/{process}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep")
    parser.add_argument("--nodes", type=int, default=500)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--pack", type=int, default=1)
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="sweep-cluster-")
    state, programs = f"{folder}/state", f"{folder}/bin"
    for made in (f"{state}/jobs", programs):
        os.makedirs(made)
    for name in ("calls", "queue"):
        pathlib.Path(f"{state}/{name}").write_text("")
    for name in ("sbatch", "squeue", "scancel", "scontrol"):
        path = pathlib.Path(programs, name)
        path.write_text(STAND_IN.format(python=sys.executable, state=state))
        path.chmod(0o755)
    words = ["random", "lr=1e-4..1", "batch=8..512", "--trials", args.trials, "--minimize", "loss", "--name", "study", "--quiet"]
    words += ["--on", "slurm", "--jobs", args.nodes, "--pack", args.pack, "--max-trials", args.trials, "--", "true"]
    study = subprocess.Popen(
        [os.path.abspath(args.sweep), *map(str, words)],
        cwd=folder,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
        stdout=subprocess.DEVNULL,
    )
    try:
        follow(study, args, folder)
    finally:
        study.kill()
        study.wait()
        shutil.rmtree(folder)


def follow(study, args, folder):
    """Simulates the cluster until the study ends, and returns its cost."""
    state, begun = f"{folder}/state", time.time()
    cluster, engine, used, ended = Cluster(state, args.nodes, args.seconds), 0, 0.0, begun
    while study.poll() is None:
        try:
            if cluster.running or cluster.waiting or not cluster.seen:
                engine, used, ended = peak(study.pid), ticks(study.pid), time.time()
            cluster.step(time.time())
        except (FileNotFoundError, StopIteration):
            # A file or a process that is just appearing or disappearing.
            pass
        time.sleep(0.2)
    calls = collections.Counter(pathlib.Path(f"{state}/calls").read_text().split())
    took, left = ended - begun, pathlib.Path(folder, "results/study")
    files = sum(len(names) for _, _, names in os.walk(left / "trials"))
    lists = len(os.listdir(left / "batches"))
    kept = (left / "study.sqlite").stat().st_size / args.trials
    print(f"{args.trials} trials on {args.nodes} nodes, {args.pack} a job: {took:.0f} s, exit code {study.returncode}")
    print(f"calls to Slurm: {dict(calls)}, {sum(calls.values()) / took:.2f} a second")
    print(f"controlling process: {engine} MB at most while trials run, {100 * used / took:.1f} % of a core")
    print(f"left: {files / args.trials:.1f} files a trial, {lists} lists, {kept:.0f} bytes a trial in the store")


if __name__ == "__main__":
    main()
