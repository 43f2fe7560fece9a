#!/bin/sh
# Every command in a console block of docs/ is run, and ends with exit code 0, or with the one that "# exit N" at
# its end gives. Each page is run in a folder of its own, which looks like the top of the tree and has the files that
# the page shows in blocks with a title. A plain block after a command is in its output, line for line. Of commands in
# other blocks, and in README.md, the program knows the name and the options. Run from the top of the tree.
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

# Where the page shows lines after a command, they are lines of its output, one after another, and "..." stands for
# those that are left out. The first line that is not there is named.
check_output() {
	[ -e said ] || return
	other=$(awk '
		BEGIN { from = 1 }
		function held(at,   i) {
			for (i = 0; i < parts && at + i <= lines && output[at + i] == part[i]; i++);
			if (i > most) most = i
			return i == parts
		}
		function settle(   at) {
			most = 0
			for (at = from; parts && at <= lines && !held(at); at++);
			if (at > lines && parts) { print part[most]; wrong = 1; exit }
			from = at + parts
			parts = 0
		}
		FILENAME == "said" { output[++lines] = $0; next }
		$0 == "..." { settle(); next }
		{ part[parts++] = $0 }
		END { if (!wrong) settle() }' said "$1")
	if [ -z "$other" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "[  FAILED  ] $page: the command before does not say there: $other"
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

# The lines of a page that begin with a command, and in which it goes on.
commands_of() {
	sed -E -e ':more' -e '/\\$/{N;s/\\\n//;bmore' -e '}' "$1" |
		sed -nE 's/^(    |\$ )?(build\/)?cpis ([a-z]+ .*)$/\3/p' | sed 's/  *# .*//'
}

check_options() {
	commands_of "$page" >"$scratch/commands"
	while read -r command words; do
		"$program" help "$command" >"$scratch/help" 2>&1
		known=$?
		for word in $words; do
			case $word in --?*) grep -qw -e "${word%%=*}" "$scratch/help" || known=1 ;; esac
		done
		if [ "$known" -eq 0 ]; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "[  FAILED  ] $page: not what the program knows: cpis $command $words"
		fi
	done <"$scratch/commands"
}

for page in docs/*.md docs/how-to/*.md docs/tutorials/*.md; do
	run_page
done
set -f
for page in README.md $(find docs -name '*.md'); do
	check_options
done
set +f
[ "$passed" -ge 10 ] || echo "[  FAILED  ] only $passed commands were run"
echo "[==========] $((passed + failed)) test(s) run."
echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ] && [ "$passed" -ge 10 ]
