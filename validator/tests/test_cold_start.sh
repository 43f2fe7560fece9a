#!/bin/sh
# The start of the program: it relocates its own tables, which are read-only while it runs, stripped or not; and
# as the linker made it, it runs too. Run from the top of the tree; CPIS_PROGRAM is the program.
set -u
cpis=$(readlink -f "${CPIS_PROGRAM:-build/cpis}")
relrc=$(dirname "$cpis")/relrc
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-cold-XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
message=testcases/messages/upload-five.xml
if [ ! -x "$relrc" ]; then
	echo "test_cold_start: in this build the loader relocates all; there is nothing to test"
	exit 0
fi
failed=0
fault() {
	echo "test_cold_start: $*" >&2
	failed=1
}
names() {
	readelf -dW "$1" | awk '$1 ~ /^0x/ { print $1 }'
}
judges() {
	"$1" validate -q "$message" || fault "$2: a good message does not pass"
	"$1" validate -q testcases/rules/DAT-003/fail-*.xml
	[ $? = 1 ] || fault "$2: a bad message does not fail"
}

# Names that the loader knows (DT_RELR), and ours. A linker that does not pack pointers leaves neither.
if names "$cpis" | grep -q '0x0*60637001$'; then
	names "$cpis" | grep -Eq '0x0*2[345]$' && fault "the loader relocates what the program does"
	cp "$cpis" "$scratch/again" && "$relrc" "$scratch/again" || fault "relrc fails where there is nothing to do"
	cmp -s "$cpis" "$scratch/again" || fault "relrc changes a program twice"
else
	readelf -SW "$cpis" | grep -q '\.relr\.dyn' && fault "the program leaves its tables to the loader"
fi
"$relrc" "$message" 2>"$scratch/said" && fault "relrc takes what is not a program"
"$relrc" "$scratch/missing" 2>"$scratch/said" && fault "relrc takes what is not there"

judges "$cpis" "the program"
strip -o "$scratch/stripped" "$cpis" && judges "$scratch/stripped" "stripped"

# No page of the tables can be written while it waits for its input.
are_protected() {
	mkfifo "$scratch/input"
	"$cpis" validate -q - <"$scratch/input" &
	waiting=$!
	exec 9>"$scratch/input"
	while kill -0 "$waiting" 2>/dev/null && ! grep -q '\[heap\]' "/proc/$waiting/maps"; do
		sleep 0.1
	done
	sleep 1
	parts=$(awk -v file="$cpis" '$6 == file { print $2 }' "/proc/$waiting/maps" | tr '\n' ' ')
	case $parts in
	*"r--p rw-p ") ;;
	*) fault "the tables can be written while it runs: $parts" ;;
	esac
	[ "$(echo "$parts" | grep -o rw-p | wc -l)" = 1 ] || fault "more than one part can be written: $parts"
	cat "$message" >&9
	exec 9>&-
	wait "$waiting" || fault "a message from a pipe does not pass"
}
if [ -r /proc/self/maps ]; then
	are_protected
else
	echo "test_cold_start: there is no /proc: whether the tables can be written was not looked at"
fi
[ "$failed" = 0 ] && echo "test_cold_start: the program relocates its own tables, and protects them"
exit "$failed"
