#!/bin/sh
# Every command in a console block of docs/ is run, and ends with exit code 0, or with the one that "# exit N" at
# its end gives. Each page is run in a folder of its own, which looks like the top of the tree and has the files that
# the page shows in blocks with a title. The lines of a plain block after a command are in its output. Run from the top
# of the tree.
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
	eval "\"$program\" ${words#cpis }" >said 2>&1
	got=$?
	if [ "$got" -eq "$code" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "[  FAILED  ] $page: $words: exit $got, not $code"
	fi
}

# Where the page shows lines after a command, they are lines of its output.
check_output() {
	[ -e said ] || return
	other=$(grep -vxFf said "$1" | head -3)
	if [ -z "$other" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "[  FAILED  ] $page: the command before does not say: $other"
	fi
}

# Its files are written before the first command that comes after them.
run_page() {
	here=$scratch/$page
	mkdir -p "$here/.git"
	ln -s "$top"/*/ "$here"
	cd "$here" || exit 2
	awk '
		/^```/ && kind { kind = ""; next }
		/^```/ { kind = $0 }
		/^```$/ { kind = "kept"; print "shown " ++n }
		/^```.* title="/ { kind = "kept"; file = $0; sub(/.* title="/, "", file); sub(/".*/, "", file); print "file " file " " ++n }
		/^```/ { next }
		kind == "kept" { print >("block." n) }
		kind == "```console" && /^\$ cpis / { print "run " substr($0, 3) }' "$top/$page" >steps
	while read -r step words; do
		case $step in
		file) mv "block.${words##* }" "${words% *}" ;;
		run) run_command "$words" ;;
		shown) check_output "block.$words" ;;
		esac
	done <steps
	cd "$top" || exit 2
}

for page in docs/*.md docs/how-to/*.md docs/tutorials/*.md; do
	run_page
done
[ "$passed" -ge 10 ] || echo "[  FAILED  ] only $passed commands were run"
echo "[==========] $((passed + failed)) test(s) run."
echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ] && [ "$passed" -ge 10 ]
