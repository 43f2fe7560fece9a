#!/bin/sh
# The journal of cpis simulate as evidence: a system that asks and uploads as the packs want is certified by what the
# simulator kept, and a journal that is spoiled, or of a system that does not, is not. Run from the top of the tree;
# CPIS_PROGRAM is the program.
set -u
cpis=${CPIS_PROGRAM:-build/cpis}
. validator/tests/claims.sh
packs=testcases/packs
if ! command -v python3 >/dev/null; then
	echo "[  FAILED  ] the client is in Python: install python3"
	exit 1
fi
now=2026-11-01T12:00:00Z
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-journal-XXXXXX") || exit 2
twin=
trap '[ -n "$twin" ] && kill "$twin" 2>/dev/null; rm -rf "$scratch"' EXIT

# start PACK [OPTIONS...] - a twin with the pack's children and scenarios, and a journal; its address in $url
start() {
	pack=$1
	shift
	: >"$scratch/listens"
	sed 's/delay: 8000/delay: 100/; s/replies: .silence,/replies: [{ reply: silence, delay: 100 },/' "$packs/$pack/simulator/scenarios.yaml" >"$scratch/scenarios.yaml"
	case "$*" in *--journal*) ;; *) set -- "$@" --journal "$scratch/$pack" ;; esac
	"$cpis" simulate --listen 127.0.0.1:0 --now $now --scenarios "$scratch/scenarios.yaml" "$@" \
		>"$scratch/listens" 2>"$scratch/log" &
	twin=$!
	awaits has_started
	[ -n "$url" ] || echo "the twin does not start: $(cat "$scratch/log")"
}

has_started() {
	ended=
	kill -0 "$twin" 2>/dev/null || ended=yes
	url=$(sed -n 's/.*\(http:.*\)\/$/\1/p' "$scratch/listens")
	[ -n "$url" ] || [ "$ended" ]
}

stop() {
	kill -9 "$twin" && wait "$twin" 2>/dev/null
	twin=
}

# send URL FILE SECONDS [HEADER: VALUE...] - a file by POST; it is fine if there is no answer
send() {
	python3 - "$@" <<'END'
import sys
import urllib.request
url, file, seconds = sys.argv[1:4]
headers = dict(header.split(": ", 1) for header in sys.argv[4:])
headers.setdefault("Content-Type", "application/octet-stream")
try:
    with open(file, "rb") as body:
        urllib.request.urlopen(urllib.request.Request(url, body.read(), headers), timeout=float(seconds)).read()
except OSError:
    pass
END
}

# post FILE ACTION [NUMBER] - a query; for another NHS number, with ids of its own
post() {
	sent=$((sent + 1))
	sed "s/$number_of_file/${3:-$number_of_file}/; s/root=\"[0-9A-F]\{8\}-/root=\"$(printf %08X "$sent")-/
		s/trackingid=\"[0-9A-F]\{8\}-/trackingid=\"$(printf %08X "$sent")-/" "$1" >"$scratch/query-$sent.xml"
	[ "${2#*itk}" = "$2" ] || in_soap "$scratch/query-$sent.xml"
	send "$url/sync-service" "$scratch/query-$sent.xml" 60 'Content-Type: text/xml; charset=UTF-8' \
		"SOAPAction: \"$2\""
}

# in_soap FILE - a distribution envelope gets the SOAP envelope of a good message, with an id of its own
in_soap() {
	good=testcases/messages/itk-soap-query.xml
	{
		sed '/<soap:Body>/q' "$good" | sed "s/\(MessageID>urn:uuid:\)[0-9A-F]*/\1$(printf %08X "$sent")/
			s/<wsu:\(Created\|Expires\)>[0-9-]*T/<wsu:\1>2026-11-01T/"
		sed 1d "$1"
		sed -n '/<\/soap:Body>/,$p' "$good"
	} >"$1.soap"
	mv "$1.soap" "$1"
}

# A client that does all that the packs of queries ask for.
ask_all() {
	sent=0
	for query in "$packs/$1"/evidence/*-query.xml; do
		number_of_file=$(sed -n 's/.*<person.NHSnumber>.*//; s/.*<value extension="\(999[0-9]*\)".*/\1/p' "$query")
		post "$query" "$2"
	done
	query=$packs/$1/evidence/emergency-department-query.xml
	number_of_file=9996312879
	post "$query" "$2" 9990000018
	post "$query" "$2" 9990000018
	post "$query" "$2" 9990000026
	post "$query" "$2" 9990000026
	post "$query" "$2" 9990000034
}

# upload FILE [NUMBER] - as it is, or with another sequence number
upload() {
	sed "0,/<id extension=\"[0-9]*\"/s//<id extension=\"${2:-1}\"/" "$1" >"$scratch/upload.xml"
	send "$url/messageexchange/BOX1/outbox" "$scratch/upload.xml" 60 'Mex-To: CPISTWIN' 'Mex-WorkflowID: CPIS'
}

upload_all() {
	evidence=$packs/la-upload/evidence
	: >"$scratch/empty"
	send "$url/messageexchange/BOX1" "$scratch/empty" 60 'Mex-ClientVersion: 1' 'Mex-OSName: x' 'Mex-OSVersion: 1'
	upload "$evidence/upload-initial.xml" 1
	upload "$evidence/upload-initial.xml" 2
	upload "$evidence/upload-ends.xml" 3
	upload "$evidence/upload-deletes.xml" 4
}

# run EXIT WORDS JOURNAL - the pack over the journal has this exit code, and says the words
run() {
	"$cpis" run "$packs/$pack/certify-journal.yaml" --now $now --evidence "$3" >"$scratch/said" 2>&1
	code=$?
	[ $code -eq "$1" ] && tr -s ' \n' '  ' <"$scratch/said" | grep -qF -- "$2" && return
	echo "$pack over $3: exit $code, not $1, or not: $2"
	head -60 "$scratch/said"
}

# spoil EXIT WORDS COMMANDS - the journal after the commands, which are run in its folder
spoil() {
	rm -rf "$scratch/spoilt"
	cp -R "$scratch/$pack" "$scratch/spoilt"
	(cd "$scratch/spoilt" && eval "$3") || echo "cannot be spoiled: $3"
	run "$1" "$2" "$scratch/spoilt"
}

a_journal_certifies_a_client_of_spine() {
	start nhs-query --load "$packs/nhs-query/simulator/children.xml"
	ask_all nhs-query urn:nhs:names:services:cpisquery/QUPC_IN000006GB01
	stop
	run 0 "all 12 cases passed" "$scratch/nhs-query"
}

a_journal_certifies_a_client_of_the_mini_service() {
	start nhs-query-itk --load "$packs/nhs-query-itk/simulator/children.xml"
	ask_all nhs-query-itk urn:nhs-itk:services:201005:sendRecvDistEnvelope
	stop
	run 0 "all 12 cases passed" "$scratch/nhs-query-itk"
}

a_journal_certifies_uploads() {
	start la-upload
	upload_all
	stop
	run 0 "all 4 cases passed" "$scratch/la-upload"
}

# An error report holds no message, and the simulator's results have its digest all the same.
an_error_report_is_the_one_that_was_kept() {
	start la-upload --journal "$scratch/report"
	upload_all
	head -c 300 "$packs/la-upload/evidence/upload-ends.xml" >"$scratch/broken.xml"
	upload "$scratch/broken.xml" 5
	stop
	grep -q '<DTSControl>' "$scratch"/report/*-reply.http || echo "no error report came"
	run 1 "fill no slot" "$scratch/report"
	if grep -q 'is not the one' "$scratch/said"; then echo "an unchanged reply is not the one"; fi
	for reply in "$scratch"/report/*-reply.http; do
		if grep -q '<DTSControl>' "$reply"; then sed -i 's/Error report/Error Report/' "$reply"; fi
	done
	run 1 "is not the one" "$scratch/report"
}

a_spoiled_journal_does_not_pass() {
	pack=nhs-query
	spoil 1 'no exchange of the journal fits' 'rm 000001-*; sed -i 1d journal.jsonl'
	spoil 1 'exchange 1 is missing' 'rm 000001-*; sed -i 1d journal.jsonl'
	spoil 1 'the request of exchange 2 is missing' 'rm 000002-request.http'
	spoil 1 'the results of exchange 2 are missing' 'rm 000002-results.xml'
	spoil 1 'the reply of exchange 2 is missing' 'rm 000002-reply.http'
	spoil 1 "'000002-results.xml' was cut off" 'truncate -s -12 000002-results.xml'
	spoil 1 "'1-request.http' fills no slot" 'cp 000001-request.http 1-request.http'
	spoil 1 'line 3 of journal.jsonl is not an exchange' 'sed -i "3s/, .scenario.*//" journal.jsonl'
	spoil 1 'has no line for exchange 3' 'sed -i 3d journal.jsonl'
	spoil 1 'has exchange 3 twice' 'sed -n 3p journal.jsonl >x; cat x >>journal.jsonl; rm x'
	spoil 1 'line 1 of journal.jsonl is not an exchange' 'sed -i "1s/.*/{}/" journal.jsonl'
	spoil 1 "is not the one that '000002-results.xml' is about" 'printf " " >>000002-request.http'
	spoil 1 "is not the one that '000002-results.xml' is about" 'sed -i s/202610/202609/ 000002-reply.http'
	spoil 1 'no exchange of the journal fits' ': >000004-request.http'
	spoil 1 "'000099-request.http' fills no slot" 'cp 000001-request.http 000099-request.http'
	spoil 1 'fills no slot' 'echo x >note.txt'
	spoil 1 'the evidence has no journal.jsonl' 'rm journal.jsonl'
	spoil 1 '2 exchanges fit: there must be one' 'for part in request.http reply.http results.xml; do
		cp 000001-$part 000013-$part; done; sed -n "1s/: 1,/: 13,/p" journal.jsonl >x; cat x >>journal.jsonl; rm x'
	spoil 1 'must come after exchange' 'for part in request.http reply.http results.xml; do
		[ -f 000010-$part ] && mv 000010-$part x; [ -f 000011-$part ] && mv 000011-$part 000010-$part
		[ -f x ] && mv x 000011-$part; done; true'
	spoil 1 'seconds after exchange' 'sed -i "/\"number\": 11,/s/\"time\": [0-9]*/\"time\": 1999999999/" journal.jsonl'
	spoil 1 'was not answered, and there is' '
		n=$(sed -n "s/.*number.: \([0-9]*\),.*\"none\".*/\1/p" journal.jsonl)
		cp 000001-reply.http "$(printf %06d "$n")-reply.http"'
}

a_client_that_does_not_try_again_is_not_certified() {
	start nhs-query --load "$packs/nhs-query/simulator/children.xml" --journal "$scratch/once"
	sent=0 number_of_file=9996312879
	query=$packs/nhs-query/evidence/emergency-department-query.xml
	post "$query" urn:nhs:names:services:cpisquery/QUPC_IN000006GB01 9990000026
	stop
	run 3 'no exchange of the journal fits' "$scratch/once"
}

a_twin_that_is_started_again_goes_on_in_its_journal() {
	start la-upload --journal "$scratch/again"
	upload_all
	stop
	start la-upload --journal "$scratch/again"
	upload "$packs/la-upload/evidence/upload-ends.xml"
	stop
	[ "$(grep -c . "$scratch/again/journal.jsonl")" -eq 5 ] || cat "$scratch/again/journal.jsonl"
	[ -f "$scratch/again/000005-request.http" ] || ls "$scratch/again"
}

# While its line was written: the exchange was not answered, and those after it are whole.
a_twin_that_was_killed_goes_on_after_half_a_line() {
	start la-upload --journal "$scratch/half"
	upload "$packs/la-upload/evidence/upload-initial.xml" 1
	upload "$packs/la-upload/evidence/upload-initial.xml" 2
	stop
	truncate -s -30 "$scratch/half/journal.jsonl"
	echo left >"$scratch/half/.cpis-0123456789abcdef"
	start la-upload --journal "$scratch/half"
	upload "$packs/la-upload/evidence/upload-ends.xml" 3
	stop
	for number in 1 3; do
		[ "$(grep -c "^{\"number\": $number, .*}$" "$scratch/half/journal.jsonl")" = 1 ] || cat "$scratch/half/journal.jsonl"
		for file in request.http reply.http results.xml; do
			[ -s "$scratch/half/00000$number-$file" ] || echo "there is no $file of exchange $number"
		done
	done
	[ "$(wc -l <"$scratch/half/journal.jsonl")" = 2 ] || cat "$scratch/half/journal.jsonl"
	run 1 'has no line for exchange 2' "$scratch/half"
	if grep -q 'cpis-0123' "$scratch/said"; then echo "a half-written file is evidence"; fi
}

a_request_that_fails_is_seen() {
	start la-upload --journal "$scratch/bad"
	upload_all
	echo '<not xml' >"$scratch/bad.xml"
	upload "$scratch/bad.xml"
	stop
	run 1 "'000005-request.http'" "$scratch/bad"
}

# Bodies that are small in gzip and too long without: one is refused, and what came by MESH cannot be read.
a_body_that_is_too_long_is_not_kept() {
	start la-upload --journal "$scratch/long"
	upload_all
	head -c 100000001 /dev/zero | gzip >"$scratch/long.gz"
	send "$url/sync-service" "$scratch/long.gz" 60 'Content-Encoding: gzip'
	[ -e "$scratch/long/000005-request.http" ] && echo "a body that is too long was kept"
	send "$url/messageexchange/BOX1/outbox" "$scratch/long.gz" 60 'Mex-To: CPISTWIN' 'Mex-WorkflowID: CPIS' \
		'Content-Encoding: gzip'
	stop
	[ -s "$scratch/long/000005-request.http" ] || ls "$scratch/long"
	find "$scratch/long" -size +2000k
}

# Where the files of an exchange cannot be kept, as on a full disk, there is no line of it, and the exit code says so.
what_could_not_be_kept_has_no_line() {
	start la-upload --journal "$scratch/lost"
	upload_all
	mv "$scratch/lost" "$scratch/away"
	lines=$(wc -l <"$scratch/away/journal.jsonl")
	upload_all
	kill "$twin"
	wait "$twin"
	code=$?
	twin=
	[ "$code" -eq 3 ] || echo "the exit code is $code"
	[ "$lines" -gt 0 ] || echo "nothing was kept at first"
	[ "$(wc -l <"$scratch/away/journal.jsonl")" -eq "$lines" ] || echo "there are lines without files"
	grep -q 'cannot' "$scratch/log" || echo "the log says nothing: $(cat "$scratch/log")"
}

# The data was keyed in by whoever sent the messages: the journal says when, and not the pack.
the_day_of_keying_is_that_of_the_journal() {
	kept=$packs packs=$scratch/packs pack=la-upload
	mkdir "$packs"
	cp -R "$kept/la-upload" "$packs"
	sed -i '0,/^        - { xpath/s//        - { xpath: "(\/\/creationTime\/@value)[1]", of: request, not-before: "keyed" }\n&/' \
		"$packs/la-upload/certify-journal.yaml"
	run 3 'the evidence has no keyed.yaml' "$scratch/la-upload"
	spoil 0 'all 4 cases passed' 'echo "keyed: 2026-10-12" >keyed.yaml'
	sed -i '1a keyed: 2026-10-01' "$packs/la-upload/certify-journal.yaml"
	spoil 1 'is not before' 'echo "keyed: 2026-10-13" >keyed.yaml'
	# It begins by clocks of the United Kingdom, which are an hour early until 25 October.
	sed -i '/^keyed: /d' "$packs/la-upload/certify-journal.yaml"
	now=2026-10-11T22:59:59Z
	spoil 2 'after the date of the run' 'echo "keyed: 2026-10-12" >keyed.yaml'
	now=2026-10-11T23:00:00Z
	spoil 1 'failed LAUJ-101' 'echo "keyed: 2026-10-12" >keyed.yaml'
	packs=$kept now=2026-11-01T12:00:00Z
}

claim a_journal_certifies_a_client_of_spine
claim a_journal_certifies_a_client_of_the_mini_service
claim a_journal_certifies_uploads
claim the_day_of_keying_is_that_of_the_journal
claim an_error_report_is_the_one_that_was_kept
claim a_spoiled_journal_does_not_pass
claim a_client_that_does_not_try_again_is_not_certified
claim a_twin_that_is_started_again_goes_on_in_its_journal
claim a_twin_that_was_killed_goes_on_after_half_a_line
claim a_request_that_fails_is_seen
claim a_body_that_is_too_long_is_not_kept
claim what_could_not_be_kept_has_no_line
conclude
