#!/bin/sh
# One job: trains RECIPE with SEED, or goes on with it, then measures it. A job that is done does nothing.
#
#   job.sh RECIPE SEED [OPTIONS OF vitro train]
#
# RUNS            folder of the runs; default: runs
# EVAL_OPTIONS    options of vitro eval
#
# Exit codes: 0 measured; 75 told to end before that, start it again to go on; anything else is that of vitro.
set -eu

# Whoever ends the job tells the whole group. The training saves first; the script waits for it.
trap : TERM INT

recipe=$1
seed=$2
shift 2
runs=${RUNS:-runs}
run=$runs/$(basename "$recipe" .toml)-$seed

if [ -e "$run/eval.json" ]; then
    echo "$run is measured"
    exit 0
fi

mkdir -p "$runs"
if [ -e "$run/run.json" ]; then
    vitro train "$run" --resume --plain "$@" >> "$run.log"
else
    vitro train "$recipe" --out "$run" --plain --set "train.seed=$seed" "$@" >> "$run.log"
fi
if tail -n 1 "$run.log" | grep -q 'go on with'; then
    echo "$run was told to end; start the job again to go on"
    exit 75
fi

# Words, not one argument.
# shellcheck disable=SC2086
vitro eval "$run" ${EVAL_OPTIONS:-} > "$run.md"
echo "$run is measured"
