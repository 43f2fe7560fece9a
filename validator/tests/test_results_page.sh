#!/bin/sh
# cpis-results(5) has every member of the JSON report, and no other; the samples are what the sinks write.
set -u
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-page-XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
page=validator/man/cpis-results.5
program=${CPIS_PROGRAM:-build/cpis}

# A list that only a summary of parts has.
"$program" validate -q --now 2026-12-01 --shard 1/1 -r xml="$scratch/part.xml" testcases/messages &&
	"$program" merge -q --summary -r json="$scratch/summary.json" "$scratch/part.xml" || {
	echo "there is no summary of parts"
	exit 1
}

# Names of members: quoted words that a colon follows in JSON; on the page all that are in quotes.
cat reports/golden/*.json "$scratch/summary.json" | grep -o '"[a-z_0-9]*": *' | sed 's/[": ]//g' | sort -u >"$scratch/made"
sed -n '/^\.Sh JSON/,/^\.Ed/p' "$page" | grep -o '"[a-z_0-9]*"' | tr -d '"' |
	grep -vx -e pass -e incomplete -e fail | sort -u >"$scratch/shown"
failed=0
for name in $(comm -23 "$scratch/made" "$scratch/shown"); do
	echo "the page does not show $name"
	failed=1
done
for name in $(comm -13 "$scratch/made" "$scratch/shown"); do
	echo "the page shows $name, which no report has"
	failed=1
done
[ $failed -eq 0 ] && echo 'cpis-results(5) has the members that reports have'
exit $failed
