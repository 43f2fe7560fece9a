#!/bin/sh
# Every command in a console block of docs/ is run, and ends with exit code 0, or with the one that "# exit N" at
# its end gives. Those of docs/how-to/ are run in a folder of their own, one for each page, with the files that the
# page shows in blocks with a title. Run from the top of the tree.
set -u
program=$(realpath "${CPIS_PROGRAM:-build/cpis}")
top=$(pwd -P)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
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

# Its files are written before the first command that comes after them.
run_how_to() {
	here=$scratch/$(basename "$page" .md)
	mkdir -p "$here/.git"
	ln -s "$top/testcases" "$here/testcases"
	cd "$here" || exit 2
	awk '
		/^```$/ { inside = file = ""; next }
		/^```console/ { inside = 1; next }
		/^```.* title="/ { file = $0; sub(/.* title="/, "", file); sub(/".*/, "", file); n++; print "file " file " " n; next }
		file { print >("block." n) }
		inside && /^\$ cpis / { print "run " substr($0, 3) }' "$top/$page" >steps
	while read -r step words; do
		case $step in
		file) mv "block.${words##* }" "${words% *}" ;;
		run) run_command "$words" ;;
		esac
	done <steps
	cd "$top" || exit 2
}

for page in docs/how-to/*.md; do
	run_how_to
done
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
