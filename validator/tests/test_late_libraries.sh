#!/bin/sh
# Libraries that are loaded late: a message is judged where they are broken, and the command that needs one
# says so and ends with exit code 3. Run from the top of the tree; CPIS_PROGRAM is the program.
set -u
cpis=${CPIS_PROGRAM:-build/cpis}
rows=$(dirname "$cpis")/gen/lazy_functions.h
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-late-XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
message=testcases/messages/upload-five.xml
if [ ! -e "$rows" ]; then
	echo "test_late_libraries: this build loads its libraries at the start; there is nothing to test"
	exit 0
fi
failed=0
fault() {
	echo "test_late_libraries: $*" >&2
	failed=1
}

late=$(sed -n 's/^LIBRARY(.*"\(.*\)").*/\1/p' "$rows")
[ "$late" ] || fault "no library is loaded late"
needed=$(readelf -d "$cpis" | grep NEEDED)
for library in $late; do
	case $needed in *"[$library]"*) fault "$library is loaded at the start" ;; esac
	printf 'not a library' >"$scratch/$library"
done

# Each command with the library that it needs.
export LD_LIBRARY_PATH="$scratch"
"$cpis" validate -q "$message" || fault "a message is not judged without libraries that it does not need"
# lacks NAME ... - NAME is the library's name before its version.
lacks() {
	library=$(echo "$late" | grep "^$1\.so\.")
	shift
	said=$("$cpis" "$@" 2>&1 >"$scratch/out")
	code=$?
	[ "$code" = 3 ] || fault "cpis $1 without $library: exit code $code, not 3"
	case $said in
	"cpis: this command needs the library $library, which cannot be loaded: "*) ;;
	*) fault "cpis $1 without $library says: $said" ;;
	esac
	echo "$library" >>"$scratch/tried"
}
lacks libxslt validate -r html="$scratch/report.html" "$message"
lacks libyaml-0 lint testcases/packs/la-upload
lacks libarchive validate "$(find testcases/transport -name '*.zip' | head -n 1)"
lacks libsodium keygen "$scratch/key"
[ ! -e "$scratch/report.html" ] || fault "a report that could not be made is there"
[ ! -e "$scratch/key" ] || fault "a key that could not be made is there"

# The same commands where the libraries are as they should be.
unset LD_LIBRARY_PATH
"$cpis" validate -q -r html="$scratch/report.html" "$message" || fault "HTML"
"$cpis" lint testcases/packs/la-upload >"$scratch/out" || fault "lint"
"$cpis" keygen "$scratch/key" >"$scratch/out" || fault "keygen"
[ "$failed" = 0 ] && echo "test_late_libraries: $(echo "$late" | wc -w) libraries are loaded when they are called"
exit "$failed"
