#!/bin/sh
# What is checked in and made by the program itself is what it makes now.
set -u
build=$(dirname "$CPIS_PROGRAM")
here=$build/generated.tmp
trap 'rm -f "$here"' EXIT
failed=0

# same FILE HOW: standard input is what FILE should be.
same() {
	cat >"$here"
	if ! diff -uN "$1" "$here" | head -n 40 | grep . ; then
		return
	fi
	echo "$1 is stale: run $2 and look at the difference"
	failed=1
}

"$build/cut_examples" | same validator/lib/rules/examples.inc 'make examples'
"$CPIS_PROGRAM" rules --format mdoc | same validator/man/cpis-rules.7 'make manuals'

[ $failed -eq 0 ] && echo 'examples and manuals are what the program makes of its rules'
exit $failed
