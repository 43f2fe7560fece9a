#!/bin/sh
# cpis send: a pack played to the twin, to servers that answer badly, and to none. Short of that, what it sends and
# what it refuses to send.
set -u
. validator/tests/claims.sh
. validator/tests/servers.sh
pack=testcases/packs/service

listen twin "$program" simulate --listen 127.0.0.1:0 --now 2026-11-02 --seed test
for kind in page constant silent slow large broken garbage head drops both surplus trailer folded; do
	listen "$kind" python3 validator/tests/tools/bad-server "$kind"
done
echo http://127.0.0.1:1 >"$folder/nowhere.url"

the_twin_passes() {
	play 0 twin $pack --journal "$folder/journal" -r json="$folder/results.json"
	says 'Conformant: all 26 cases passed'
	"$program" validate --request "$folder/journal/000005-request.http" \
		--response "$folder/journal/000005-reply.http" -q --now 2026-11-02 ||
		echo "the captures of the journal do not pass"
	[ "$(wc -l <"$folder/journal/journal.jsonl")" = 26 ] || echo "the journal has not 26 lines"
	grep -q '"door": "MESH", "request": "REPC_MT000002GB01", "request-verdict": "pass"' "$folder/journal/journal.jsonl" ||
		head -1 "$folder/journal/journal.jsonl"
	if grep -q 9993394130 "$folder/journal/journal.jsonl"; then echo "a line of the journal has an NHS number"; fi
}

the_twin_passes_again() {
	play 0 twin $pack --journal "$folder/journal"
	[ "$(wc -l <"$folder/journal/journal.jsonl")" = 52 ] || echo "the journal does not go on"
	[ -f "$folder/journal/000052-reply.http" ] || echo "the numbers of the journal do not go on"
}

a_journal_that_cannot_be_written_is_no_pass() {
	mkdir "$folder/full"
	ln -s /dev/full "$folder/full/journal.jsonl"
	play 3 twin $pack --only SVC-203 --journal "$folder/full"
	says 'journal.jsonl: it cannot be written'
}

# No id is sent twice, and no time is of the past.
ids_and_times_are_new_where_that_is_asked_for() {
	listen now "$program" simulate --listen 127.0.0.1:0 --seed test
	url=$(url_of now)
	for _ in 1 2; do
		"$program" send "$url" $pack --fresh --journal "$folder/fresh" >"$folder/said" 2>&1 ||
			grep -A4 -E '^  (failed|not run)' "$folder/said"
	done
	cat "$folder"/fresh/*-request.http | grep -o '<wsa:MessageID[^/]*' | sort | uniq -d
	grep -rhoE '<creationTime value="[0-9]+"' testcases/messages testcases/packs | sort -u >"$folder/times"
	[ -s "$folder/times" ] || echo "there are no times to look for"
	if grep -lFf "$folder/times" "$folder"/fresh/*-request.http; then echo "these are of the past"; fi
}

# The times of the pack are not of the day of the queries that --fresh makes: neither is listed for the other.
a_new_query_is_listed_beside_one_of_another_day() {
	listen days "$program" simulate --listen 127.0.0.1:0 --seed test --load testcases/messages/upload-five.xml
	"$program" send "$(url_of days)" $pack -q || echo "it fails as it is"
	"$program" send "$(url_of days)" $pack -q --fresh || echo "it fails afterwards with --fresh"
}

# What was sent and what came back, from each setting; what only a simulator can show stays open.
its_journal_is_evidence() {
	queries=testcases/packs/nhs-query
	listen loaded "$program" simulate --listen 127.0.0.1:0 --seed test --load $queries/simulator/children.xml \
		--scenarios $queries/simulator/scenarios.yaml
	"$program" send "$(url_of loaded)" $queries --only setting --fresh --journal "$folder/settings" -q
	"$program" run $queries/certify-journal.yaml --evidence "$folder/settings" >"$folder/said" 2>&1
	says '7 passed, 0 failed'
	sed -i 's/REPC_IN000007GB01/REPC_IN000003GB01/g' "$folder/settings/000001-reply.http"
	"$program" run $queries/certify-journal.yaml --evidence "$folder/settings" >"$folder/said" 2>&1
	[ $? = 1 ] || echo "an exchange that was changed is taken"
}

# A receipt in the connection, and the reply to the client's own endpoint.
later_replies_are_waited_for() {
	# Of this machine too, and of no other process: so the port that is free stays free.
	own=127.$(($$ / 62500 % 250 + 1)).$(($$ / 250 % 250)).$(($$ % 250 + 1))
	port=$(python3 -c 'import socket, sys; s = socket.socket(); s.bind((sys.argv[1], 0)); print(s.getsockname()[1])' "$own")
	listen later "$program" simulate --listen 127.0.0.1:0 --now 2026-11-02 --seed test \
		--callback "http://$own:$port/inbound"
	play 3 later $pack --only ebxml
	says 'see --reply-listen'
	play 0 later $pack --only ebxml --reply-listen "$own:$port" --journal "$folder/later"
	grep -q '^POST /inbound ' "$folder/later/000001-reply.http" || head -3 "$folder/later/000001-reply.http"
	play 2 later $pack --only ebxml --reply-listen here
	play 2 later $pack --only ebxml --reply-listen 0.0.0.0:0
	says 'without TLS'
}

a_pipeline_has_every_report() {
	"$program" ci "$folder/reports" send "$(url_of twin)" $pack --only spine --now 2026-11-02 >"$folder/said" 2>&1 ||
		cat "$folder/said"
	[ "$(cat "$folder/reports/verdict.txt")" = partial ] || cat "$folder/reports/verdict.txt"
	[ -s "$folder/reports/junit.xml" ] || ls "$folder/reports"
}

other_packs_are_played() {
	play 0 twin testcases/packs/nhs-query --only NQS-102 --only NQS-301 --only NQS-315 --only NQS-309
	says 'it passed\|all passed'
	play 1 twin testcases/packs/nhs-query --only NQS-101
	says 'missing: record 1'
	play 0 twin testcases/packs/la-upload --only LAU-001 --only LAU-305 --only LAU-503 --only LAU-601 --only LAU-702
	play 2 twin testcases/packs/la-upload/certify.yaml
	says 'nothing was sent'
}

a_page_fails() {
	play 1 page $pack --only SVC-203
	says 'failed    SVC-203'
	says 'HTTP status 404 and no message'
}

the_same_reply_to_all_fails() {
	play 1 constant $pack --only spine
	says 'PAIR-0'
}

# What a capture of the same bytes fails for.
a_reply_is_framed_by_what_its_head_says() {
	for kind in both surplus; do
		play 1 $kind $pack --only SVC-203 --journal "$folder/$kind"
		says TRN-006
		"$program" validate "$folder/$kind/000001-reply.http" --now 2026-11-02 -r short | grep -q TRN-006 ||
			echo "the capture of $kind passes"
	done
}

fields_of_the_body_are_not_of_the_head() {
	play 1 constant $pack --only SVC-203
	grep -o '[A-Z]\{3,4\}-[0-9]\{3\}' "$folder/said" | sort -u >"$folder/usual"
	for kind in trailer folded; do
		play 1 $kind $pack --only SVC-203
		grep -o '[A-Z]\{3,4\}-[0-9]\{3\}' "$folder/said" | sort -u | diff "$folder/usual" -
	done
}

# A server that drops every second request of a connection would get it again, unseen.
nothing_is_sent_twice() {
	play 1 drops $pack --only spine
	sent=$(grep -c 'a request' "$folder/drops.out")
	[ "$sent" = 7 ] || echo "$sent requests came"
}

no_server_is_incomplete() {
	play 3 nowhere $pack
	says 'was not reached'
	says '0 passed, 0 failed, 26 open'
	says '26 cases got no reply'
}

no_reply_is_incomplete() {
	play 3 silent $pack --only SVC-203
	says 'without a reply'
	play 3 slow $pack --only SVC-203 --timeout 1
	says 'within 1 seconds'
	play 3 garbage $pack --only SVC-203
	says 'the server was reached, and its reply is not HTTP/1.1'
	play 3 head $pack --only SVC-203
	says 'the reply has a header of more than 102400 bytes'
	play 3 broken $pack --only SVC-203
	says 'broke off'
	play 3 slow $pack --only spine --total-timeout 1
	says 'time of the run was up'
}

a_large_reply_is_incomplete() {
	play 3 large $pack --only SVC-203 --max-reply 10k
	says 'more than 10240 bytes'
}

the_rate_is_kept() {
	before=$(date +%s)
	play 0 twin $pack --only spine --rate 3 --skip SVC-201 --skip SVC-202
	[ $(($(date +%s) - before)) -ge 1 ] || echo "five requests in less than a second"
}

a_dry_run_sends_nothing() {
	play 0 nowhere $pack --dry-run
	says '26 messages would be sent. Nothing was sent.'
	says 'SOAPAction: "urn:nhs:names:services:cpisquery/QUPC_IN000006GB01"'
	says 'messageexchange/CPISSEND/outbox'
	says 'with a SOAP envelope that is made here'
	play 2 nowhere $pack --dry-run -r json
}

it_refuses_to_send() {
	for url in http://192.0.2.1 http://cpis.example/sync-service; do
		echo $url >"$folder/elsewhere.url"
		play 2 elsewhere $pack
		says 'without TLS'
	done
	play 0 elsewhere $pack --dry-run --plain-http
	for url in ftp://127.0.0.1 127.0.0.1 http://user:word@127.0.0.1 http://127.0.0.1/?a=b; do
		echo "$url" >"$folder/elsewhere.url"
		play 2 elsewhere $pack
	done
	play 2 nowhere
	play 2 nowhere $pack --tls-ca /none
	play 2 nowhere $pack --header 'no colon'
	play 2 nowhere testcases/packs/none
}

# Reports are handed on.
no_report_has_a_password() {
	play 3 nowhere $pack --only SVC-203 --mesh-password HIDDEN1 --mesh-key=HIDDEN2 --header 'Authorization: Bearer HIDDEN3' \
		--header=X-Key:HIDDEN4 -r json="$folder/h.json" -r html="$folder/h.html" -r xml="$folder/h.xml"
	if grep -l HIDDEN "$folder"/h.*; then echo "these have it"; fi
	grep -q '"--mesh-password", "\*\*\*", "--mesh-key=\*\*\*", "--header", "Authorization:\*\*\*"' "$folder/h.json" ||
		grep '"command"' "$folder/h.json"
}

a_twin_that_others_reach_says_so() {
	listen open "$program" simulate --listen 0.0.0.0:0
	grep -q 'other machines reach this address' "$folder/open.out" || cat "$folder/open.out"
	listen closed "$program" simulate --listen localhost:0
	if grep -q 'other machines' "$folder/closed.out"; then cat "$folder/closed.out"; fi
}

a_pack_for_a_server_is_not_run_without_one() {
	"$program" run $pack >"$folder/said" 2>&1
	[ $? = 3 ] || echo "cpis run does not say incomplete"
	says 'use cpis send'
	"$program" lint $pack >"$folder/said" 2>&1 || cat "$folder/said"
}

for claim in the_twin_passes the_twin_passes_again a_new_query_is_listed_beside_one_of_another_day a_journal_that_cannot_be_written_is_no_pass ids_and_times_are_new_where_that_is_asked_for \
	a_pipeline_has_every_report later_replies_are_waited_for its_journal_is_evidence other_packs_are_played a_page_fails a_reply_is_framed_by_what_its_head_says fields_of_the_body_are_not_of_the_head nothing_is_sent_twice the_same_reply_to_all_fails \
	no_server_is_incomplete no_reply_is_incomplete a_large_reply_is_incomplete the_rate_is_kept \
	a_dry_run_sends_nothing it_refuses_to_send no_report_has_a_password a_twin_that_others_reach_says_so a_pack_for_a_server_is_not_run_without_one; do
	claim $claim
done
conclude
