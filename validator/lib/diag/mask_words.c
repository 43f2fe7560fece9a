#include "diag/mask_words.h"

#include <pthread.h>
#include <stdlib.h>

enum { MOST_WORDS = 8192, LONGEST_WORD = 128, SHORTEST_MISSPELT = 5 };

/* Made by setup or by the first question, read-only from then on. word_before: the place of the
 * last word of the same length before this one; places are from 1. */
static struct known_word {
	struct str text;
	size_t word_before;
} * words;
static size_t word_count, last_of_length[LONGEST_WORD + 1];

enum { MOST_SOURCES = 4 };
static mask_source sources[MOST_SOURCES];
static int status_of_sources;

/* Words that no schema has: of headers, and of the envelopes' protocols. */
static const char *const protocol_words[] = {
	"1.0",
	"7bit",
	"8bit",
	"Accepted",
	"Acknowledgment",
	"CP-ISAccessToServiceNotification",
	"CP-ISInactiveNHSNumberNotification",
	"CP-ISLocalAuthorityAcknowledgementResponse",
	"CP-ISLocalAuthorityUpload",
	"CP-ISNHSQuery",
	"CP-ISNHSQueryResponse",
	"Client",
	"DeliveryFailure",
	"Error",
	"HTTP/1.0",
	"HTTP/1.1",
	"HTTP/2",
	"ISO-8859-1",
	"ISO-8859-15",
	"ITKInfrastructureAcknowledgement",
	"Inconsistent",
	"Internal",
	"MessageError",
	"MimeProblem",
	"MustUnderstand",
	"NHS_ITK",
	"NotSupported",
	"OK",
	"OtherXml",
	"PATCH",
	"Receiver",
	"Request",
	"SMSP-CP-ISNHSQuery",
	"SMSP-CP-ISNHSQueryResponse",
	"SOAP",
	"SOAP-ENV",
	"SecurityFailure",
	"SendInfrastructureAck-v1-0",
	"Sender",
	"Server",
	"Service",
	"TimeToLiveExpired",
	"US-ASCII",
	"UTF-16",
	"UTF-32",
	"UTF-8",
	"Unavailable",
	"Unknown",
	"ValueNotRecognized",
	"VersionMismatch",
	"application/json",
	"application/octet-stream",
	"application/pdf",
	"application/soap+xml",
	"application/xml",
	"base64",
	"binary",
	"copy",
	"deflate",
	"eacute",
	"eb",
	"false",
	"gzip",
	"hl7",
	"identity",
	"itk",
	"last",
	"local-name",
	"lsquo",
	"multipart/mixed",
	"multipart/related",
	"namespace-uri",
	"nbsp",
	"ndash",
	"node",
	"none",
	"npfitlc",
	"position",
	"pound",
	"quoted-printable",
	"rsquo",
	"self",
	"sendDistEnvelope",
	"sendRecvDistEnvelope",
	"sendRecvDistEnvelopeResponse",
	"soap",
	"soapenv",
	"text",
	"text/html",
	"text/plain",
	"text/xml",
	"true",
	"urn:hl7-org:v3", /* the schemas have it too: here, because every message asks for it */
	"urn:nhs:names:services:cpisquery",
	"urn:nhs:names:services:cpisupload",
	"windows-1252",
	"wsa",
	"wsse",
	"wsu",
	"xlink",
	"xmlns",
};

int mask_know(const char *word)
{
	struct str text = str_of(word);
	if (text.n == 0 || text.n > LONGEST_WORD)
		return 0;
	if (!words)
		words = malloc(MOST_WORDS * sizeof(*words));
	if (!words || word_count == MOST_WORDS)
		return -1;
	words[word_count++] = (struct known_word){ text, last_of_length[text.n] };
	last_of_length[text.n] = word_count;
	return 0;
}

void mask_learn_from(mask_source source)
{
	size_t i = 0;
	while (i < MOST_SOURCES && sources[i] && sources[i] != source)
		i++;
	if (i < MOST_SOURCES)
		sources[i] = source;
	else
		status_of_sources = -1;
}

static void learn(void)
{
	for (size_t i = 0; i < MOST_SOURCES && sources[i] && status_of_sources == 0; i++)
		status_of_sources = sources[i]();
	if (status_of_sources != 0)
		memset(last_of_length, 0, sizeof(last_of_length));
}

int mask_learn(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, learn);
	return status_of_sources;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether one letter changed, left out, added or swapped with the next makes one of the other, case
 * aside. */
static bool is_near(struct str a, struct str b)
{
	size_t least = a.n < b.n ? a.n : b.n, start = 0, end = 0;
	while (start < least && lower(a.p[start]) == lower(b.p[start]))
		start++;
	while (end < least - start && lower(a.p[a.n - 1 - end]) == lower(b.p[b.n - 1 - end]))
		end++;
	size_t in_a = a.n - start - end, in_b = b.n - start - end;
	bool swapped = in_a == 2 && in_b == 2 && lower(a.p[start]) == lower(b.p[start + 1]) &&
		       lower(a.p[start + 1]) == lower(b.p[start]);
	return (in_a <= 1 && in_b <= 1) || swapped;
}

/* The first letter and the last: two words that are near share one of them. */
static bool ends_differ(struct str a, struct str b)
{
	return lower(a.p[0]) != lower(b.p[0]) && lower(a.p[a.n - 1]) != lower(b.p[b.n - 1]);
}

/* may_be_misspelt: the value is long enough, and no number. */
static bool is_word(struct str value, bool may_be_misspelt, struct str word)
{
	size_t apart = value.n > word.n ? value.n - word.n : word.n - value.n;
	if (apart > 1)
		return false;
	if (apart == 0 && memcmp(value.p, word.p, word.n) == 0)
		return true;
	return may_be_misspelt && word.n >= SHORTEST_MISSPELT && !ends_differ(value, word) &&
	       !str_is_digits(word) && is_near(value, word);
}

bool mask_knows(struct str word)
{
	if (word.n == 0 || word.n > LONGEST_WORD + 1)
		return false;
	bool may_be_misspelt = word.n >= SHORTEST_MISSPELT && !str_is_digits(word);
	for (size_t i = 0; i < sizeof(protocol_words) / sizeof(protocol_words[0]); i++)
		if (is_word(word, may_be_misspelt, str_of(protocol_words[i])))
			return true;
	mask_learn();
	/* One letter more or less is as near as a word can be. */
	for (size_t n = word.n - 1; n <= word.n + 1 && n <= LONGEST_WORD; n++)
		for (size_t at = last_of_length[n]; at; at = words[at - 1].word_before)
			if (is_word(word, may_be_misspelt, words[at - 1].text))
				return true;
	return false;
}
