#!/usr/bin/env bash
# Our samplers beside Optuna's on built-in problems of kurobako, a benchmark for black-box optimizers; prints its report.
#
#   bash bench/kurobako.sh > results/kurobako/report.md
#
# Needs `cargo build --release -p sweep-search --example kurobako-solver`, `cargo install kurobako` and a PYTHON (python3) with Optuna (requirements.txt). BUDGET (60) trials a run, REPEATS
# (20) runs of each pair; SAMPLERS are ours, PEERS Optuna's, PROBLEMS those of `kurobako problem sigopt --help`; SOLVER and
# KUROBAKO name the programs.
set -euo pipefail
solver=${SOLVER:-${CARGO_TARGET_DIR:-target}/release/examples/kurobako-solver}
kurobako=${KUROBAKO:-kurobako}
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
solvers=("$("$kurobako" solver random)")
for sampler in ${SAMPLERS:-tpe cmaes gp}; do
  solvers+=("$("$kurobako" solver command "$solver" -- "$sampler")")
done
for sampler in ${PEERS:-tpe cmaes}; do
  solvers+=("$("$kurobako" solver command "${PYTHON:-python3}" -- "$here/peers/optuna_kurobako.py" "$sampler")")
done
problems=()
for problem in ${PROBLEMS:-ackley branin02 hartmann6 michalewicz rosenbrock-log schwefel20 styblinski-tang weierstrass}; do
  problems+=("$("$kurobako" problem sigopt "$problem")")
done
"$kurobako" studies --budget "${BUDGET:-60}" --repeats "${REPEATS:-20}" --solvers "${solvers[@]}" --problems "${problems[@]}" |
  "$kurobako" run --quiet > "$folder/runs.json"
# Without the recipes at its end, which hold the paths of programs, and the links to them.
"$kurobako" report < "$folder/runs.json" | sed -E '
  /^## Solvers/,$d
  /^## Table of Contents/,/^## Overall/{/^## Overall/!d}
  s/\[([^]]*)\]\(#id-[^)]*\)/\1/g
  s/ \(study\)//g
  s/ {3,}\|/ |/g
  s/\|(:?)-{10,}/|\1---/g'
