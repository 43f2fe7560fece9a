#!/bin/sh
# Every sink says the same of the same run, and the exit code with them; two runs give the same bytes, and
# so does a run that is shown again. Run from the top of the tree; CPIS_PROGRAM is the program.
set -u
cpis=${CPIS_PROGRAM:-build/cpis}
formats=$("$cpis" validate --help | sed -n '/^Report formats/,$s/^  \([a-z]*\) .*/\1/p')
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-agree-XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

# must WHAT COMMAND... - the command succeeds.
must() {
	what=$1
	shift
	if "$@" >"$scratch/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "[  FAILED  ] $input: $what: $*"
		head -5 "$scratch/said"
	fi
}

# into FOLDER COMMAND... - a command with every report at once; prints its exit code.
into() {
	folder=$scratch/$1
	shift
	mkdir -p "$folder"
	reports=
	for format in $formats; do
		reports="$reports --report $format=$folder/$format"
	done
	"$cpis" "$@" -q $reports >/dev/null 2>&1
	echo $?
}

number() { grep -c "$1" "$scratch/first/$2"; }

same() { [ "$1" = "$2" ] || { echo "$1 is not $2" && false; }; }

# Whether a sink has something that went wrong, as the exit code has it.
wrong() { if [ "$1" -gt 0 ]; then echo wrong; else echo right; fi; }

# agree EXIT COMMAND... - one input through all of them.
agree() {
	expected=$1
	shift
	input="cpis $*"
	rm -rf "$scratch/first" "$scratch/second" "$scratch/again"
	now="--now 2026-11-01T00:00:00Z"
	code=$(into first "$@" $now)
	must "exit code" same "$code" "$expected"
	must "exit code again" same "$(into second "$@" $now)" "$code"
	must "exit code of the run shown again" same \
		"$(into again report "$scratch/first/xml")" "$code"
	for format in $formats; do
		# The command line is in some of them, with the folder of its reports.
		for run in first second again; do
			sed "s,$scratch/[a-z]*/,,g" "$scratch/$run/$format" >"$scratch/$run.$format"
		done
		must "the same bytes twice" cmp "$scratch/first.$format" "$scratch/second.$format"
		must "the same bytes shown again" cmp "$scratch/first/$format" "$scratch/again/$format"
	done
	verdict=$(sed -n 's/.*<results .* verdict="\([a-z]*\)".*/\1/p' "$scratch/first/xml")
	case $verdict in
	pass) must "verdict" same "$code" 0 ;;
	fail) must "verdict" same "$code" 1 ;;
	*) must "verdict" same "$code" 3 ;;
	esac
	must "verdict of json" grep -q "^  \"verdict\": \"$verdict\"" "$scratch/first/json"
	must "findings of json" same "$(number '"rule": "' json)" "$(number '<finding ' xml)"
	must "findings of csv" same "$(number '^"finding"' csv)" "$(number '<finding ' xml)"
	must "messages of json" same "$(number '"recognised_by": ' json)" "$(number '<message n' xml)"
	headline=$(sed -n 's,.*<headline>\(.*\)</headline>.*,\1,p' "$scratch/first/xml")
	for format in text md html tap; do
		must "headline of $format" grep -qF "$headline" "$scratch/first/$format"
	done
	state=$(wrong "$code")
	must "tap" same "$(wrong "$(number '^not ok' tap)")" "$state"
	must "junit" same "$(wrong "$(number '<failure\|<error' junit)")" "$state"
	must "tests of tap" same "$(sed -n 's/^1\.\.//p' "$scratch/first/tap")" \
		"$(grep -c '^ok\|^not ok' "$scratch/first/tap")"
	case $1 in
	validate) must "findings of sarif" same "$(number '"ruleId"' sarif)" "$(number '<finding ' xml)" ;;
	esac
}

agree 0 validate testcases/messages
agree 1 validate testcases/rules/DAT-003 testcases/rules/NHS-001
agree 1 validate testcases/hostile
agree 3 validate testcases/messages/upload-five.xml --max-depth 5
agree 1 validate testcases/hostile testcases/messages --fail-on warning --jobs 2
agree 0 run testcases/packs/la-upload testcases/packs/nhs-query
agree 3 run testcases/packs/la-upload/certify.yaml
agree 0 run testcases/packs/la-upload/certify.yaml --evidence testcases/packs/la-upload/evidence
echo "[==========] $((passed + failed)) test(s) run."
echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ]
