#!/bin/sh
# Scripts and templates for pipelines do what docs/pipelines.md says: the folder of reports, the summary, the exit code.
set -u
cpis=${CPIS_PROGRAM:-build/cpis}
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-pipeline-XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

must() {
	if "$@" >"$scratch/said" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "[  FAILED  ] $*"
		head -5 "$scratch/said"
	fi
}

exits() {
	expected=$1
	shift
	"$@"
	[ $? -eq "$expected" ]
}

must exits 0 "$cpis" ci "$scratch/good" validate testcases/messages
must exits 1 "$cpis" ci "$scratch/bad" validate testcases/hostile
must exits 3 "$cpis" ci "$scratch/open" run testcases/packs/la-upload/certify.yaml
must exits 2 "$cpis" ci "$scratch/none" validate no-such-file.xml
must exits 2 "$cpis" ci
for folder in good bad open; do
	for report in junit.xml cpis.sarif report.html results.xml summary.md codequality.json verdict.txt; do
		must test -s "$scratch/$folder/$report"
	done
done

# The script of the action itself, as the runner would start it.
awk '/name: Judge/ { here = 1 } here && /run: \|/ { taking = 1; next }
     taking && /^    - / { exit } taking { sub(/^        /, ""); print }' action.yml >"$scratch/judge"
run_action() {
	CPIS_HOME=$scratch/there CPIS_COMMAND=$1 CPIS_PATHS=$2 CPIS_OPTIONS=$3 CPIS_REPORTS=$scratch/action \
		GITHUB_OUTPUT=$scratch/output GITHUB_STEP_SUMMARY=$scratch/summary bash -e "$scratch/judge"
}
mkdir -p "$scratch/there/build"
ln -s "$(cd "$(dirname "$cpis")" && pwd -P)/cpis" "$scratch/there/build/cpis"
if command -v bash >/dev/null; then
	must run_action validate "testcases/messages
testcases/hostile" "--fail-on=warning
--meta=system=two words"
	must grep -q '^exit-code=1$' "$scratch/output"
	must grep -q '[a-z]' "$scratch/summary"
	must grep -q '<word>--meta=system=two words</word>' "$scratch/action/results.xml"
fi

# The hooks name what is there, and the completion scripts are what their shells read.
for script in $(sed -n 's/^  entry: \([^ ]*\).*/\1/p' .pre-commit-hooks.yaml); do
	must test -x "$script"
done
for shell in bash zsh fish; do
	"$cpis" completion $shell >"$scratch/completion.$shell"
	must test -s "$scratch/completion.$shell"
	command -v $shell >/dev/null && must $shell -n "$scratch/completion.$shell"
	for command in validate run verify diff; do
		must grep -qw -e "$command" "$scratch/completion.$shell"
	done
done
complete_in_bash() {
	bash -c '. "$0"; COMP_WORDS=($1); COMP_CWORD=$2; _cpis; printf "%s\n" "${COMPREPLY[@]}"' \
		"$scratch/completion.bash" "$1" "$2" | grep -qx -e "$3"
}
if command -v bash >/dev/null; then
	must complete_in_bash "cpis val" 1 validate
	must complete_in_bash "cpis run --ev" 2 --evidence
	must complete_in_bash "cpis validate --report ju" 3 junit
	must complete_in_bash "cpis completion z" 2 zsh
fi
echo "[==========] $((passed + failed)) test(s) run."
echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ]
