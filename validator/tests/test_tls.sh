#!/bin/sh
# TLS and certificates of clients, of cpis simulate, send and serve: who gets in, who does not, and what the journal says.
set -u
. validator/tests/claims.sh
. validator/tests/servers.sh
certificates=$(dirname "$program")/certificates
pack=testcases/packs/service
"$certificates" "$folder" || { echo "[  FAILED  ] no certificates"; exit 1; }
server="--tls-cert $folder/server.pem --tls-key $folder/server.key"
# shellcheck disable=SC2086
listen twin "$program" simulate --listen 127.0.0.1:0 --now 2026-11-02 --seed test $server
# shellcheck disable=SC2086
listen mutual "$program" simulate --listen 127.0.0.1:0 --now 2026-11-02 --seed test $server \
	--tls-client-ca "$folder/ca.pem" --journal "$folder/journal"
# shellcheck disable=SC2086
listen service "$program" serve --listen 127.0.0.1:0 $server
# shellcheck disable=SC2086
listen closed "$program" serve --listen 127.0.0.1:0 $server --tls-client-ca "$folder/ca.pem"
sed 's/^https/http/' "$folder/twin.url" >"$folder/plain.url"

a_server_of_the_authority_is_spoken_to() {
	play 0 twin $pack --tls-ca "$folder/ca.pem"
	says 'all 26 cases passed'
}

a_server_of_another_authority_is_not() {
	play 3 twin $pack --only spine --tls-ca "$folder/other.pem"
	says 'was not reached'
	play 3 twin $pack --only spine
	says 'was not reached'
	play 3 plain $pack --only spine
}

a_client_with_its_certificate_is_let_in_and_named() {
	play 0 mutual $pack --tls-ca "$folder/ca.pem" --tls-cert "$folder/client.pem" --tls-key "$folder/client.key"
	says 'all 26 cases passed'
	[ "$(grep -c '"client": "hartleigh-records"' "$folder/journal/journal.jsonl")" = 26 ] ||
		head -3 "$folder/journal/journal.jsonl"
}

others_are_not() {
	play 1 mutual $pack --only spine --tls-ca "$folder/ca.pem"
	play 1 mutual $pack --only spine --tls-ca "$folder/ca.pem" --tls-cert "$folder/stranger.pem" \
		--tls-key "$folder/stranger.key"
	says 'HTTP status 403 and no message'
	play 1 mutual $pack --only spine --tls-ca "$folder/ca.pem" --tls-cert "$folder/neighbour.pem" \
		--tls-key "$folder/neighbour.key"
	says 'HTTP status 403 and no message'
	if grep -q 'stranger\|another-server' "$folder/journal/journal.jsonl"; then echo "a stranger is in the journal"; fi
}

# SO_USRSUB of the official tests.
a_user_name_that_is_not_the_certificates_is_refused() {
	sed 's,<wsse:Username>[^<]*,<wsse:Username>Known,' testcases/messages/itk-soap-query.xml >"$folder/known.xml"
	curl -s --cacert "$folder/ca.pem" --cert "$folder/client.pem" --key "$folder/client.key" \
		-H 'Content-Type: text/xml' -H 'SOAPAction: "urn:nhs-itk:services:201005:sendRecvDistEnvelope"' \
		--data-binary "@$folder/known.xml" "$(url_of mutual)/" >"$folder/said"
	says 'ErrorCode[^>]*>3000<'
}

a_file_without_authorities_is_an_error() {
	for command in serve simulate; do
		# shellcheck disable=SC2086
		timeout 20 "$program" $command --listen 127.0.0.1:0 $server --tls-client-ca "$folder/ca.key" >"$folder/said" 2>&1
		[ $? = 2 ] || echo "it is not refused by $command"
		says 'must have certificates'
	done
}

a_key_of_another_certificate_is_an_error() {
	"$program" simulate --listen 127.0.0.1:0 --tls-cert "$folder/server.pem" --tls-key "$folder/other.key" \
		>"$folder/said" 2>&1
	[ $? = 2 ] || cat "$folder/said"
	"$program" simulate --listen 127.0.0.1:0 --tls-cert "$folder/server.pem" >"$folder/said" 2>&1
	[ $? = 2 ] || cat "$folder/said"
}

the_service_speaks_tls() {
	curl -s --cacert "$folder/ca.pem" --data-binary @testcases/messages/upload-one.xml \
		"$(url_of service)/validate?out=text" >"$folder/said"
	says 'Conformant'
	if curl -s --cacert "$folder/other.pem" "$(url_of service)/health"; then echo "any authority will do"; fi
	if curl -s --max-time 5 "$(url_of service | sed s/https/http/)/health"; then echo "plain HTTP is answered"; fi
	if curl -s --cacert "$folder/ca.pem" --tls-max 1.1 "$(url_of service)/health"; then echo "TLS 1.1 is spoken"; fi
}

the_service_lets_its_clients_in() {
	validate="$(url_of closed)/validate?out=text"
	curl -s --cacert "$folder/ca.pem" --cert "$folder/client.pem" --key "$folder/client.key" \
		--data-binary @testcases/messages/upload-one.xml "$validate" >"$folder/said"
	says 'Conformant'
	for other in '' "--cert $folder/stranger.pem --key $folder/stranger.key"; do
		# shellcheck disable=SC2086
		code=$(curl -s -o "$folder/said" -w '%{http_code}' --cacert "$folder/ca.pem" $other \
			--data-binary @testcases/messages/upload-one.xml "$validate")
		case $code in 000 | 401 | 403) ;; *) echo "$other: HTTP status $code" ;; esac
	done
}

for claim in a_server_of_the_authority_is_spoken_to a_server_of_another_authority_is_not \
	a_client_with_its_certificate_is_let_in_and_named others_are_not \
	a_user_name_that_is_not_the_certificates_is_refused a_file_without_authorities_is_an_error a_key_of_another_certificate_is_an_error \
	the_service_speaks_tls the_service_lets_its_clients_in; do
	claim $claim
done
conclude
