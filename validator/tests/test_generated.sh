#!/bin/sh
# What is checked in and made by the program itself is what it makes now.
set -u
build=$(dirname "$CPIS_PROGRAM")
made=$build/generated.tmp
trap 'rm -f "$made"' EXIT
failed=0

# same FILE HOW: what was just made is FILE.
same() {
	cmp -s "$1" "$made" && return
	diff -uN "$1" "$made" | head -n 40
	echo "$1 is stale: run $2 and look at the difference"
	failed=1
}

"$build/cut_examples" >"$made"
same validator/lib/rules/examples.inc 'make examples'
"$CPIS_PROGRAM" rules --format mdoc >"$made"
same validator/man/cpis-rules.7 'make manuals'

[ $failed -eq 0 ] && echo 'examples and manuals are what the program makes of its rules'
exit $failed
