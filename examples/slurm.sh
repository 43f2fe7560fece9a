#!/bin/sh
#SBATCH --job-name=cpis
#SBATCH --array=0-15
#SBATCH --requeue
#SBATCH --open-mode=append
# A Slurm array that checks a folder of messages, and goes on where a task was killed when it is requeued:
#
#     mkdir results
#     export NOW=$(date -u +%Y-%m-%dT%H:%M:%SZ)       # one time for all parts
#     job=$(sbatch --parsable examples/slurm.sh /archive/2026-11 results)
#     sbatch --dependency=afterok:"$job" --wrap 'ls results/*.xml | cpis merge --files-from - --summary -r html=all.html'
#
# The verdict of a part is in its results, and merge gives that of all: a task fails only if it could not do
# its work, so that Slurm does not treat a bad message as a broken task.
cpis validate "$1" --shard auto --resume ${NOW:+--now "$NOW"} -q -r xml="$2/$SLURM_ARRAY_TASK_ID.xml"
code=$?
case $code in
1 | 3) exit 0 ;;
esac
exit $code
