#!/bin/sh
# The tree is built as docs/architecture.md says: folders in order, no circles of files, headers that
# compile alone. Run from the top of the tree; CC is the compiler, CPIS_PROGRAM the program that was built.
set -u
. validator/tests/claims.sh

# In order of dependency: a folder may use those before it.
folders="base diag xml schema transport message rules config policy engine compare results pack report evidence fix write state reply formats ledger"
# The rooms of the program: each may use the public headers, and those before it.
rooms="http cli lsp serve twin"
room_files() {
	for room in $rooms; do
		find "validator/$room" -name "*.$1" 2>/dev/null
	done
}

every_folder_of_the_library_has_its_place() {
	for folder in validator/lib/*/; do
		name=$(basename "$folder")
		case " $folders " in
		*" $name "*) ;;
		*) echo "validator/lib/$name has no place in the order of folders" ;;
		esac
	done
}

folders_use_only_folders_before_them() {
	before=" "
	for folder in $folders; do
		before="$before$folder "
		[ -d "validator/lib/$folder" ] || continue
		grep -H '#include "[a-z_]*/' validator/lib/"$folder"/*.[ch] |
			sed 's/^\([^:]*\):.*"\(.*\)".*/\1 \2/' |
			while read -r file header; do
				case "$before" in
				*" ${header%%/*} "*) continue ;;
				esac
				echo "$file uses $header"
			done
	done
}

# And services of base/, which know nothing of messages: the nearest word, visible text, and which files were read.
the_program_uses_the_public_header_alone() {
	before=" "
	for room in $rooms; do
		folder=validator/$room
		[ -d "$folder" ] || continue
		before="$before$room "
		grep -H '#include "' "$folder"/*.[ch] | sed 's/^\([^:]*\):.*"\(.*\)".*/\1 \2/' |
			while read -r file header; do
				[ "$header" = cpis.h ] || [ "$header" = cpis_service.h ] || [ "$header" = cpis_options.def ] ||
					case "$before" in *" ${header%/*} "*) true ;; *) false ;; esac ||
					[ "$header" = base/near.h ] ||
					[ "$header" = base/inputs.h ] ||
					[ "$header" = base/character.h ] ||
					[ "$header" = lazy_functions.h ] || # made by the build
					[ -f "$folder/$header" ] ||
					echo "$file uses $header"
			done
	done
}

# What comes from elsewhere is printed by print() of terminal.c, which makes it visible. The help, the
# completions and the list of rules print words of the program alone.
the_program_prints_through_one_function() {
	grep -Hn '\<\(printf\|fprintf\|puts\|fputs\|fwrite\|putchar\|fputc\) *(' validator/cli/*.c |
		grep -v '/\(ci\|help\|completion\|rules\|terminal\)\.c:' | grep -v '(file, \|, file)' |
		sed 's/:.*//; s/$/ prints by itself/' | sort -u
}

# The one door to libxml2 and libxslt is xml/.
only_xml_sees_libxml2() {
	grep -l '#include <lib\(xml\|xslt\|exslt\)/' validator/lib/*/*.[ch] $(room_files '[ch]') |
		grep -v '^validator/lib/xml/'
}

every_header_compiles_alone() {
	flags=$(pkg-config --cflags libxml-2.0 libxslt yaml-0.1 nettle libmicrohttpd sqlite3 libcurl)
	for header in validator/include/*.h validator/lib/*/*.h $(room_files h) validator/tests/*.h; do
		echo "$header"
	done | xargs -P 4 -n 8 "${CC:-cc}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror \
		-Wno-pragma-once-outside-header -Wno-unused-function -Wno-unused-const-variable \
		-Wno-unused-variable -fsyntax-only -x c -Ivalidator/include -Ivalidator/lib -Ivalidator $flags 2>&1 |
		grep -E 'error|warning'
}

every_source_includes_its_own_header_first() {
	for source in validator/lib/*/*.c; do
		own=$(echo "${source%.c}.h" | sed 's,^validator/lib/,,')
		[ -f "validator/lib/$own" ] || continue
		first=$(grep -m1 '#include' "$source" | sed 's/.*["<]\(.*\)[">].*/\1/')
		[ "$first" = "$own" ] || echo "$source includes $first before $own"
	done
}

every_header_has_a_guard_of_its_own() {
	grep -h '^#ifndef CPIS.*_H$' validator/include/*.h validator/lib/*/*.h $(room_files h) | sort |
		uniq -d
	for header in validator/include/*.h validator/lib/*/*.h $(room_files h); do
		grep -q '^#ifndef CPIS.*_H$' "$header" || echo "$header has no guard"
	done
}

# Both sides of every arrow from one file to another, where x.c and x.h are one file.
includes() {
	grep -H '^#include "[a-z_]*/' validator/lib/*/*.[ch] |
		sed 's,^validator/lib/\([^:]*\)\.[ch]:#include "\(.*\)\.[a-z]*".*,\1 \2,' |
		awk '$1 != $2' | sort -u
}

# Objects of sources that are gone may still lie about.
calls() {
	build=$(dirname "${CPIS_PROGRAM:-build/cpis}")
	ls validator/lib/*/*.c | sed "s,^validator,$build,; s/c$/o/" | xargs ls 2>/dev/null |
		xargs nm -A -g | sed "s,^$build/lib/\([^:]*\)\.o:,\1 ," | awk '
		$3 == "T" || $3 == "W" { defined_in[$4] = $1 }
		$2 == "U" { user[++count] = $1; used[count] = $3 }
		END {
			for (i = 1; i <= count; i++)
				if (used[i] in defined_in && defined_in[used[i]] != user[i])
					print user[i], defined_in[used[i]]
		}' | sort -u
}

# Neither by includes, nor by calls, nor by both together. tsort names the files of a circle.
no_files_need_each_other_in_a_circle() {
	[ -n "$(calls)" ] || echo "no objects of the library were found beside the program"
	{ includes && calls; } | tsort 2>&1 >/dev/null |
		sed 's/^tsort: -: .*/these files need each other:/; s/^tsort://'
}

# One file alone includes each of these: they are interfaces of files that are an idea of their own.
headers_of_one_user="config/yaml engine/payload engine/sequence base/window message/bindings
	fix/fixers formats/formats pack/edit pack/prepare report/assets report/diff results/merge
	xml/schematron_file xml/xslt"

a_header_has_several_users() {
	listed=" $(echo $headers_of_one_user) "
	{ ls validator/lib/*/*.h | sed 's,^validator/lib/\(.*\)\.h$,. \1,' && includes; } |
		awk '{ users[$2] += $1 != "." } END { for (file in users) print file, users[file] }' |
		while read -r file count; do
			[ -f "validator/lib/$file.h" ] || continue
			case "$listed" in
			*" $file "*) [ "$count" -eq 1 ] || echo "$file.h has $count users: take it off the list" ;;
			*) [ "$count" -gt 1 ] || echo "$file.h has $count users" ;;
			esac
		done
}

the_library_has_few_files() {
	count=$(find validator/lib -name '*.[ch]' | wc -l)
	[ "$count" -le 330 ] || echo "validator/lib has $count files"
	for folder in validator/lib/* $(echo " $rooms" | sed 's, , validator/,g'); do
		[ -d "$folder" ] || continue
		count=$(find "$folder" -name '*.[ch]' | wc -l)
		[ "$count" -le 36 ] || echo "$folder has $count files"
	done
}

no_file_is_two_ideas_long() {
	wc -l validator/lib/*/*.[ch] $(room_files '[ch]') validator/tests/*.[ch] |
		awk '$2 != "total" && $1 > 1000 { print $2 " has " $1 " lines" }'
}

no_function_is_longer_than_sixty_lines() {
	awk 'FNR == 1 { start = 0 }
	     /^\{/ { start = FNR }
	     /^\}/ { if (start && FNR - start > 60) print FILENAME ":" start " " FNR - start " lines"
		     start = 0 }' validator/lib/*/*.c $(room_files c)
}

# A check is called by the type of its kind of part: PART_PLAN goes with { .plan = ... }.
every_check_is_of_the_kind_that_its_row_names() {
	awk '/^(static )?const struct rule [a-z_0-9]+ = \{$/ { inside = 1 } /^\};/ { inside = 0 } inside' \
		validator/lib/rules/*.c | grep -oE 'PART_[A-Z_]+|\{ \.[a-z_]+' |
		awk '$1 == "PART_NONE" { next }
		     $1 != "{" { if (kind) print kind " has no check"; kind = $1; next }
		     { if ("PART_" toupper(substr($2, 2)) != kind)
			       print "a check of " substr($2, 2) " is on " (kind ? kind : "no kind of part")
		       kind = ""; count++ }
		     END { if (count < 200) print "only " count + 0 " checks were found" }'
}

# The library returns failures: it does not print, exit, or read the environment or the clock.
the_library_does_not_print_exit_or_read_the_environment() {
	grep -nE '(^|[^a-z_])(printf|puts|putchar|perror|exit|_exit|abort|getenv|time|gettimeofday) ?\(' \
		validator/lib/*/*.c | grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|.*".*\b(exit|time|printf)\b.*")' |
		grep -v 'vsnprintf\|snprintf'
	grep -nE 'fprintf\((stderr|stdout)' validator/lib/*/*.c
}

# Several threads may use the library at once: it calls no function that keeps one state for all.
the_library_calls_nothing_that_threads_cannot_share() {
	grep -nE '(^|[^a-z_])(strtok|gmtime|localtime|ctime|asctime|s?rand|random|setlocale|setenv|chdir|umask) ?\(' \
		validator/lib/*/*.c | grep -vE '^[^:]*:[0-9]*:[[:space:]]*/?\*'
}

# Nothing shows where it was made. The patterns are in pieces, so that they are not found here.
no_path_of_a_machine_is_in_the_tree() {
	top=$(pwd -P)
	patterns="/ho""me/[a-z]|/ro""ot/|/Us""ers/|/wo""rk/|(^|[^r])/tm""p/"
	case $top in
	/ | /usr*) ;;
	*) patterns="$patterns|$top/" ;;
	esac
	grep -rnIE --exclude=.git --exclude-dir=.git --exclude-dir=build "$patterns" . | cut -c1-200
}

nothing_is_left_for_later() {
	grep -rnwE 'TO''DO|FIX''ME|XX''X|HA''CK' validator scripts Makefile .ci | cut -c1-200
}

for test in every_folder_of_the_library_has_its_place folders_use_only_folders_before_them \
	no_files_need_each_other_in_a_circle a_header_has_several_users the_library_has_few_files \
	the_program_uses_the_public_header_alone \
	the_program_prints_through_one_function only_xml_sees_libxml2 \
	every_header_compiles_alone every_source_includes_its_own_header_first \
	every_header_has_a_guard_of_its_own no_file_is_two_ideas_long \
	no_function_is_longer_than_sixty_lines every_check_is_of_the_kind_that_its_row_names \
	the_library_does_not_print_exit_or_read_the_environment \
	the_library_calls_nothing_that_threads_cannot_share \
	no_path_of_a_machine_is_in_the_tree nothing_is_left_for_later; do
	claim "$test"
done
conclude
