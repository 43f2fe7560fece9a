#!/bin/sh
# What is checked in and made by the program itself is what it makes now.
set -u
build=$(dirname "$CPIS_PROGRAM")
made=$build/generated.tmp
trap 'rm -f "$made" "$made.there"' EXIT
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
"$CPIS_PROGRAM" rules --format mdoc | validator/gen/wrap-mdoc >"$made"
same validator/man/cpis-rules.7 'make manuals'

"$build/option_manual" | validator/gen/wrap-mdoc >"$made"
sed -n '/^\.Sh OPTIONS/,/^\.Sh REPORT FORMATS/{/^\.Sh REPORT FORMATS/!p;}' validator/man/cpis.1 >"$made.there"
if ! cmp -s "$made.there" "$made"; then
	diff -u "$made.there" "$made" | head -n 40
	echo 'the options in validator/man/cpis.1 are stale: run make manuals and look at the difference'
	failed=1
fi

if command -v script >/dev/null; then
	ONLY_TERMINAL=1 scripts/make-pictures "$CPIS_PROGRAM" "$build/pictures" >/dev/null
	cp "$build/pictures/terminal.svg" "$made"
	same docs/pictures/terminal.svg 'make manuals'
fi

[ $failed -eq 0 ] && echo 'examples and manuals are what is made of rules and options'
exit $failed
