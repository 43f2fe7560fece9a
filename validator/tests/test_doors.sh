#!/bin/sh
# The doors of cpis simulate as public clients come to them: their paths and headers, the later message of ebXML, and
# mailboxes. Both directions of every exchange must pass.
set -u
. validator/tests/claims.sh
. validator/tests/servers.sh
query=testcases/messages/spine-soap-query.xml
action='SOAPAction: "urn:nhs:names:services:cpisquery/QUPC_IN000006GB01"'
itk='SOAPAction: "urn:nhs-itk:services:201005:sendRecvDistEnvelope"'

# twin NAME OPTION... - a twin whose journal is $folder/NAME. Time is the clock's: authorization depends on it.
twin() {
	name=$1
	shift
	listen "$name" "$program" simulate --listen 127.0.0.1:0 --seed test --journal "$folder/$name" "$@"
}

twin open
twin full --mesh-auth full --mesh-key Banana --mesh-password password
twin canned --mesh-auth canned

# sends STATUS NAME PATH CURL-ARGUMENT... - what comes back is $folder/said.
sends() {
	wanted=$1 url=$(url_of "$2")$3
	shift 3
	got=$(curl -s -o "$folder/said" -w '%{http_code}' "$@" "$url")
	[ "$got" = "$wanted" ] || { echo "$url: HTTP status $got, not $wanted"; head -5 "$folder/said"; }
}

# kept NAME COUNT - so many exchanges in a journal, and nothing wrong in any.
kept() {
	lines=$folder/$1/journal.jsonl
	[ "$(wc -l <"$lines")" = "$2" ] || echo "$(wc -l <"$lines") exchanges in the journal of $1, not $2"
	grep -v '"request-verdict": "pass".*"reply-verdict": "pass"' "$lines"
}

# Spine: the published stub's paths, an MHS's headers, a client in Java, one in .NET.
clients_of_spine_are_answered() {
	for path in /sync-service /syncservice-pds/pds /syncservice-lrs/acf; do
		sends 200 open $path -H 'Content-Type: text/xml; charset=UTF-8' -H "$action" --data-binary @$query
		says 'QUQI_IN010000UK14'
	done
	sends 200 open /sync-service -H 'Content-Type: text/xml' -H 'charset: UTF-8' -H 'type: text/xml' -H "$action" \
		-H 'User-Agent: mhs-adaptor' --data-binary @$query
	sends 200 open /sync-service -H 'Content-Type: text/xml;charset=utf-8' -H 'Accept: text/xml, multipart/related' \
		-H 'User-Agent: Java/17.0.2' -H 'Connection: keep-alive' -H "$(echo "$action" | tr -d '"')" --data-binary @$query
	sends 200 open /sync-service -H 'Content-Type: text/xml; charset=utf-8' -H "$action" -H 'Expect: 100-continue' \
		-H 'Accept-Encoding: gzip, deflate' --data-binary @$query
	gzip -c $query >"$folder/query.gz"
	sends 200 open /sync-service -H 'Content-Type: text/xml; charset=utf-8' -H "$action" -H 'Content-Encoding: gzip' \
		-H 'Transfer-Encoding: chunked' --data-binary "@$folder/query.gz"
	says 'QUQI_IN010000UK14'
	kept open 7
}

clients_of_the_mini_service_are_answered() {
	message=testcases/messages/itk-soap-query.xml
	sends 200 open / -H 'Content-Type: text/xml; charset=UTF-8' -H "$itk" --data-binary @$message
	says 'CP-ISNHSQueryResponse'
	sends 200 open /smsp/cpis -H 'Content-Type: text/xml;charset=UTF-8' -H "$(echo "$itk" | tr -d '"')" \
		-H 'User-Agent: Apache-HttpClient/4.5.5 (Java/17)' -H 'Accept-Encoding: gzip,deflate' --data-binary @$message
	sed 's,http://schemas.xmlsoap.org/soap/envelope/,http://www.w3.org/2003/05/soap-envelope,' $message >"$folder/soap12.xml"
	sends 200 open / --data-binary "@$folder/soap12.xml" \
		-H 'Content-Type: application/soap+xml; charset=UTF-8; action="urn:nhs-itk:services:201005:sendRecvDistEnvelope"'
	says 'http://www.w3.org/2003/05/soap-envelope'
	kept open 10
}

# As the adaptor writes it: its own ids of the parts, and their paths.
ebxml() {
	sed -n '/^------=_Boundary/,$p' testcases/transport/query-ebxml.mime |
		sed 's/ebxml@hartleigh.example/ebXMLHeader@spine.nhs.uk/' >"$folder/ebxml"
	type='multipart/related; boundary="----=_Boundary_7F3A"; type="text/xml"; start="<ebXMLHeader@spine.nhs.uk>"'
	sends "$1" "$2" "/reliablemessaging/$3" -H "Content-Type: $type" -H "$action" --data-binary "@$folder/ebxml"
}

ebxml_is_answered_in_the_connection() {
	for path in reliablerequest forwardreliable queryrequest; do
		ebxml 200 open $path
		says 'QUQI_IN010000UK14'
	done
	kept open 13
}

# A receipt now, and the reply to the client's own endpoint.
ebxml_is_answered_later() {
	listen inbound python3 validator/tests/tools/bad-server keep "$folder/inbound"
	twin later --callback "$(url_of inbound)/inbound"
	ebxml 202 later reliablerequest
	says 'Acknowledgment'
	awaits [ -s "$folder/inbound.http" ] || { echo "nothing came to the endpoint"; return; }
	grep -qi '^soapaction: .*urn:nhs:names:services:cpisquery/QUQI_IN010000UK14' "$folder/inbound.http" ||
		head -8 "$folder/inbound.http"
	"$program" validate -q --request testcases/transport/query-ebxml.mime --response "$folder/inbound.http" ||
		"$program" validate --request testcases/transport/query-ebxml.mime --response "$folder/inbound.http"
}

# It is not reached: the receipt comes all the same, and the twin goes on.
an_endpoint_that_is_not_there_harms_nothing() {
	twin lost --callback http://127.0.0.1:1/inbound
	ebxml 202 lost reliablerequest
	awaits grep -q 'was not reached' "$folder/lost.out" || cat "$folder/lost.out"
	sends 200 lost /health
}

the_client_of_a_mailbox_is_served() {
	python3 validator/tests/tools/mesh-client "$(url_of full)" Banana password testcases/messages/upload-five.xml \
		>"$folder/said" 2>&1
	grep -E 'WRONG|Error|Traceback' "$folder/said"
	says '<FileResponse'
	"$program" validate -q --request testcases/messages/upload-five.xml --response "$folder/said" ||
		"$program" validate --request testcases/messages/upload-five.xml --response "$folder/said"
	kept full 1
}

# canned: one word; off: no header is looked at. And each with cpis send.
authorization_has_three_modes() {
	mex='Mex-ClientVersion: 1'
	set -- -X POST -H "$mex" -H 'Mex-OSName: x' -H 'Mex-OSVersion: 1'
	sends 200 canned /messageexchange/BOX1 -H 'Authorization: VALID' "$@"
	sends 403 canned /messageexchange/BOX1 -H 'Authorization: INVALID' "$@"
	sends 403 canned /messageexchange/BOX1 "$@"
	sends 200 open /messageexchange/BOX1 "$@"
	sends 403 full /messageexchange/BOX1 "$@"
	code=$("$program" send "$(url_of full)" testcases/packs/service --only SVC-103 --mesh-key Banana \
		--mesh-password password -q; echo $?)
	[ "$code" = 0 ] || echo "cpis send with the key: $code"
	code=$("$program" send "$(url_of full)" testcases/packs/service --only SVC-103 --mesh-key Apple \
		--mesh-password password -q; echo $?)
	[ "$code" = 3 ] || echo "cpis send with another key: $code"
}

# put STEM FILE WORKFLOW TO [later] - a pair for the client of MESH: the data, then what is said of it; later: with
# the time of another day, from the beginning.
put() {
	cp "$2" "$folder/$1.dat"
	[ "${5-}" != later ] || touch -d '1 day' "$folder/$1.dat"
	mv "$folder/$1.dat" "$folder/mesh/OUT/$1.dat"
	printf '<DTSControl><Version>1.0</Version><AddressType>DTS</AddressType><MessageType>Data</MessageType>%s%s' \
		"<WorkflowId>$3</WorkflowId><From_DTS>BOX1</From_DTS><To_DTS>$4</To_DTS><LocalId>a&amp;b</LocalId>" \
		'<Compress>Y</Compress></DTSControl>' >"$folder/$1.ctl"
	[ "${5-}" != later ] || touch -d '1 day' "$folder/$1.ctl"
	mv "$folder/$1.ctl" "$folder/mesh/OUT/$1.ctl"
}

# until_there FILE...
until_there() {
	for file; do
		awaits [ -f "$folder/mesh/$file" ] && continue
		echo "there is no $file"
		ls -R "$folder/mesh"
	done
}

# The control file of each is written last.
both_answers_came() {
	grep -qs '<MessageType>Report<' "$folder"/mesh/IN/*.ctl && grep -qs '<MessageType>Data<' "$folder"/mesh/IN/*.ctl
}

only_what_is_new_is_left() {
	[ "$(ls "$folder/mesh/OUT" | tr '\n' ' ')" = 'new.ctl new.dat ' ]
}

# The folders of the client for MESH, with authorization in full: they need none.
the_folders_of_a_client_are_served() {
	twin folders --mesh-folder "$folder/mesh" --mesh-auth full --mesh-key Banana
	# By its time it stays one that is just being written.
	put new testcases/messages/upload-one.xml CPIS_UPLOAD NOONE later
	put good testcases/messages/upload-five.xml CPIS_UPLOAD CPISTWIN
	# Before it says who sends it.
	head -c 300 testcases/messages/upload-one.xml >"$folder/cut.xml"
	put broken "$folder/cut.xml" CPIS_UPLOAD CPISTWIN
	put lost testcases/messages/upload-one.xml CPIS_UPLOAD NOONE
	put unnamed testcases/messages/upload-one.xml '' CPISTWIN
	until_there SENT/good.ctl SENT/broken.ctl FAILED/lost.ctl FAILED/unnamed.ctl
	awaits both_answers_came || ls -R "$folder/mesh"
	awaits only_what_is_new_is_left || { echo "a file that is just written is taken"; ls "$folder/mesh/OUT"; }
	cmp -s "$folder/mesh/SENT/good.dat" testcases/messages/upload-five.xml || echo "the data was changed"
	grep -q '<StatusCode>00</StatusCode>' "$folder/mesh/SENT/good.ctl" || cat "$folder/mesh/SENT/good.ctl"
	grep -q '<StatusCode>12</StatusCode>' "$folder/mesh/FAILED/lost.ctl" || cat "$folder/mesh/FAILED/lost.ctl"
	[ "$(ls "$folder"/mesh/IN/*.dat | wc -l)" = 1 ] || ls "$folder/mesh/IN"
	grep -l '<MessageType>Report<' "$folder"/mesh/IN/*.ctl | xargs grep -q '<StatusCode>15<' ||
		echo "the broken file has no report with code 15"
	grep -q '<LocalId>a&amp;b</LocalId>' "$folder"/mesh/IN/*.ctl || cat "$folder"/mesh/IN/*.ctl
	answer=$(ls "$folder"/mesh/IN/*.dat)
	"$program" validate -q --request "$folder/mesh/SENT/good.dat" --response "$answer" ||
		"$program" validate --request "$folder/mesh/SENT/good.dat" --response "$answer"
	"$program" validate -q "$answer" "$folder/mesh/SENT/good.dat" ||
		"$program" validate "$answer" "$folder/mesh/SENT/good.dat"
	"$program" validate -r short "$folder/mesh/IN" >"$folder/said"
	[ $? = 1 ] || echo "a folder with a report of a failure does not fail"
	[ "$(grep -c 'error: ' "$folder/said")" = "$(grep -c 'TRN-039' "$folder/said")" ] || cat "$folder/said"
	kill "$started"
	wait "$started"
}

# refused OPTION... - a second twin ends at once, and says why.
refused() {
	timeout 10 "$program" simulate --listen 127.0.0.1:0 "$@" >"$folder/said" 2>&1
	got=$?
	[ $got = 2 ] || echo "exit code $got, not 2, of a second twin with $*"
	says 'another process is at work on it'
}

# Captures of one would take the place of the other's, and each would send what is in the folders.
a_folder_is_of_one_twin() {
	twin first --mesh-folder "$folder/taken"
	refused --journal "$folder/first"
	refused --mesh-folder "$folder/taken"
	play 2 first testcases/packs/service --only SVC-203 --journal "$folder/first"
	says 'another process is at work on it'
	sends 200 first /sync-service -H 'Content-Type: text/xml; charset=UTF-8' -H "$action" --data-binary @$query
	kept first 1
	kill "$started"
	wait "$started"
	twin first --mesh-folder "$folder/taken"
	sends 200 first /sync-service -H 'Content-Type: text/xml; charset=UTF-8' -H "$action" --data-binary @$query
	kept first 2
}

# all_is_taken COUNT - and so many answers have come, with those of before.
all_is_taken() {
	[ -z "$(ls "$folder/mesh/OUT")" ] && [ "$(ls "$folder/mesh/IN" | grep -c 'ctl$')" = "$1" ]
}

# Names come again: of files, and with a seed, of what is in the inbox.
no_file_of_the_folders_is_lost() {
	rm -rf "$folder/mesh"
	answers=0
	for file in five one five; do
		twin again --mesh-folder "$folder/mesh"
		put good "testcases/messages/upload-$file.xml" CPIS_UPLOAD CPISTWIN
		put lost "testcases/messages/upload-$file.xml" CPIS_UPLOAD NOONE
		awaits all_is_taken $((answers += 1)) || ls -R "$folder/mesh"
		kill "$started"
		wait "$started"
	done
	for name in SENT/good FAILED/lost; do
		cmp "$folder/mesh/$name.dat" testcases/messages/upload-five.xml
		cmp "$folder/mesh/$name-2.dat" testcases/messages/upload-one.xml
		cmp "$folder/mesh/$name-3.dat" testcases/messages/upload-five.xml
		[ "$(cat "$folder/mesh/$name"*.ctl | grep -c '<StatusRecord>')" = 3 ] || cat "$folder/mesh/$name"*.ctl
	done
	[ "$(ls "$folder"/mesh/IN/*.dat | wc -l)" = 3 ] || ls "$folder/mesh/IN"
}

# As far as this machine can: a service that takes messages from anyone.
a_twin_is_confined() {
	"$program" doctor | grep -q '(seccomp)' || return
	twin confined
	process=$started
	grep -q '^Seccomp:.*2' "/proc/$process/status" || grep Seccomp "/proc/$process/status"
}

# A file that is not an upload: it is named and counted, the others are there, and the end says so.
loading_goes_on_after_what_is_not_an_upload() {
	mkdir "$folder/uploads"
	cp testcases/messages/upload-one.xml "$folder/uploads/a.xml"
	cp testcases/packs/la-upload/messages/cut-off.xml "$folder/uploads/b.xml"
	cp testcases/messages/query-person.xml "$folder/uploads/c.xml"
	cp testcases/messages/upload-five.xml "$folder/uploads/d.xml"
	twin loaded --load "$folder/uploads"
	process=$started
	sends 200 loaded /admin/state
	says '9996184978'
	says '9993394130'
	cp "$folder/loaded.out" "$folder/said"
	says 'b.xml: it is not an upload'
	says 'c.xml: it is not an upload'
	says '2 of 4 files in .* were not loaded'
	kill "$process"
	wait "$process"
	[ $? = 3 ] || echo "the end does not say that it was incomplete"
	rm "$folder/uploads/a.xml" "$folder/uploads/d.xml"
	"$program" simulate --listen 127.0.0.1:0 --load "$folder/uploads" >"$folder/said" 2>&1
	[ $? = 2 ] || echo "a load of nothing goes on"
	says 'there is no upload'
}

# allows METHODS METHOD PATH - 405, with what the path takes.
allows() {
	sends 405 open "$3" -X "$2" -D "$folder/headers"
	grep -q "^Allow: $1.\$" "$folder/headers" || { echo "$2 $3: not Allow: $1"; cat "$folder/headers"; }
}

# Those of the library and those of the program; every other path takes messages.
paths_take_their_own_methods_alone() {
	allows POST GET /admin/clock
	allows 'GET, HEAD' POST /admin/exchanges
	allows 'GET, HEAD' DELETE /admin/exchanges/1
	allows 'GET, HEAD' POST /admin/state
	allows POST GET /admin/reset
	allows POST PUT /sync-service
	allows 'GET, HEAD, POST' DELETE /
	allows 'GET, HEAD, POST' OPTIONS /
	sends 404 open /admin/nothing -X POST
	sends 200 open /admin/state --head
	sends 200 open / --request-target "$(url_of open)/?x"
	says '<html'
}

options_that_cannot_be_used_are_refused() {
	: >"$folder/a-file"
	for options in '--mesh-auth full' '--mesh-auth canned --mesh-key Banana' '--mesh-auth some' \
		'--callback foo' '--callback ftp://localhost/' "--journal $folder/a-file" "--state $folder/none/state"; do
		# shellcheck disable=SC2086
		timeout 10 "$program" simulate --listen 127.0.0.1:0 $options >"$folder/said" 2>&1
		[ $? = 2 ] || echo "$options: the exit code is not 2"
	done
}

for claim in clients_of_spine_are_answered clients_of_the_mini_service_are_answered \
	ebxml_is_answered_in_the_connection ebxml_is_answered_later an_endpoint_that_is_not_there_harms_nothing \
	the_client_of_a_mailbox_is_served authorization_has_three_modes \
	the_folders_of_a_client_are_served no_file_of_the_folders_is_lost a_folder_is_of_one_twin a_twin_is_confined \
	loading_goes_on_after_what_is_not_an_upload paths_take_their_own_methods_alone \
	options_that_cannot_be_used_are_refused; do
	claim $claim
done
conclude
