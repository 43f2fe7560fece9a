#!/bin/sh
# Every command in a console block of docs/ is run, and ends with exit code 0, or with the one that "# exit N" at
# its end gives. Run from the top of the tree.
set -u
program=${CPIS_PROGRAM:-build/cpis}
passed=0
failed=0

run_command() {
	case $1 in *'# exit '*) code=${1##*# exit } ;; *) code=0 ;; esac
	words=${1%%    #*}
	eval "\"$program\" ${words#cpis }" >/dev/null 2>&1
	got=$?
	if [ "$got" -eq "$code" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "[  FAILED  ] $page: $words: exit $got, not $code"
	fi
}

for page in docs/*.md docs/tutorials/*.md; do
	commands=$(awk '/^```/ { inside = $0 == "```console" } inside && /^\$ cpis / { print substr($0, 3) }' "$page")
	[ -n "$commands" ] || continue
	while read -r command; do
		run_command "$command"
	done <<END
$commands
END
done
[ "$passed" -ge 10 ] || echo "[  FAILED  ] only $passed commands were run"
echo "[==========] $((passed + failed)) test(s) run."
echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ] && [ "$passed" -ge 10 ]
