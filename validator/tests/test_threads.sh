#!/bin/sh
# Five threads make their first call to the library at once, in RUNS processes: under ThreadSanitizer
# where there is one, else as they are. `make threads` runs many more.
set -u
mode=${MODE:-release}
case $mode in san) usual=5 ;; *) usual=20 ;; esac
runs=${RUNS:-$usual}
build=$(dirname "$CPIS_PROGRAM")
suffix=$(basename "$build" | sed 's/^[a-z]*//')
log=$build/threads.log

# several HOW PROGRAM WORD...: run it, in all its rotations; anything it says is a failure.
several() {
	how=$1
	shift
	run=0
	while [ "$run" -lt "$runs" ]; do
		if ! "$@" "$run" >"$log" 2>&1 || [ -s "$log" ]; then
			cat "$log"
			echo "$how: run $run of $runs failed"
			exit 1
		fi
		run=$((run + 1))
	done
	echo "$how: $runs runs of five threads, and nothing to say"
}

several 'as built' "$build/threads"
if [ "$mode" = san ]; then
	echo '[  SHORT   ] ThreadSanitizer, which the tests of the ordinary build run'
elif before=$(scripts/tsan-probe "${CC:-cc}"); then
	[ "${RUNS:-}" ] || runs=10
	several 'under ThreadSanitizer' $before "build/tsan$suffix/threads"
else
	echo '*** NOT TESTED: ThreadSanitizer is not available here, so data races would go unseen. ***'
fi
