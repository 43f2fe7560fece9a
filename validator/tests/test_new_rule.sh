#!/bin/sh
# scripts/new-rule adds a rule that compiles and is in its chapter's list, and refuses what cannot be.
# Run from the top of the tree; CC is the compiler.
set -u
scratch=$(dirname "$CPIS_PROGRAM")/new-rule.tmp
trap 'rm -rf "$scratch"' EXIT
rm -rf "$scratch"
mkdir -p "$scratch/testcases/rules" "$scratch/testcases/messages" "$scratch/validator"
cp -R validator/lib validator/include "$scratch/validator/"
cp -R scripts .clang-format "$scratch/"
cp testcases/messages/upload-one.xml "$scratch/testcases/messages/"
rules=$scratch/validator/lib/rules
failed=0

fails() {
	echo "[  FAILED  ] $*"
	failed=$((failed + 1))
}

compiles() {
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -c -o "$scratch/chapter.o" -I"$scratch/validator/include" \
		-I"$scratch/validator/lib" "$1"
}

# adds ID PART CHAPTER - a rule of the id is made in the chapter, which still compiles.
adds() {
	"$scratch/scripts/new-rule" "$1" "stub-of-$(echo "$1" | tr '[:upper:]' '[:lower:]')" "$2" \
		>"$scratch/said" 2>&1 || fails "new-rule $1: $(cat "$scratch/said")"
	grep -qF "\"$1\"" "$rules/$3" || fails "$1 is not in $3"
	compiles "$rules/$3" || fails "$3 does not compile with $1"
	for of in pass fail; do
		ls "$scratch/testcases/rules/$1/$of"-*.xml >/dev/null 2>&1 || fails "$1 has no fixture $of-"
	done
}

# refuses STATUS WORDS ARGUMENTS - with this exit code and these words.
refuses() {
	status=$1
	words=$2
	shift 2
	"$scratch/scripts/new-rule" "$@" >"$scratch/said" 2>&1
	code=$?
	[ $code -eq "$status" ] || fails "new-rule $*: exit $code, not $status"
	grep -qF "$words" "$scratch/said" || fails "new-rule $*: $(cat "$scratch/said")"
}

adds DAT-901 plan dat.c
adds DAT-902 timestamp dat.c
adds UPL-901 upload people.c
adds ITK-901 infrastructure_response itk_soap.c
adds PAIR-901 pair pair.c
adds XML-901 soap stages.c
adds SCH-901 none stages.c

refuses 1 'already in use' DAT-901 another-name plan
refuses 1 'already in use' DAT-001 another-name plan
refuses 1 'another rule has the name' DAT-903 stub-of-dat-901 plan
refuses 1 'a new family is' NEW-001 first-of-its-family plan
refuses 2 'is not a kind of part' DAT-903 a-name timestamps
refuses 2 'usage' DAT-903 a-name
refuses 2 'usage' dat-903 a-name plan

# A rule that its chapter does not list would never be judged: the compiler says so.
sed -i 's/&dat_902,//' "$rules/dat.c"
! compiles "$rules/dat.c" 2>/dev/null || fails 'a rule that is not listed compiles'

[ $failed -eq 0 ] && echo 'new-rule makes rules that compile, and refuses what cannot be'
exit $failed
