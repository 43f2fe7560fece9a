#!/bin/sh
# The manuals name all there is: commands, options, functions, members of the JSON; and nothing else.
set -u
. validator/tests/claims.sh
cpis=${CPIS_PROGRAM:-build/cpis}
man=validator/man

commands() {
	"$cpis" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'
}

options() {
	commands | while read -r command; do
		"$cpis" "$command" --help | grep -oE -- '--[a-z-]+' | sed 's/^--//'
	done | sort -u
}

every_command_is_in_the_manual() {
	commands | while read -r command; do
		grep -q "^\.It Cm $command\>" $man/cpis.1 || echo "cpis.1 says nothing of the command $command"
	done
}

every_option_is_in_the_manual() {
	options | while read -r option; do
		grep -qE "^\.It F.*Fl Fl $option( |\$)|^\.It Fl Fl $option( |\$)" $man/cpis.1 ||
			echo "cpis.1 says nothing of the option --$option"
	done
}

every_option_in_the_manual_is_one() {
	known=" $(options | tr '\n' ' ') help version name "
	grep -ohE 'Fl Fl [a-z-]+' $man/*.[1-9] | sed 's/^Fl Fl //' | sort -u | while read -r option; do
		case "$known" in
		*" $option "*) ;;
		*) echo "a manual names --$option, which is not an option" ;;
		esac
	done
}

every_report_format_is_in_the_manual() {
	"$cpis" validate --help | sed -n '/^Report formats/,$s/^  \([a-z]*\) .*/\1/p' | while read -r format; do
		grep -q "^\.It Cm $format\$" $man/cpis.1 || echo "cpis.1 says nothing of the format $format"
	done
}

functions() {
	sed -n 's/^CPIS_PUBLIC .*[ *]\(cpis_[a-z_]*\)(.*/\1/p' validator/include/*.h | sort -u
}

every_public_function_is_in_the_manual() {
	functions | while read -r name; do
		grep -qw "$name" $man/libcpis.3 || echo "libcpis.3 says nothing of $name"
	done
}

every_function_in_the_manual_is_public() {
	known=" $(functions | tr '\n' ' ') "
	grep -oE 'Fn cpis_[a-z_]+' $man/libcpis.3 | sed 's/^Fn //' | sort -u | while read -r name; do
		case "$known" in
		*" $name "*) ;;
		*) echo "libcpis.3 names $name, which is not a public function" ;;
		esac
	done
}

every_member_of_the_json_is_in_the_manual() {
	grep -ohE '"[a-z0-9_]+": ' reports/golden/*.json | tr -d '":' | sort -u | while read -r member; do
		grep -qE "(Cm|,) $member( |\$)" $man/cpis-results.5 ||
			grep -qE "^\.(It )?Cm .*\b$member\b" $man/cpis-results.5 ||
			echo "cpis-results.5 says nothing of the member $member"
	done
}

# The program in the manual is one: it compiles without a warning, and exits as cpis does.
the_example_of_the_library_works() {
	work=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-manual-XXXXXX") || return
	sed -n '/^\.Bd -literal$/,/^\.Ed/{/^\./d;s/\\en/\\n/;p}' $man/libcpis.3 >"$work/example.c"
	sanitizer=
	[ "${MODE:-release}" = san ] && sanitizer=-fsanitize=address,undefined
	[ "${MODE:-release}" = tsan ] && sanitizer=-fsanitize=thread
	[ "${MODE:-release}" = cov ] && sanitizer=--coverage
	build=$(dirname "$(readlink -f "$cpis")")
	if "${CC:-cc}" -std=c11 -Wall -Wextra -Werror $sanitizer -Ivalidator/include -o "$work/example" \
		"$work/example.c" "$build/libcpis.a" $(pkg-config --libs $PACKAGES) -pthread; then
		message=$(pwd)/testcases/messages/upload-one.xml
		(cd "$work" && ./example "$message") || echo "the example exits with $? for a good message"
		grep -q '</html>' "$work/report.html" || echo "the example writes no report"
		(cd "$work" && ./example nowhere.xml 2>/dev/null)
		[ $? -eq 2 ] || echo "the example does not exit with 2 for a file that is not there"
	fi
	rm -rf "$work"
}

every_manual_is_free_of_warnings() {
	command -v groff >/dev/null || return
	for page in $man/*.[1-9]; do
		groff -mdoc -Tutf8 -ww -z "$page" 2>&1
	done
}

# Files of the examples of cpis-pack(5), each after its name, into a folder.
example_files() {
	mkdir -p "$1/evidence"
	cp -r testcases/messages "$1/messages"
	awk -v folder="$1" '
		/^\.Sh/ { here = /EXAMPLES/ }
		here && /^\.Pa .* ,$/ { name = $2 }
		here && /^\.Bd -literal/ && name { file = folder "/" name; next }
		/^\.Ed/ { file = name = "" }
		file { print >file }' $man/cpis-pack.5
	mv "$1/answers.yaml" "$1/evidence/"
	echo picture >"$1/evidence/screen.png"
}

the_examples_of_packs_are_run() {
	work=$(mktemp -d)
	example_files "$work"
	for file in pack.yaml requirements.yaml set-a.yaml set-b.yaml evidence/answers.yaml; do
		"$cpis" lint -q "$work/$file" || echo "lint of $file"
	done
	"$cpis" run "$work/pack.yaml" --evidence "$work/evidence" --now 2026-11-01 -r tap >"$work/tap" 2>&1
	[ $? -eq 3 ] || echo "the run does not say that evidence is missing"
	for case in GOOD EDITED PAIR SHOWN LATER; do
		grep -qE "^ok .*$case" "$work/tap" || { echo "the case $case does not pass"; cat "$work/tap"; }
	done
	rm -rf "$work"
}

# By the tables that read packs: a key that is added needs an example.
every_key_of_a_pack_has_an_example() {
	work=$(mktemp -d)
	example_files "$work"
	for format in pack:pack.yaml requirements:requirements.yaml data:set-a.yaml answers:evidence/answers.yaml; do
		"$cpis" schemas json "${format%%:*}" | sed -n 's/^ *"\([a-z-]*\)": {$/\1/p' | sort -u |
			grep -vE '^(items|properties)$' | while read -r key; do
			cat "$work/${format#*:}" "$work/set-b.yaml" | grep -qE "(^|[ {,-])$key:" || echo "${format#*:} has no example of $key"
		done
	done
	rm -rf "$work"
}

# Those of a manual that is not installed are about this machine.
every_manual_is_clean_by_mandoc() {
	command -v mandoc >/dev/null || { echo "SKIPPED: mandoc is missing: manuals are not linted" >&3; return; }
	for page in $man/*.[1-9]; do
		mandoc -T lint "$page" 2>&1
	done | grep -v 'referenced manual not found' | grep '^mandoc: validator/man/'
}

# Every link of the pages is to a page and a place that is there, or to Debian's manuals.
every_manual_is_a_page_whose_links_lead_somewhere() {
	command -v mandoc >/dev/null || return
	pages=$(mktemp -d)
	scripts/html-manuals "$pages"
	for page in $man/*.[1-9] index; do
		name=$(basename "$page").html
		[ -s "$pages/$name" ] || echo "$name is missing"
		grep -oE '(href|src)="[^"]*"' "$pages/$name" | sed 's/^[a-z]*="//; s/"$//' | sort -u | while read -r link; do
			case $link in
			https://manpages.debian.org/*) ;;
			http*) echo "$name: $link is elsewhere" ;;
			*) file=${link%%#*} place=
				case $link in *#*) place=${link#*#} ;; esac
				file=$pages/${file:-$name}
				[ -f "$file" ] || echo "$name: $link leads nowhere"
				[ -z "$place" ] || grep -qF "id=\"$place\"" "$file" || echo "$name: $link leads nowhere" ;;
			esac
		done
	done
	rm -rf "$pages"
}

exec 3>&1
for test in every_command_is_in_the_manual every_option_is_in_the_manual every_option_in_the_manual_is_one \
	every_report_format_is_in_the_manual every_public_function_is_in_the_manual \
	every_function_in_the_manual_is_public every_member_of_the_json_is_in_the_manual \
	the_example_of_the_library_works every_manual_is_free_of_warnings \
	the_examples_of_packs_are_run every_key_of_a_pack_has_an_example \
	every_manual_is_clean_by_mandoc every_manual_is_a_page_whose_links_lead_somewhere; do
	claim "$test"
done
conclude
