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
# A pipeline ends.
must exits 2 timeout 60 "$cpis" ci "$scratch/endless" validate testcases/messages/upload-one.xml --watch
must grep -qx error "$scratch/endless/verdict.txt"
for folder in good bad open; do
	for report in junit.xml cpis.sarif report.html results.xml summary.md codequality.json verdict.txt; do
		must test -s "$scratch/$folder/$report"
	done
done

# The steps of the action, as the runner would start them, in a folder with hostile names and with a release at
# hand. step NAME - the script of a step.
step() {
	awk -v name="    - name: $1" '$0 == name { here = 1; next } /^    - name: / { here = 0; taking = 0 }
		here && /^      run: \|/ { taking = 1; next } here && /^      run: / { sub(/^      run: /, ""); print }
		taking { sub(/^        /, ""); print }' "$top/action.yml"
}
top=$(pwd -P)
program=$(cd "$(dirname "$cpis")" && pwd -P)/cpis
name=cpis-linux-$(uname -m)
release=$scratch/releases/v9.9.9
mkdir -p "$release" "$scratch/temp" "$scratch/repository/sub dir" "$scratch/repository/-q"
cp "$program" "$release/$name"
(cd "$release" && sha256sum "$name" >"$name.sha256")
cd "$scratch/repository" || exit 2
cp "$top/testcases/messages/upload-five.xml" "sub dir/one two.xml"
cp "$top/testcases/messages/upload-five.xml" '$(touch touched).xml'
cp "$top/testcases/messages/upload-five.xml" '`touch touched`;x*[a]?.xml'
cp "$top/testcases/messages/upload-five.xml" -- '--help.xml'
cp "$top/testcases/messages/upload-five.xml" -- '-q/::error::.xml'
cp "$top/testcases/messages/upload-five.xml" "new
line.xml"
cp "$top/testcases/rules/UPL-001/fail-one-too-many.xml" "sub dir/bad.xml"

# action COMMAND PATHS OPTIONS REPORTS - all steps of a call; exits as the action would.
action() {
	rm -f "$scratch/output" "$scratch/summary"
	: >"$scratch/output"
	(
		export GITHUB_ACTIONS=true GITHUB_OUTPUT="$scratch/output" GITHUB_STEP_SUMMARY="$scratch/summary"
		export RUNNER_TEMP="$scratch/temp" CPIS_HOME="$top" CPIS_RELEASES="$scratch/releases"
		export CPIS_VERSION="${version-v9.9.9}" CPIS_REF=main CPIS_FAIL_ON="${fail_on-}" CPIS_JOBS="" CPIS_CATEGORY="${category-}"
		export CPIS_COMMAND="$1" CPIS_PATHS="$2" CPIS_OPTIONS="$3" CPIS_REPORTS="$4"
		step "Fetch cpis" >"$scratch/fetch" && bash -eo pipefail "$scratch/fetch" || exit 9
		CPIS_PROGRAM=$(sed -n 's/^program=//p' "$scratch/output") || exit 9
		[ -n "$CPIS_PROGRAM" ] || exit 8
		export CPIS_PROGRAM
		step "Judge" >"$scratch/judge" && bash -eo pipefail "$scratch/judge" || exit 9
		step "Conclude" >"$scratch/conclude"
		CPIS_EXIT=$(sed -n 's/^exit-code=//p' "$scratch/output") bash -eo pipefail "$scratch/conclude"
	)
}
judged() { grep -c '<message n' "$1/results.xml"; }
count() { [ "$(judged "$1")" -eq "$2" ] || { echo "$(judged "$1") messages, not $2" && false; }; }
cr=$(printf '\r')
if command -v bash >/dev/null; then
	must exits 1 action validate . "" out
	must count out 7
	must grep -q '^verdict=fail$' "$scratch/output"
	must grep -q '[a-z]' "$scratch/summary"
	# A second call in the job, with another folder: the reports of the first are not judged.
	must exits 1 action validate . "--meta=system=two words" out2
	must count out2 7
	must grep -q '<word>--meta=system=two words</word>' out2/results.xml
	must grep -q '"automationDetails": {"id": "out2/"}' out2/cpis.sarif
	category=mine must exits 0 action validate "sub dir/one two.xml$cr
$cr
   
--help.xml$cr" "$cr
--environment=test$cr" out
	must count out 2
	must grep -q '"automationDetails": {"id": "mine/"}' out/cpis.sarif
	must exits 0 action validate '$(touch touched).xml
`touch touched`;x*[a]?.xml
-q' "" out
	must count out 3
	must exits 1 action validate 'sub*/*.xml' "" out
	must count out 2
	must exits 1 action validate '**/*.xml' "" globs
	must test "$(judged globs)" -ge 7
	must exits 2 action validate 'no*such.xml' "" out
	must test ! -e out/junit.xml
	must exits 3 action validate 'no such.xml
--help.xml' "" out
	must exits 2 action validate . "--no-such-option" out
	fail_on=never must exits 0 action validate "sub dir" "" out
	must exits 0 action run "$top/testcases/packs/la-upload/pack.yaml" "--only=upload" out
	must test ! -e touched
	# Without a release the program is built; a wrong sum is an error.
	version=v9.9.8 must exits 8 action validate . "" out
	version=source must exits 8 action validate . "" out
	version=../v9.9.9 must exits 8 action validate . "" out
	must grep -q '^source=[0-9a-f]' "$scratch/output"
	rm -rf "$scratch"/temp/*
	echo x >>"$release/$name"
	must exits 9 action validate . "" out
	(cd "$release" && sha256sum "$name" | sed 's/^./g/' >"$name.sha256")
	must exits 9 action validate . "" out
fi
cd "$top" || exit 2

# What is used is pinned by commit, and nothing that comes from inputs is part of a script.
unpinned() { grep -n 'uses: ' action.yml | grep -vE 'uses: [a-z/-]+@[0-9a-f]{40} # v[0-9.]+$'; }
must exits 1 unpinned
spliced() { awk '/run: \|/ { taking = 1; next } /^    - / { taking = 0 } taking' action.yml | grep -n '\${{'; }
must exits 1 spliced

# The script of the GitLab template: each line is a word.
awk '/^  script:/ { here = 1 } here && /^    - \|/ { taking = 1; next } taking && /^  [a-z]/ { exit }
	taking { sub(/^      /, ""); print }' templates/gitlab.yml >"$scratch/gitlab"
gitlab() {
	(cd "$scratch/repository" && CPIS_COMMAND=validate CPIS_OPTIONS=$1 CPIS_PATHS=$2 CPIS_REPORTS=lab CPIS_PROGRAM=$program sh -e "$scratch/gitlab")
}
must exits 1 gitlab "--meta=system=two words
--jobs=2" '$(touch touched).xml
sub dir
--help.xml'
must test ! -e "$scratch/repository/touched"
must count "$scratch/repository/lab" 4
for report in junit.xml codequality.json; do
	must grep -q "CPIS_REPORTS/$report" templates/gitlab.yml
	must test -s "$scratch/repository/lab/$report"
done

# The hooks name what is there, and the completion scripts are what their shells read.
for script in $(sed -n 's/^  entry: \(scripts[^ ]*\).*/\1/p' .pre-commit-hooks.yaml); do
	must test -x "$script"
done
# Names of files follow, and none of them is an option.
open_ended() { grep '^  entry: ' .pre-commit-hooks.yaml | grep -v ' --$'; }
must exits 1 open_ended
must grep -q '^  entry: cpis validate --$' .pre-commit-hooks.yaml
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
	must complete_in_bash "cpis help pre" 2 predict
	must complete_in_bash "cpis new e" 2 evidence
	must complete_in_bash "cpis ci out val" 3 validate
	must complete_in_bash "cpis schemas j" 2 json
	must complete_in_bash "cpis schemas json k" 3 keyed
	must complete_in_bash "cpis validate --report = ju" 4 junit
	must complete_in_bash "cpis validate --report =" 3 sarif
	must complete_in_bash "cpis validate --stages xml,r" 3 xml,rules
	must complete_in_bash "cpis ci out validate --prof" 4 --profile
	must complete_in_bash "cpis ci out run -r ju" 5 junit
fi
complete_in_fish() {
	fish -N -c 'source $argv[1]; complete -C"$argv[2]"' "$scratch/completion.fish" "$1" | cut -f 1 | grep -qx -e "$2"
}
if command -v fish >/dev/null; then
	must complete_in_fish "cpis help pre" predict
	must complete_in_fish "cpis new e" evidence
	must complete_in_fish "cpis schemas json k" keyed
	must complete_in_fish "cpis validate -r ju" junit
	must complete_in_fish "cpis validate -r html=READ" html=README.md
	must complete_in_fish "cpis validate --stages xml,r" xml,rules
	must complete_in_fish "cpis ci out validate --prof" --profile
	must complete_in_fish "cpis run --evidence READ" README.md
fi
# zsh completes at a terminal alone.
must grep -qF "'*'{-r+,--report=}'[" "$scratch/completion.zsh"
must grep -qF -e "--evidence='[the folder, zip or tar with the supplier'\\''s messages]:value:_files'" "$scratch/completion.zsh"
must grep -qF "'1:word:(pack evidence)'" "$scratch/completion.zsh"
echo "[==========] $((passed + failed)) test(s) run."
echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ]
