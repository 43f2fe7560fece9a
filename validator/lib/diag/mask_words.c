#include "diag/mask_words.h"

#include <pthread.h>
#include <stdlib.h>

enum { MOST_WORDS = 8192, LONGEST_WORD = 128, SHORTEST_MISSPELT = 5 };

/* A word is found by its length and a letter at either end: two words that are near share one. */
enum word_end { FIRST_LETTER, LAST_LETTER, WORD_ENDS };
enum { LETTERS = 32 };

/* Made by the first question, read-only from then on. Places are from 1; 0: there is none. */
static struct known_words {
	struct known_word {
		struct str text;
		uint16_t before[WORD_ENDS]; /* the last one of that length and letter there */
	} words[MOST_WORDS];
	size_t count;
	uint16_t last[LONGEST_WORD + 1][WORD_ENDS][LETTERS];
} * known_words;

enum { MOST_SOURCES = 4 };
static mask_source sources[MOST_SOURCES];
static int status_of_sources;

/* Words that no schema has: of headers, and of the envelopes' protocols. */
#define WORD(text)                                                                                 \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}
static const struct str protocol_words[] = {
	WORD("1.0"),
	WORD("7bit"),
	WORD("8bit"),
	WORD("Accepted"),
	WORD("Acknowledgment"),
	WORD("CP-ISAccessToServiceNotification"),
	WORD("CP-ISInactiveNHSNumberNotification"),
	WORD("CP-ISLocalAuthorityAcknowledgementResponse"),
	WORD("CP-ISLocalAuthorityUpload"),
	WORD("CP-ISNHSQuery"),
	WORD("CP-ISNHSQueryResponse"),
	WORD("Client"),
	WORD("DeliveryFailure"),
	WORD("Error"),
	WORD("HTTP/1.0"),
	WORD("HTTP/1.1"),
	WORD("HTTP/2"),
	WORD("ISO-8859-1"),
	WORD("ISO-8859-15"),
	WORD("ITKInfrastructureAcknowledgement"),
	WORD("Inconsistent"),
	WORD("Internal"),
	WORD("MessageError"),
	WORD("MimeProblem"),
	WORD("MustUnderstand"),
	WORD("NHS_ITK"),
	WORD("NotSupported"),
	WORD("OK"),
	WORD("OtherXml"),
	WORD("PATCH"),
	WORD("Receiver"),
	WORD("Request"),
	WORD("SMSP-CP-ISNHSQuery"),
	WORD("SMSP-CP-ISNHSQueryResponse"),
	WORD("SOAP"),
	WORD("SOAP-ENV"),
	WORD("SecurityFailure"),
	WORD("SendInfrastructureAck-v1-0"),
	WORD("Sender"),
	WORD("Server"),
	WORD("Service"),
	WORD("TimeToLiveExpired"),
	WORD("US-ASCII"),
	WORD("UTF-16"),
	WORD("UTF-32"),
	WORD("UTF-8"),
	WORD("Unavailable"),
	WORD("Unknown"),
	WORD("ValueNotRecognized"),
	WORD("VersionMismatch"),
	WORD("application/json"),
	WORD("application/octet-stream"),
	WORD("application/pdf"),
	WORD("application/soap+xml"),
	WORD("application/xml"),
	WORD("base64"),
	WORD("binary"),
	WORD("copy"),
	WORD("deflate"),
	WORD("eacute"),
	WORD("eb"),
	WORD("false"),
	WORD("gzip"),
	WORD("hl7"),
	WORD("identity"),
	WORD("itk"),
	WORD("last"),
	WORD("local-name"),
	WORD("lsquo"),
	WORD("multipart/mixed"),
	WORD("multipart/related"),
	WORD("namespace-uri"),
	WORD("nbsp"),
	WORD("ndash"),
	WORD("node"),
	WORD("none"),
	WORD("npfitlc"),
	WORD("position"),
	WORD("pound"),
	WORD("quoted-printable"),
	WORD("rsquo"),
	WORD("self"),
	WORD("sendDistEnvelope"),
	WORD("sendRecvDistEnvelope"),
	WORD("sendRecvDistEnvelopeResponse"),
	WORD("soap"),
	WORD("soapenv"),
	WORD("text"),
	WORD("text/html"),
	WORD("text/plain"),
	WORD("text/xml"),
	WORD("true"),
	WORD("urn:hl7-org:v3"), /* the schemas have it too: here, because every message asks for it
				 */
	WORD("urn:nhs:names:services:cpisquery"),
	WORD("urn:nhs:names:services:cpisupload"),
	WORD("windows-1252"),
	WORD("wsa"),
	WORD("wsse"),
	WORD("wsu"),
	WORD("xlink"),
	WORD("xmlns"),
};

/* Several letters may share a place. */
static uint16_t *words_with(size_t length, struct str word, enum word_end end)
{
	char letter = word.p[end == FIRST_LETTER ? 0 : word.n - 1];
	return &known_words->last[length][end][(unsigned char)char_small(letter) % LETTERS];
}

int mask_know(const char *word)
{
	struct str text = str_of(word);
	if (text.n == 0 || text.n > LONGEST_WORD)
		return 0;
	if (!known_words)
		known_words = calloc(1, sizeof(*known_words));
	if (!known_words || known_words->count == MOST_WORDS)
		return -1;
	struct known_word *known = &known_words->words[known_words->count++];
	known->text = text;
	for (enum word_end end = 0; end < WORD_ENDS; end++) {
		uint16_t *last = words_with(text.n, text, end);
		known->before[end] = *last;
		*last = (uint16_t)known_words->count;
	}
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
	if (status_of_sources == 0)
		return;
	free(known_words);
	known_words = NULL;
}

int mask_learn(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, learn);
	return status_of_sources;
}

/* Whether one letter changed, left out, added or swapped with the next makes one of the other, case
 * aside. */
static bool is_near(struct str a, struct str b)
{
	size_t least = a.n < b.n ? a.n : b.n, start = 0, end = 0;
	while (start < least && char_small(a.p[start]) == char_small(b.p[start]))
		start++;
	while (end < least - start &&
	       char_small(a.p[a.n - 1 - end]) == char_small(b.p[b.n - 1 - end]))
		end++;
	size_t in_a = a.n - start - end, in_b = b.n - start - end;
	bool swapped = in_a == 2 && in_b == 2 &&
		       char_small(a.p[start]) == char_small(b.p[start + 1]) &&
		       char_small(a.p[start + 1]) == char_small(b.p[start]);
	return (in_a <= 1 && in_b <= 1) || swapped;
}

/* The first letter and the last. */
static bool ends_differ(struct str a, struct str b)
{
	return char_small(a.p[0]) != char_small(b.p[0]) &&
	       char_small(a.p[a.n - 1]) != char_small(b.p[b.n - 1]);
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

static bool is_known(struct str word, bool may_be_misspelt, size_t length, enum word_end end)
{
	const struct known_word *words = known_words->words;
	for (size_t at = *words_with(length, word, end); at; at = words[at - 1].before[end])
		if (is_word(word, may_be_misspelt, words[at - 1].text))
			return true;
	return false;
}

bool mask_knows(struct str word)
{
	if (word.n == 0 || word.n > LONGEST_WORD + 1)
		return false;
	bool may_be_misspelt = word.n >= SHORTEST_MISSPELT && !str_is_digits(word);
	for (size_t i = 0; i < sizeof(protocol_words) / sizeof(protocol_words[0]); i++)
		if (is_word(word, may_be_misspelt, protocol_words[i]))
			return true;
	if (mask_learn() != 0 || !known_words)
		return false;
	if (!may_be_misspelt)
		return word.n <= LONGEST_WORD && is_known(word, false, word.n, FIRST_LETTER);
	/* One letter more or less is as near as a word can be. */
	for (size_t n = word.n - 1; n <= word.n + 1 && n <= LONGEST_WORD; n++)
		if (is_known(word, true, n, FIRST_LETTER) || is_known(word, true, n, LAST_LETTER))
			return true;
	return false;
}
