#!/bin/sh
# cpis.yaml, --exclude, --baseline of validate, --watch, and the forms of text. Run from the top of the tree.
set -u
. validator/tests/claims.sh
program=$(realpath "${CPIS_PROGRAM:-build/cpis}")
good=$(realpath testcases/messages/upload-one.xml)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# expect CODE TEXT WORDS... - the program ends with this code and says this text.
expect() {
	code=$1 text=$2
	shift 2
	# A difference takes no time.
	case $1 in diff) ;; *) set -- "$@" --now 20261101 ;; esac
	out=$("$program" "$@" 2>&1)
	got=$?
	[ "$got" -eq "$code" ] || echo "cpis $*: exit $got, not $code"
	case $out in *"$text"*) ;; *) echo "cpis $*: does not say \"$text\": $out" ;; esac
}

fresh() {
	rm -rf "$folder/here"
	mkdir -p "$folder/here/messages/old" "$folder/here/deep/er"
	cd "$folder/here" || exit
	mkdir .git
	cp "$good" messages/a.xml
	sed 's/transmissionQuantity value="1"/transmissionQuantity value="7"/' "$good" >messages/old/b.xml
}

settings_are_found_upwards_and_said_in_every_report() {
	fresh
	printf 'environment: live\nfail-on: never\nexclude: [ old ]\nreports: [ json=out.json ]\n' >cpis.yaml
	said='Settings were taken from cpis.yaml (environment live, exclude old, fail-on never, report json=out.json).'
	expect 0 "$(echo "$said" | cut -c1-40)" validate messages
	grep -q '"settings"' out.json || echo "the JSON does not name the settings"
	for format in text md tap; do
		"$program" validate messages -r $format | tr -s '\n ' ' ' | grep -q 'exclude old' ||
			echo "$format does not say the settings"
	done
	cd deep/er || exit
	expect 0 '../../cpis.yaml (environment live' validate ../../messages -r md
	[ -s ../../out.json ] || echo "the report is not beside the settings"
	expect 1 'NHS-007' validate ../../messages --fail-on error
	expect 1 'UPL-001' validate ../../messages --no-settings
}

settings_of_the_judged_folder_are_not_obeyed() {
	fresh
	printf 'fail-on: never\n' >messages/cpis.yaml
	expect 1 'UPL-001' validate messages
}

settings_stop_at_the_top_of_a_repository() {
	fresh
	printf 'fail-on: never\n' >../cpis.yaml
	expect 1 'UPL-001' validate messages
	rm -f ../cpis.yaml
}

wrong_settings_are_an_error() {
	fresh
	printf 'fail-on: nevr\n' >cpis.yaml
	expect 2 "cpis.yaml:1:10: 'fail-on' cannot be 'nevr'" validate messages
	printf 'reports: [ json=/etc/x ]\n' >cpis.yaml
	expect 2 'cpis.yaml:1' validate messages
	printf 'reports: [ jsn=x ]\n' >cpis.yaml
	expect 2 'did you mean json' validate messages
	ln -sf nothing.yaml cpis.yaml
	expect 2 'cpis.yaml: cannot be read' validate messages
	expect 1 'UPL-001' validate messages --no-settings
}

# Each problem, by lint as by the run that it would stop.
lint_finds_what_would_stop_a_run() {
	fresh
	printf 'reports: [ nope=y ]\n' >cpis.yaml
	expect 2 "cpis.yaml:1:12: there is no report 'nope'" lint cpis.yaml
	printf 'reports: [ json=out.json, jsn=y ]\n' >cpis.yaml
	expect 2 "cpis.yaml:1:27: there is no report 'jsn': did you mean 'json'?" lint cpis.yaml
	printf 'baseline: nofile.yaml\nprofile: none.yaml\n' >cpis.yaml
	expect 2 "cpis.yaml:1:11: 'nofile.yaml' cannot be read: No such file or directory" lint cpis.yaml
	expect 2 "cpis.yaml:2:10: 'none.yaml' cannot be read: No such file or directory" lint cpis.yaml
	printf 'baseline: deep/known.yaml\nprofile: deep/strict.yaml\n' >cpis.yaml
	printf -- '- { rule: UPL-001 }\n' >deep/known.yaml
	printf 'profile: p\nrules:\n  - { rule: NOPE-1, severity: off }\n  - { severity: off }\n' >deep/strict.yaml
	expect 2 "deep/known.yaml:1:3: an accepted finding has no 'path'" lint cpis.yaml
	for path in cpis.yaml deep/strict.yaml; do
		expect 2 "deep/strict.yaml:3:5: a change of a rule has no 'reason'" lint $path
		expect 2 "deep/strict.yaml:3:13: there is no rule NOPE-1" lint $path
		expect 2 "deep/strict.yaml:4:5: a change has either a 'rule' or a 'family'" lint $path
	done
	printf -- '- { rule: UPL-001, path: /File }\n' >deep/known.yaml
	printf 'profile: p\nrules:\n  - { rule: UPL-001, severity: warning, reason: r }\n' >deep/strict.yaml
	expect 0 'no problems found' lint cpis.yaml
	printf 'exclude: [ "" ]\n' >cpis.yaml
	expect 2 "cpis.yaml:1:12: 'exclude' has a text that is empty" lint cpis.yaml
	for report in html=none/report.html html=deep html=deep/; do
		printf 'reports: [ %s ]\n' "$report" >cpis.yaml
		expect 2 "cpis.yaml:1:12: '${report#*=}' cannot be written: " lint cpis.yaml
		expect 2 '' validate messages
	done
	printf 'reports: [ html=deep/../deep/er/report.html, json=messages/../out.json ]\n' >cpis.yaml
	expect 0 'no problems found' lint cpis.yaml
}

# A text that has a problem is looked at no further.
a_faulty_setting_has_one_problem() {
	fresh
	for line in 'profile: ""' 'baseline: ""' 'baseline: /none.yaml' 'profile: [ a ]' 'profile: ~' \
		'reports: [ nope ]' 'reports: [ html=/none/x ]' 'reports: [ nope= ]'; do
		echo "$line" >cpis.yaml
		expect 2 'cpis.yaml:1' lint cpis.yaml
		[ "$(echo "$out" | grep -c 'cpis.yaml:1')" -eq 1 ] || echo "$line: not one problem: $out"
		case $out in *'of the pack'*) echo "$line: there is no pack: $out" ;; esac
	done
	echo 'baseline: /none.yaml' >cpis.yaml
	expect 2 "'baseline': the path must be relative to the folder of the settings" lint cpis.yaml
}

excluded_files_are_listed() {
	fresh
	expect 0 'leave it out' validate messages --exclude old
	expect 0 'leave it out' validate messages --exclude 'b.*'
	expect 0 'leave it out' validate messages --exclude 'old/*.xml'
	expect 1 'UPL-001' validate messages --exclude 'c.*'
	expect 2 'no messages found' validate messages --exclude '*'
	# Paths are below the folder that is named, however it is named.
	for folder in messages ./messages messages/ "$PWD/messages"; do
		expect 0 'leave it out' validate "$folder" --exclude 'old/*'
		expect 1 'UPL-001' validate "$folder" --exclude messages
		expect 1 'UPL-001' validate "$folder" --exclude 'messages/*'
	done
}

a_baseline_of_the_settings_is_named() {
	fresh
	printf 'baseline: known.yaml\n' >cpis.yaml
	printf '[]\n' >known.yaml
	expect 2 'cpis.yaml (baseline known.yaml' validate messages --fix --dry-run
	expect 2 'give --no-settings' validate messages --shard 1/2 -q
	expect 0 'UPL-001' validate messages --fix --dry-run --no-settings
}

a_baseline_accepts_what_is_known() {
	fresh
	expect 0 '' validate messages --baseline known.yaml --update-baseline -q
	grep -q 'rule: UPL-001' known.yaml || echo "the baseline does not have the finding"
	expect 0 'accepted' validate messages --baseline known.yaml
	sed 's/value="7"/value="7" x="1"/' messages/old/b.xml >messages/old/c.xml
	expect 1 'SCH-004' validate messages --baseline known.yaml
	rm messages/old/c.xml
	expect 0 'Passed with exceptions: both messages passed. 1 error and 1 warning are accepted.' \
		validate messages --baseline known.yaml -r tap
	# In every message, unless an entry names one.
	cp messages/old/b.xml messages/old/d.xml
	expect 0 'Passed with exceptions: both messages passed. 2 errors and 1 warning are accepted.' \
		validate messages/old --baseline known.yaml
	printf -- '- { rule: UPL-001, path: /File/transmissionQuantity/@value, message: messages/old/b.xml }\n' >one.yaml
	expect 1 'Not conformant: 1 of 2 messages failed' validate messages/old --baseline one.yaml
	expect 0 'Passed with exceptions' validate messages/old/b.xml --baseline one.yaml
	expect 0 'Passed with exceptions' validate ./messages/old/b.xml --baseline one.yaml
	expect 0 '' validate -q messages/old --baseline one.yaml --update-baseline
	[ "$(grep -c message: one.yaml)" = 1 ] && [ "$(grep -c UPL-001 one.yaml)" = 2 ] || cat one.yaml
	rm messages/old/*.xml
	expect 0 'known.yaml:' validate messages --baseline known.yaml
}

every_report_with_room_names_the_profile_and_its_reasons() {
	fresh
	printf 'profile: pilot\nrules:\n  - { rule: UPL-022, severity: "off", reason: Trimmed later. }\n' >p.yaml
	for format in text short json html certificate junit sarif tap csv md xml; do
		expect 0 'Trimmed later' validate messages/a.xml --profile p.yaml -r $format
		expect 0 'pilot' validate messages/a.xml --profile p.yaml -r $format
	done
	expect 0 'Partial: the message passed. 1 rule is turned off.' validate messages/a.xml --profile p.yaml
}

findings_are_grouped_counted_and_short() {
	fresh
	expect 1 'UPL-001 transmissionQuantity differs from the number of records: 1' \
		validate messages --group rule --exclude a.xml
	expect 1 '      1  UPL-001   transmissionQuantity differs' validate messages --statistics
	expect 1 'messages/old/b.xml:5:31: error: transmissionQuantity is 7, but the file has 1 record [UPL-001]' \
		validate messages -r short
	awk '/<record>/ { copy = 1 } copy { text = text $0 "\n" } /<\/record>/ {
		gsub(/>Zo/, "> Zo", text); for (i = 0; i < 9; i++) printf "%s", text; copy = 0; text = ""; next } !copy' \
		"$good" | sed 's/Quantity value="1"/Quantity value="9"/' >many.xml
	expect 0 'more of' validate many.xml --per-rule 2
}

two_messages_differ_in_words() {
	fresh
	sed 's,</component>,</component><component1><cPPEndDate><value value="202609301030"/></cPPEndDate></component1>,
		s,<given>[^<]*<,<given>Ada<,' messages/a.xml >messages/later.xml
	expect 1 'record of [NHS number #1]: end date of the child protection plan added: 202609301030' \
		diff messages/a.xml messages/later.xml
	expect 1 'changed from [name #' diff messages/a.xml messages/later.xml
	expect 0 '1 the same' diff messages/a.xml messages/a.xml
	expect 2 'text or json' diff messages/a.xml messages/later.xml -r md
}

changes_are_watched() {
	fresh
	timeout 200 "$program" validate messages --exclude old --watch >watch.out 2>watch.err &
	watcher=$!
	awaits grep -qs watching watch.err
	cp messages/old/b.xml messages/a.xml
	awaits grep -qs 'Not conformant' watch.out
	kill "$watcher"
	grep -q '^Partial' watch.out || echo "the first run is missing"
	grep -q 'Not conformant' watch.out || echo "the change was not seen"
}

# As editors save: a new file takes the name of the old one. A folder is made again, too.
what_is_replaced_is_watched() {
	fresh
	mkdir own
	own_rule first >own/rules.sch
	timeout 200 "$program" validate messages --exclude old --schematron own/rules.sch --watch >watch.out 2>watch.err &
	watcher=$!
	awaits grep -qs watching watch.err
	own_rule second >own/new && mv own/new own/rules.sch
	awaits grep -qs 'the second rule' watch.out
	mv messages before && cp -r before messages
	own_rule third >own/new && mv own/new own/rules.sch
	awaits grep -qs 'the third rule' watch.out
	kill "$watcher"
	grep -q 'the second rule' watch.out || echo "the rules that took the name are not read"
	grep -q 'the third rule' watch.out || echo "the folder that was made again is not read"
	if grep 'Permission denied' watch.out watch.err; then echo "it is not followed"; fi
}

own_rule() {
	echo '<schema xmlns="http://purl.oclc.org/dsdl/schematron"><pattern><rule context="/*">'
	echo "<assert test=\"false()\">the $1 rule</assert></rule></pattern></schema>"
}

# says_once CODE LINES WORDS... - the program ends with this code and says so many lines on standard error.
says_once() {
	code=$1 lines=$2
	shift 2
	"$program" "$@" >out 2>err
	got=$?
	[ "$got" -eq "$code" ] || echo "cpis $*: exit $got, not $code"
	[ "$(wc -l <err)" -eq "$lines" ] || { echo "cpis $* says:"; cat err; }
}

a_problem_is_printed_once_and_many_are_counted() {
	fresh
	printf 'pack: p\nversion: 1.0.0\ntitle: t\ncases:\n  - id: x\n    title: t\n    message: messages/a.xml\n    expect: { verdict: pass }\n    titel: y\n' >pack.yaml
	says_once 2 1 lint pack.yaml
	says_once 2 1 run pack.yaml
	printf '    tytle: y\n' >>pack.yaml
	says_once 2 3 lint pack.yaml
	grep -q '^cpis: 2 problems$' err || cat err
	says_once 2 4 lint pack.yaml pack.yaml/none
	printf 'NHS number,plan\nx,y\n' >expected.csv
	says_once 2 1 ledger messages --expected expected.csv
}

every_file_that_people_write_is_linted_as_what_it_is() {
	fresh
	printf 'fail-on: warnin\n' >cpis.yaml
	expect 2 "did you mean 'warning'" lint cpis.yaml
	printf 'profile: p\nrules:\n  - rule: DAT-03\n    severity: off\n    reason: r\n' >strict.yaml
	expect 2 "DAT-03" lint strict.yaml
	printf 'scenarios:\n  - name: slow\n    replies: [ silence ]\n' >slow.yaml
	rm cpis.yaml
	expect 0 "no problems found" lint slow.yaml
	printf -- '- rule: UPL-001\n  pth: /a\n' >baseline.yaml
	expect 2 "'pth' in a" lint baseline.yaml
}

rules_that_could_not_be_checked_are_named() {
	top=$(dirname "$good")/..
	one=$top/rules/DAT-003/fail-a-minute-before.xml
	expect 1 '1 rule (UPL-030) could not be checked, because the part it applies to was broken' \
		validate "$one" -r md
	many=$("$program" validate "$top/rules/SCH-001" -r md | grep -oE '[0-9]+ rules \(([A-Z]+-[0-9]+, ){4}.*more\)')
	[ "${many%% *}" -eq "$((5 + $(echo "$many" | sed 's/.* and \([0-9]*\) more)/\1/')))" ] || echo "not all are counted: $many"
}

# Each error and warning of the text report, and nothing else, as GitHub would read its lines.
the_problem_matcher_finds_every_error_and_warning() {
	top=$(dirname "$good")/..
	pattern=$(sed -n 's/^ *"regexp": "\(.*\)",$/\1/p' "$top/../templates/problem-matcher.json" |
		sed 's/\\\\d/[0-9]/g; s/\\\\\([][]\)/\\\1/g')
	fresh
	cp "$top/rules/DAT-003/fail-a-minute-before.xml" "$top/rules/NHS-003/"fail-*.xml messages/
	for folder in messages "$top/hostile" "$top/transport"; do
		"$program" validate "$folder" --now 20261101 >text
		found=$(grep -cE "$pattern" text)
		listed=$("$program" validate "$folder" --now 20261101 -r json | grep -cE '^ *"severity": "(error|warning)",$')
		[ "$found" -eq "$listed" ] || echo "$folder: the matcher finds $found of $listed"
	done
	first=$("$program" validate messages/fail-a-minute-before.xml --now 20261101 | sed -nE "s~$pattern~\\1,\\2,\\3,\\4,\\6~p")
	[ "$first" = "messages/fail-a-minute-before.xml,26,22,error,DAT-003" ] || echo "it reads $first"
}

for test in the_problem_matcher_finds_every_error_and_warning rules_that_could_not_be_checked_are_named a_problem_is_printed_once_and_many_are_counted every_file_that_people_write_is_linted_as_what_it_is \
	settings_are_found_upwards_and_said_in_every_report settings_of_the_judged_folder_are_not_obeyed \
	settings_stop_at_the_top_of_a_repository wrong_settings_are_an_error \
	lint_finds_what_would_stop_a_run a_faulty_setting_has_one_problem excluded_files_are_listed a_baseline_of_the_settings_is_named \
	a_baseline_accepts_what_is_known every_report_with_room_names_the_profile_and_its_reasons findings_are_grouped_counted_and_short \
	two_messages_differ_in_words changes_are_watched what_is_replaced_is_watched; do
	claim "$test"
done
conclude
