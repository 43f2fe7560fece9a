#!/bin/sh
# cpis simulate as clients meet it: the official tests of a mini service host, years of uploads that are queried
# child by child and compared with the ledger, an upload that is compared with the answers, many connections,
# the process killed in the middle of uploads, and a clock that is set. The short form of the scripts.
set -u
program=${CPIS_PROGRAM:-build/cpis}
passed=0
failed=0

claim() {
	name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "[  FAILED  ] $name"
	fi
}

if ! command -v python3 >/dev/null; then
	echo "[  FAILED  ] the clients are in Python: install python3"
	exit 1
fi
claim the_official_tests_of_a_mini_service_host python3 scripts/mini-service-tests "$program"
maker=${program%/*}/make_authority
[ -x "$maker" ] && export CPIS_MAKE_AUTHORITY="$maker"
claim the_simulator_answers_as_the_ledger_says python3 scripts/simulator-against-ledger "$program" 2 15
claim records_connections_and_kill python3 scripts/simulator-trial "$program" 40 2 20
echo "[==========] $((passed + failed)) test(s) run."
echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ]
