#!/bin/sh
# What make install installs can be used by a program that has nothing else: with the shared library,
# with the static one, from C and from C++. It gives the names of the public headers and no others.
set -u
. validator/tests/claims.sh
build=$(dirname "$(readlink -f "$CPIS_PROGRAM")")
usr=$build/installed/usr
work=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-install-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
wrong_message=testcases/rules/DAT-003/fail-a-year-before.xml
good_message=testcases/messages/upload-one.xml

export PKG_CONFIG_PATH="$usr/lib/pkgconfig"
cflags=$(pkg-config --cflags cpis)
shared=$(pkg-config --libs cpis)
# A linker that sees both libraries takes the shared one, unless it is named in full.
static=$(pkg-config --libs --static cpis | sed 's/-lcpis/-l:libcpis.a/')

compile() {
	"${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror ${SANITIZER-} $cflags "$@"
}

# tried PROGRAM: the findings of a wrong and of a good message, and the exit codes.
tried() {
	program=$1
	shift
	found=$("$@" "$program" <$wrong_message)
	[ $? -eq 1 ] && [ "$found" = "DAT-003 26:22
fail" ] || echo "$program says of a wrong message: $found"
	found=$("$@" "$program" <$good_message)
	[ $? -eq 0 ] && [ "$found" = pass ] || echo "$program says of a good message: $found"
	found=$("$@" "$program" </dev/null)
	[ $? -eq 1 ] || echo "$program says of nothing: $found"
}

findings_with_the_shared_library() {
	compile -o "$work/findings" examples/findings.c $shared || return
	readelf -d "$work/findings" | grep -q 'NEEDED.*\[libcpis\.so\.1\]' ||
		echo "findings does not ask for libcpis.so.1"
	tried "$work/findings" env LD_LIBRARY_PATH="$usr/lib"
}

findings_with_the_static_library() {
	compile -o "$work/findings-static" examples/findings.c $static || return
	readelf -d "$work/findings-static" | grep 'NEEDED.*libcpis'
	tried "$work/findings-static" env
}

reports_of_a_message_that_arrives_in_chunks() {
	compile -o "$work/report" examples/report.c $shared || return
	for format in json xml html sarif; do
		LD_LIBRARY_PATH=$usr/lib "$work/report" $format <$wrong_message >"$work/$format" ||
			echo "report $format exits with $?"
		grep -q DAT-003 "$work/$format" || echo "the report $format does not name DAT-003"
	done
	LD_LIBRARY_PATH=$usr/lib "$work/report" jsn <$wrong_message >"$work/out" 2>"$work/err"
	[ $? -eq 2 ] && [ ! -s "$work/out" ] && grep -q 'unknown report format' "$work/err" ||
		echo "report jsn is not refused"
	LD_LIBRARY_PATH=$usr/lib "$work/report" json <$wrong_message >&- 2>"$work/err"
	[ $? -eq 3 ] || echo "a report to a closed stream is not a failure"
}

the_first_example_is_short_enough_to_read() {
	lines=$(wc -l <examples/findings.c)
	[ "$lines" -le 40 ] || echo "examples/findings.c has $lines lines"
}

functions_of_the_headers() {
	sed -n 's/^CPIS_PUBLIC .*[ *]\(cpis_[a-z_]*\)(.*/\1/p' validator/include/*.h | sort -u
}

the_shared_library_gives_the_names_of_the_header_alone() {
	nm -D --defined-only "$usr/lib/libcpis.so" | sed -n 's/^[0-9a-f]* [A-Z] \([^@]*\).*/\1/p' |
		grep -vx CPIS_1 | sort >"$work/exported"
	[ -s "$work/exported" ] || echo "no names are exported"
	functions_of_the_headers | diff - "$work/exported"
	readelf -d "$usr/lib/libcpis.so" | grep -q 'SONAME.*\[libcpis\.so\.1\]' || echo "it has no soname"
	nm -D --defined-only "$usr/lib/libcpis.so" | grep ' T ' | grep -v '@@CPIS_1$'
}

the_static_library_gives_the_names_of_the_header_alone() {
	nm --defined-only --extern-only "$usr/lib/libcpis.a" | sed -n 's/^[0-9a-f]* [A-Z] \(.*\)/\1/p' |
		grep -v '^_\{0,2\}\(asan\|odr_asan\|tsan\|ubsan\|gcov\|llvm\)' | sort >"$work/given"
	functions_of_the_headers | diff - "$work/given"
}

the_header_is_c11_and_cpp() {
	for standard in c11 c17; do
		printf '#include <cpis_service.h>\nint main(void) { return 0; }\n' >"$work/header.c"
		"${CC:-cc}" -std=$standard -Wall -Wextra -Wpedantic -Wconversion -Werror $cflags \
			-fsyntax-only "$work/header.c"
	done
	if ! command -v c++ >/dev/null; then
		echo '*** NOT TESTED: there is no C++ compiler here. ***' >&3
		return
	fi
	cat >"$work/header.cc" <<'END'
#include <cpis_service.h>
int main()
{
	cpis_options options = cpis_options();
	cpis_results *results = nullptr;
	cpis_failure failure;
	cpis_finding finding;
	if (cpis_results_new(&results, &options, &failure) != 0)
		return 1;
	int none = cpis_results_finding(results, 0, 0, &finding, sizeof(finding));
	cpis_results_free(results);
	return none == -1 ? 0 : 1;
}
END
	for standard in c++11 c++20; do
		c++ -std=$standard -Wall -Wextra -Wpedantic -Werror $cflags -fsyntax-only "$work/header.cc"
	done
	[ -n "${SANITIZER-}" ] && return
	c++ -std=c++11 $cflags -o "$work/header" "$work/header.cc" $shared &&
		LD_LIBRARY_PATH=$usr/lib "$work/header" || echo "a C++ program does not run"
}

everything_is_installed() {
	version=$(pkg-config --modversion cpis)
	for file in bin/cpis include/cpis.h include/cpis_service.h lib/libcpis.a lib/libcpis.so lib/libcpis.so.1 \
		"lib/libcpis.so.$version" lib/pkgconfig/cpis.pc share/man/man1/cpis.1 share/man/man3/libcpis.3; do
		[ -s "$usr/$file" ] || echo "$file is not installed"
	done
	"$usr/bin/cpis" --version | grep -q "^cpis $version " || echo "the program is of another version"
	grep -l "$build" "$usr/lib/pkgconfig/cpis.pc"
}

# The builds of debugging and of the sanitizers are made otherwise.
what_is_installed_is_hardened() {
	[ "${MODE:-release}" != release ] ||
		scripts/check-hardening "$usr/bin/cpis" "$(readlink -f "$usr/lib/libcpis.so")" >/dev/null
}

for test in everything_is_installed what_is_installed_is_hardened findings_with_the_shared_library findings_with_the_static_library \
	reports_of_a_message_that_arrives_in_chunks the_first_example_is_short_enough_to_read \
	the_shared_library_gives_the_names_of_the_header_alone \
	the_static_library_gives_the_names_of_the_header_alone the_header_is_c11_and_cpp; do
	claim "$test" 3>&1
done
conclude
