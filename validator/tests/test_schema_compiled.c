/* Elements, attributes and text against compiled tables: the schemas of tests/data/schema/. */
#include "schema_faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define PARCEL(inside) "<parcel xmlns='urn:hl7-org:v3'>" inside "</parcel>"
#define SHELF(inside)  "<shelf xmlns='urn:hl7-org:v3'>" inside "</shelf>"
#define BAG(inside)    "<bag xmlns='urn:hl7-org:v3' xmlns:x='urn:x'>" inside "</bag>"
#define POCKET(inside) "<pocket xmlns='urn:hl7-org:v3' xmlns:x='urn:x'>" inside "</pocket>"
#define SENT	       "<sender/><receiver/><weight value='1'/>"
#define LETTER	       "<letter extension='x'/>"
#define SEAL(inside)                                                                               \
	PARCEL(SENT "<stamp/>" LETTER "<seal id='7D6F23E0-AE1A-11DB-8707-B18E1E0994EA'>" inside    \
		    "</seal>")

static struct schema_faults judge(const char *document)
{
	struct schema_faults faults = schema_faults_of(&schema_tables_tests, "order.xsd", document);
	assert_int_equal(faults.outcome, XML_READ);
	return faults;
}

static void assert_valid(const char *document)
{
	struct schema_faults faults = judge(document);
	if (faults.count)
		fail_msg("%s: %s", document, faults.at[0].message);
}

/* One fault and no other, at the first place of `at`. */
static void assert_fault(const char *document, enum schema_fault_kind kind, const char *at,
			 const char *message)
{
	struct schema_faults faults = judge(document);
	if (faults.count != 1)
		print_error("%s\n", document);
	for (size_t i = 0; faults.count != 1 && i < faults.count; i++)
		print_error("  %s\n", faults.at[i].message);
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.at[0].message, message);
	assert_int_equal(faults.at[0].kind, kind);
	assert_int_equal(faults.at[0].offset, schema_faults_place(&faults, at));
}

static void test_a_sequence_in_order_is_valid(void **state)
{
	(void)state;
	assert_valid(PARCEL(SENT "<stamp/>" LETTER));
	assert_valid(PARCEL(SENT
			    "<note>text <!-- and a comment --></note><stamp/><stamp/><box/>"
			    "<seal id='7D6F23E0-AE1A-11DB-8707-B18E1E0994EA'><stamp/></seal>"));
	assert_valid(PARCEL("\n<!-- first --><sender><!-- empty --><?pi?></sender>\n<receiver/>"
			    "<weight value='1'></weight>\t<stamp/><![CDATA[ \n ]]>" LETTER " "));
}

static void test_a_repeated_choice_takes_any_order(void **state)
{
	(void)state;
	assert_valid(SHELF("<mark/><mark/>"));
	assert_valid(SHELF("<box/><label/>" LETTER LETTER "<box/><label/><mark/><mark/><end/>"));
	assert_fault(SHELF("<box/>" LETTER "<mark/><mark/>"), SCHEMA_ELEMENT_MISSING, "<letter",
		     "label is missing after box");
}

static void test_a_large_bound_is_counted(void **state)
{
	(void)state;
	char document[2048];
	for (int marks = 99; marks <= 101; marks++) {
		size_t n = (size_t)snprintf(document, sizeof(document),
					    "<shelf xmlns='urn:hl7-org:v3'>");
		for (int i = 0; i < marks; i++)
			n += (size_t)snprintf(document + n, sizeof(document) - n, "<mark/>");
		snprintf(document + n, sizeof(document) - n, "<end/></shelf>");
		struct schema_faults faults = judge(document);
		assert_int_equal(faults.count, marks > 100);
		if (marks > 100)
			assert_string_equal(faults.at[0].message,
					    "number 101 of mark in shelf: at most 100 are allowed");
	}
	assert_fault(SHELF("<mark/>"), SCHEMA_ELEMENT_MISSING, "<shelf",
		     "mark is missing after mark");
}

static void test_a_missing_element_is_found_where_the_next_one_stands(void **state)
{
	(void)state;
	assert_fault(PARCEL("<sender/><weight value='1'/><stamp/>" LETTER), SCHEMA_ELEMENT_MISSING,
		     "<weight", "receiver is missing after sender");
	assert_fault(PARCEL("<receiver/><weight value='1'/><stamp/>" LETTER),
		     SCHEMA_ELEMENT_MISSING, "<receiver",
		     "sender is missing at the start of parcel");
	assert_fault(PARCEL("<sender/><stamp/>" LETTER), SCHEMA_ELEMENT_MISSING, "<stamp",
		     "receiver and weight are missing after sender");
}

static void test_what_is_missing_at_the_end_is_found_at_the_parent(void **state)
{
	(void)state;
	assert_fault(PARCEL(SENT "<stamp/>"), SCHEMA_ELEMENT_MISSING, "<parcel",
		     "one of letter and box is missing after stamp");
	assert_fault(
		PARCEL(""), SCHEMA_ELEMENT_MISSING, "<parcel",
		"sender, receiver, weight, stamp and 1 more are missing at the start of parcel");
}

static void test_a_missing_element_that_comes_later_is_out_of_place(void **state)
{
	(void)state;
	assert_fault(PARCEL("<receiver/><sender/><weight value='1'/><stamp/>" LETTER),
		     SCHEMA_ELEMENT_UNEXPECTED, "<sender",
		     "sender is out of place: it belongs before receiver");
	assert_fault(PARCEL("<receiver/><weight value='1'/><stamp/>" LETTER "<sender/>"),
		     SCHEMA_ELEMENT_UNEXPECTED, "<sender",
		     "sender is out of place: it belongs before receiver");
}

static void test_an_element_that_comes_early_is_one_fault(void **state)
{
	(void)state;
	assert_fault(PARCEL("<stamp/><sender/><receiver/><weight value='1'/>" LETTER),
		     SCHEMA_ELEMENT_UNEXPECTED, "<stamp",
		     "stamp is out of place: it belongs after weight");
	assert_fault(PARCEL(LETTER SENT "<stamp/>"), SCHEMA_ELEMENT_UNEXPECTED, "<letter",
		     "letter is out of place: it belongs after stamp");
}

static void test_an_element_before_several_that_it_belongs_after_is_one_fault(void **state)
{
	(void)state;
	assert_fault(SHELF("<mark/><mark/><end/><mark/><mark/>"), SCHEMA_ELEMENT_UNEXPECTED, "<end",
		     "end is out of place: it belongs after mark");
	assert_fault(SEAL("<stamp/><!-- <lid/> --><lid ></lid><stamper/><ribbon/><ribbon/>"),
		     SCHEMA_ELEMENT_UNEXPECTED, "<lid >",
		     "lid is out of place: it belongs after ribbon");
	assert_fault(SEAL("<stamp/><lid/><ribbon/><ribbon/><ribbon/>"), SCHEMA_ELEMENT_UNEXPECTED,
		     "<lid", "lid is out of place: it belongs after ribbon");
	assert_fault(SEAL("<stamp/><lid/><ribbon/>"), SCHEMA_ELEMENT_UNEXPECTED, "<ribbon",
		     "ribbon is out of place: it belongs before lid");
	/* One that may come is before what must: the early one goes after both. */
	assert_fault(PARCEL(SENT "<seal id='7D6F23E0-AE1A-11DB-8707-B18E1E0994EA'><stamp/></seal>"
				 "<note/><stamp/>" LETTER),
		     SCHEMA_ELEMENT_UNEXPECTED, "<seal",
		     "seal is out of place: it belongs after letter");
	/* And after what else comes, for the advice to be enough. */
	assert_fault(SEAL("<lid/><stamp/><stamper/><ribbon/>"), SCHEMA_ELEMENT_UNEXPECTED, "<lid",
		     "lid is out of place: it belongs after ribbon");
	assert_fault(SEAL("<ribbon/><stamp/><stamper/><ribbon/><lid/>"), SCHEMA_ELEMENT_UNEXPECTED,
		     "<ribbon", "ribbon is out of place: it belongs after stamper");
}

static void test_a_late_element_that_comes_too_often_is_two_faults(void **state)
{
	(void)state;
	struct schema_faults faults = judge(SEAL("<stamp/><lid/><stamper/><stamper/><ribbon/>"));
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.at[0].message, "lid is out of place: it belongs after ribbon");
	assert_string_equal(faults.at[1].message, "a second stamper in seal: at most 1 is allowed");
}

static void test_two_missing_of_which_one_turns_up_are_two_faults(void **state)
{
	(void)state;
	struct schema_faults faults = judge(PARCEL("<sender/><stamp/><weight value='1'/>" LETTER));
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.at[0].message, "receiver is missing after sender");
	assert_string_equal(faults.at[1].message,
			    "weight is out of place: it belongs before stamp");
}

static void test_the_content_of_an_element_out_of_place_is_judged(void **state)
{
	(void)state;
	struct schema_faults faults = judge(
		PARCEL("<sender/><weight value='1'/><receiver><x/></receiver><stamp/>" LETTER));
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.at[1].message,
			    "x is not allowed in receiver, which must be empty");
}

static void test_too_many_says_how_many_may_come(void **state)
{
	(void)state;
	assert_fault(
		PARCEL(SENT "<stamp/><stamp/><stamp />" LETTER), SCHEMA_ELEMENT_UNEXPECTED,
		"<stamp />",
		"a third stamp in parcel: at most 2 are allowed; expected here: letter or box");
	assert_fault(PARCEL("<sender/><sender /><receiver/><weight value='1'/><stamp/>" LETTER),
		     SCHEMA_ELEMENT_UNEXPECTED, "<sender />",
		     "a second sender in parcel: at most 1 is allowed; expected here: receiver");
	assert_fault(PARCEL(SENT "<stamp/>" LETTER "<sender />"), SCHEMA_ELEMENT_UNEXPECTED,
		     "<sender />", "a second sender in parcel: at most 1 is allowed");
	struct schema_faults faults = judge(PARCEL(SENT "<stamp/><stamp/><stamp/><stamp/>" LETTER));
	assert_int_equal(faults.count, 2);
	assert_string_equal(
		faults.at[1].message,
		"a fourth stamp in parcel: at most 2 are allowed; expected here: letter or box");
}

static void test_what_cannot_come_here_is_judged_inside(void **state)
{
	(void)state;
	static const char *const contents[] = {
		SENT "<stamp/><stamp/><stamp a=''/>" LETTER,
		"<sender/><sender a=''/><receiver/><weight value='1'/><stamp/>" LETTER,
		SENT "<stamp/>" LETTER "<box a=''><thing>red</thing></box>",
		SENT "<stamp/><note a=''/>" LETTER,
		SENT "<stamp/>" LETTER "<stamp/><stamp a=''/>",
	};
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		char parcel[1024];
		snprintf(parcel, sizeof(parcel), PARCEL("%s"), contents[i]);
		struct schema_faults faults = judge(parcel);
		bool visible = faults.count > 1;
		assert_true(visible || faults.behind_count);
		assert_int_equal(visible ? faults.at[faults.count - 1].kind
					 : faults.behind[faults.behind_count - 1].kind,
				 SCHEMA_ATTRIBUTE_UNEXPECTED);
	}
}

static void test_alternatives_exclude_each_other(void **state)
{
	(void)state;
	assert_fault(PARCEL(SENT "<stamp/>" LETTER "<box/>"), SCHEMA_ELEMENT_UNEXPECTED, "<box",
		     "box cannot be sent together with letter: send one of letter and box");
}

static void test_an_optional_element_too_late_is_out_of_place(void **state)
{
	(void)state;
	assert_fault(PARCEL(SENT "<stamp/><note/>" LETTER), SCHEMA_ELEMENT_UNEXPECTED, "<note",
		     "note is out of place: it belongs before stamp");
}

static void test_an_unknown_element_is_one_fault_and_not_looked_into(void **state)
{
	(void)state;
	assert_fault(PARCEL(SENT "<customs><a b=''>text</a></customs><stamp/>" LETTER),
		     SCHEMA_ELEMENT_UNEXPECTED, "<customs",
		     "customs is not allowed in parcel; expected here: note or stamp");
	assert_fault(PARCEL(SENT "<stamp/><box/><seal id='7D6F23E0-AE1A-11DB-8707-B18E1E0994EA'>"
				 "<stamp/></seal><customs/>"),
		     SCHEMA_ELEMENT_UNEXPECTED, "<customs",
		     "customs is not allowed in parcel; no more elements are allowed here");
	assert_int_equal(judge(PARCEL(SENT "<customs/><customs/><stamp/>" LETTER)).count, 2);
}

static void test_an_unknown_element_may_stand_for_the_missing_one(void **state)
{
	(void)state;
	assert_fault(PARCEL("<sender/><addressee/><weight value='1'/><stamp/>" LETTER),
		     SCHEMA_ELEMENT_UNEXPECTED, "<addressee",
		     "addressee is not allowed in parcel; expected here: receiver");
}

static void test_a_misspelt_element_is_taken_for_the_one_meant(void **state)
{
	(void)state;
	assert_fault(PARCEL("<sender/><reciever/><weight value='1'/><stamp/>" LETTER),
		     SCHEMA_ELEMENT_UNEXPECTED, "<reciever",
		     "reciever is not allowed in parcel; did you mean receiver?");
	assert_fault(PARCEL("<sender/><Receiver/><weight value='1'/><stamp/>" LETTER),
		     SCHEMA_ELEMENT_UNEXPECTED, "<Receiver",
		     "Receiver is not allowed in parcel; did you mean receiver?");
	struct schema_faults faults =
		judge(PARCEL("<sender/><receiver/><wieght value='x'/><stamp/>" LETTER));
	assert_int_equal(faults.count, 2);
	assert_int_equal(faults.at[1].kind, SCHEMA_VALUE_OF_TYPE);
}

static void test_the_nearest_of_all_names_is_meant(void **state)
{
	(void)state;
	struct schema_faults faults = judge(SEAL("<stampre/>"));
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.at[0].message,
			    "stampre is not allowed in seal; did you mean stamper?");
	assert_string_equal(faults.at[1].message, "stamp is missing at the start of seal");
	/* Of two as near, the one that may come now. */
	assert_fault(SEAL("<stampr/>"), SCHEMA_ELEMENT_UNEXPECTED, "<stampr/>",
		     "stampr is not allowed in seal; did you mean stamp?");
}

/* What was forgotten before it is missing, and it is not. */
static void test_a_misspelt_element_is_not_missing_with_one_before_it(void **state)
{
	(void)state;
	struct schema_faults faults = judge(PARCEL("<sender/><receiver/><weight value='1'/>"
						   "<lettr extension='x'/>"));
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.at[0].message,
			    "lettr is not allowed in parcel; did you mean letter?");
	assert_string_equal(faults.at[1].message, "stamp is missing after weight");
}

static void test_a_guess_between_alternatives_is_not_judged_further(void **state)
{
	(void)state;
	assert_fault(PARCEL(SENT "<stamp/><leter weight='1'><x/></leter>"),
		     SCHEMA_ELEMENT_UNEXPECTED, "<leter",
		     "leter is not allowed in parcel; did you mean letter?");
}

static void test_a_parent_left_out_is_one_fault(void **state)
{
	(void)state;
	assert_fault(PARCEL(SENT "<stamp/><thing>red</thing><thing>blue</thing>"
				 "<seal id='7D6F23E0-AE1A-11DB-8707-B18E1E0994EA'><stamp/></seal>"),
		     SCHEMA_ELEMENT_MISSING, "<thing>red", "box is missing around thing");
	struct schema_faults faults =
		judge(PARCEL(SENT "<stamp/><thing>red</thing><thing>bleu</thing>"));
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.at[0].fix, "Put thing inside box.");
	assert_int_equal(faults.at[1].kind, SCHEMA_VALUE_OF_SET);
}

static void test_a_value_written_as_text_is_one_fault(void **state)
{
	(void)state;
	assert_fault(
		PARCEL("<sender/><receiver/><weight>12</weight><stamp/>" LETTER),
		SCHEMA_ATTRIBUTE_MISSING, "<weight",
		"the attribute value of weight is missing: its value seems to be sent as text");
}

static void assert_fix(const char *document, const char *fix)
{
	struct schema_faults faults = judge(document);
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.at[0].fix, fix);
}

/* As it is to be written, and not what would drop the other attributes. */
static void test_the_advice_for_text_names_the_attribute_alone(void **state)
{
	(void)state;
	assert_fix(PARCEL("<sender/><receiver/><weight unit='g'>12</weight><stamp/>" LETTER),
		   "Write it as the attribute value of weight.");
}

static void test_text_sent_as_an_attribute_is_one_fault(void **state)
{
	(void)state;
	static const char mixed[] = PARCEL(SENT "<note value='x'/><stamp/>" LETTER);
	assert_fault(mixed, SCHEMA_ATTRIBUTE_UNEXPECTED, "value='x",
		     "the attribute value is not allowed on note: its text seems to be sent as an "
		     "attribute");
	assert_fix(mixed, "Write the value as text: <note>...</note>.");
	assert_fault(PARCEL(SENT "<stamp/><box><thing text='red'></thing></box>"),
		     SCHEMA_ATTRIBUTE_UNEXPECTED, "text=",
		     "the attribute text is not allowed on thing: its text seems to be sent as an "
		     "attribute");
	assert_fault(PARCEL(SENT "<stamp/><box><thing text='red'>\n\t</thing></box>"),
		     SCHEMA_ATTRIBUTE_UNEXPECTED, "text=",
		     "the attribute text is not allowed on thing: its text seems to be sent as an "
		     "attribute");
	/* With text in it, or for what holds no text, it is one too many. */
	assert_fault(PARCEL(SENT "<note value='x'>y</note><stamp/>" LETTER),
		     SCHEMA_ATTRIBUTE_UNEXPECTED, "value='x",
		     "the attribute value is not allowed on note");
	assert_fault(PARCEL(SENT "<stamp value='x'/>" LETTER), SCHEMA_ATTRIBUTE_UNEXPECTED,
		     "value='x", "the attribute value is not allowed on stamp");
}

static void test_a_misspelt_attribute_is_not_missing(void **state)
{
	(void)state;
	static const char misspelt[] =
		PARCEL("<sender/><receiver/><weight Value='1'/><stamp/>" LETTER);
	assert_fault(misspelt, SCHEMA_ATTRIBUTE_UNEXPECTED, "Value",
		     "the attribute Value is not allowed on weight; did you mean value?");
	assert_fix(misspelt, "Name it value.");
	assert_fault(
		PARCEL("<sender/><receiver/><weight xmlns:x='urn:x' x:value='1'/><stamp/>" LETTER),
		SCHEMA_ATTRIBUTE_UNEXPECTED, "x:value",
		"the attribute value in the namespace urn:x is not allowed on weight");
	assert_fault(PARCEL("<sender/><receiver/>"
			    "<weight xmlns:i='http://www.w3.org/2001/XMLSchema-instance' "
			    "i:value='1'/><stamp/>" LETTER),
		     SCHEMA_ATTRIBUTE_UNEXPECTED, "i:value",
		     "the attribute value in the namespace "
		     "http://www.w3.org/2001/XMLSchema-instance is not allowed on weight");
	/* Both hold the value of an element. */
	assert_fault(PARCEL(SENT "<stamp/><letter value='x'/>"), SCHEMA_ATTRIBUTE_UNEXPECTED,
		     "value='x",
		     "the attribute value is not allowed on letter; did you mean "
		     "extension?");
	struct schema_faults faults = judge(PARCEL(SENT "<stamp/><letter colour='x'/>"));
	assert_int_equal(faults.count, 2);
	/* One that is sent already is not meant: named so, it would be there twice. */
	assert_fault(PARCEL(SENT "<stamp/><letter extension='x' Extension='x'/>"),
		     SCHEMA_ATTRIBUTE_UNEXPECTED, "Extension",
		     "the attribute Extension is not allowed on letter");
}

/* One fault, and one other that it stands for. */
static void assert_behind(const char *document, enum schema_fault_kind kind,
			  enum schema_fault_kind cause, const char *at)
{
	struct schema_faults faults = judge(document);
	if (faults.count != 1 || faults.behind_count != 1)
		fail_msg("%s: %zu and %zu", document, faults.count, faults.behind_count);
	assert_int_equal(faults.at[0].kind, cause);
	assert_int_equal(faults.behind[0].kind, kind);
	assert_int_equal(faults.behind[0].cause, cause);
	assert_int_equal(faults.behind[0].offset, schema_faults_place(&faults, at));
}

static void test_a_fault_that_stands_for_another_names_it(void **state)
{
	(void)state;
#define WEIGHT(weight) PARCEL("<sender/><receiver/><weight " weight "<stamp/>" LETTER)
	assert_behind(WEIGHT("Value='1'/>"), SCHEMA_ATTRIBUTE_MISSING, SCHEMA_ATTRIBUTE_UNEXPECTED,
		      "<weight");
	assert_behind(WEIGHT(">12</weight>"), SCHEMA_TEXT_UNEXPECTED, SCHEMA_ATTRIBUTE_MISSING,
		      "12<");
	assert_behind(WEIGHT("value='1' scale='stone'/>"), SCHEMA_FIXED_DIFFERS,
		      SCHEMA_VALUE_OF_SET, "stone");
	assert_behind(PARCEL(SENT "<stamp/><box><thing text='red'> </thing></box>"),
		      SCHEMA_VALUE_OF_SET, SCHEMA_ATTRIBUTE_UNEXPECTED, " </thing");
	assert_behind(PARCEL("<sender/><reciever/><weight value='1'/><stamp/>" LETTER),
		      SCHEMA_ELEMENT_MISSING, SCHEMA_ELEMENT_UNEXPECTED, "<reciever");
	assert_behind(
		PARCEL("<sender/><receiver xmlns='urn:x'/><weight value='1'/><stamp/>" LETTER),
		SCHEMA_ELEMENT_MISSING, SCHEMA_ELEMENT_UNEXPECTED, "<receiver");
	assert_behind(PARCEL("<sender/><unlike/><weight value='1'/><stamp/>" LETTER),
		      SCHEMA_ELEMENT_MISSING, SCHEMA_ELEMENT_UNEXPECTED, "<weight");
	assert_behind(PARCEL(SENT "<stamp/><leter extension='x'/>"), SCHEMA_ELEMENT_MISSING,
		      SCHEMA_ELEMENT_UNEXPECTED, "<leter");
	assert_behind(PARCEL(SENT "<stamp/><thing>red</thing>"), SCHEMA_ELEMENT_UNEXPECTED,
		      SCHEMA_ELEMENT_MISSING, "<thing");
	assert_behind("<parcel xmlns='urn:hl7-org:v3' xmlns:i='http://www.w3.org/2001/"
		      "XMLSchema-instance' i:nil='true'/>",
		      SCHEMA_ELEMENT_MISSING, SCHEMA_NIL, "<parcel");
#undef WEIGHT
}

/* What may be left out is not missing, nor is what comes under its own name as well. */
static void test_a_misspelt_element_is_not_always_missing(void **state)
{
	(void)state;
	static const char *const fine[] = {
		PARCEL(SENT "<noet/><stamp/>" LETTER),
		PARCEL("<sender/><reciever/><receiver/><weight value='1'/><stamp/>" LETTER),
		PARCEL(SENT "<stampp/><stamp/><stamp/>" LETTER),
		PARCEL(SENT "<stamp/><stampp/>" LETTER),
	};
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		struct schema_faults faults = judge(fine[i]);
		assert_true(faults.count > 0);
		if (faults.behind_count)
			fail_msg("%s: %zu", fine[i], faults.behind_count);
	}
}

static void test_a_wrong_namespace_is_said_once_for_all_that_lies_below(void **state)
{
	(void)state;
	assert_fault("<parcel>" SENT "<stamp/>" LETTER "</parcel>", SCHEMA_ELEMENT_UNEXPECTED,
		     "<parcel", "parcel is in no namespace, but should be in urn:hl7-org:v3");
	assert_fault("<parcel xmlns='urn:hl7-org:v2'>" SENT "<stamp/>" LETTER "</parcel>",
		     SCHEMA_ELEMENT_UNEXPECTED, "<parcel",
		     "parcel is in the namespace urn:hl7-org:v2, but should be in urn:hl7-org:v3");
	assert_fault(PARCEL("<sender/><receiver xmlns='urn:x'/><weight value='1'/><stamp/>" LETTER),
		     SCHEMA_ELEMENT_UNEXPECTED, "<receiver",
		     "receiver is in the namespace urn:x, but should be in urn:hl7-org:v3");
}

static void test_the_root_is_one_that_the_schema_declares(void **state)
{
	(void)state;
	assert_fault("<crate xmlns='urn:hl7-org:v3'><sender/></crate>", SCHEMA_ELEMENT_UNEXPECTED,
		     "<crate",
		     "crate cannot be the root element of this message; expected here: parcel, "
		     "shelf, bag, pocket or values");
}

static void test_what_the_model_fixes_is_to_be_left_out(void **state)
{
	(void)state;
	assert_fault(PARCEL("<templateId root='1'/>" SENT "<stamp/>" LETTER), SCHEMA_FIXED_BY_MODEL,
		     "<templateId",
		     "templateId is not allowed in parcel: its value is fixed by the model");
	assert_fault("<parcel xmlns='urn:hl7-org:v3' classCode='ACT'>" SENT "<stamp/>" LETTER
		     "</parcel>",
		     SCHEMA_FIXED_BY_MODEL, "classCode",
		     "the attribute classCode is not allowed on parcel: its value is fixed by the "
		     "model");
	assert_fault(
		PARCEL(SENT "<stamp/><letter root='1.2' extension='1'/>"), SCHEMA_FIXED_BY_MODEL,
		"root",
		"the attribute root is not allowed on letter: its value is fixed by the model");
}

static void test_attributes_are_required_known_and_without_a_namespace(void **state)
{
	(void)state;
	assert_fault(PARCEL("<sender/><receiver/><weight/><stamp/>" LETTER),
		     SCHEMA_ATTRIBUTE_MISSING, "<weight",
		     "the attribute value of weight is missing");
	assert_fault(PARCEL("<sender/><receiver/><weight value='1' units='g'/><stamp/>" LETTER),
		     SCHEMA_ATTRIBUTE_UNEXPECTED, "units",
		     "the attribute units is not allowed on weight; did you mean unit?");
	assert_fault(PARCEL("<sender colour='red'/><receiver/><weight value='1'/><stamp/>" LETTER),
		     SCHEMA_ATTRIBUTE_UNEXPECTED, "colour",
		     "the attribute colour is not allowed on sender");
	assert_fault(PARCEL("<sender/><receiver/><weight value='1' x:unit='g' xmlns:x='urn:x'/>"
			    "<stamp/>" LETTER),
		     SCHEMA_ATTRIBUTE_UNEXPECTED, "x:unit",
		     "the attribute unit in the namespace urn:x is not allowed on weight");
	assert_fault(
		PARCEL("<sender xml:lang='en'/><receiver/><weight value='1'/><stamp/>" LETTER),
		SCHEMA_ATTRIBUTE_UNEXPECTED, "xml:lang",
		"the attribute lang in the namespace http://www.w3.org/XML/1998/namespace is not "
		"allowed on sender");
}

static void test_fixed_values_compare_after_white_space(void **state)
{
	(void)state;
	assert_valid(PARCEL("<sender/><receiver/><weight value='1' scale=' kg '/><stamp/>" LETTER));
	assert_fault(PARCEL("<sender/><receiver/><weight value='1' scale='g'/><stamp/>" LETTER),
		     SCHEMA_FIXED_DIFFERS, "g'/><stamp",
		     "scale of weight is \"g\", but must be \"kg\"");
}

static void test_text_stands_in_mixed_and_simple_content_only(void **state)
{
	(void)state;
	assert_valid(BAG("some <x:o>text</x:o>"));
	assert_fault(PARCEL("<sender/> \n stray <receiver/><weight value='1'/><stamp/>" LETTER),
		     SCHEMA_TEXT_UNEXPECTED, "stray",
		     "parcel contains the text \"stray\", but may only contain elements");
	assert_fault(PARCEL("<sender> </sender><receiver/><weight value='1'/><stamp/>" LETTER),
		     SCHEMA_TEXT_UNEXPECTED, " </sender",
		     "sender contains white space, but must be empty");
	assert_fault(PARCEL(SENT "<stamp/><letter extension='1'> text</letter>"),
		     SCHEMA_TEXT_UNEXPECTED, " text",
		     "letter contains the text \"text\", but must be empty");
	assert_fault(PARCEL("a<![CDATA[b]]>c<!-- -->d" SENT "<stamp/>" LETTER),
		     SCHEMA_TEXT_UNEXPECTED, "a<![",
		     "parcel contains the text \"a\", but may only contain elements");
	assert_int_equal(
		judge(PARCEL("a<sender/>b<receiver/><weight value='1'/><stamp/>" LETTER)).count, 2);
}

static void test_simple_content_gathers_text_over_comments(void **state)
{
	(void)state;
	assert_valid(PARCEL(SENT
			    "<stamp/><box><thing>  dark <!-- -->green </thing><thing count='3'>"
			    "b<![CDATA[lu]]>&#101;</thing></box>"));
	assert_fault(PARCEL(SENT "<stamp/><box><thing>bleu</thing></box>"), SCHEMA_VALUE_OF_SET,
		     "bleu",
		     "thing is \"bleu\"; did you mean blue? Expected: red, dark green or blue");
	assert_fault(PARCEL(SENT "<stamp/><box><thing><b/>red</thing></box>"),
		     SCHEMA_ELEMENT_UNEXPECTED, "<b/>",
		     "b is not allowed in thing, which may only contain text");
}

static void test_nil_needs_a_nillable_element_and_no_content(void **state)
{
	(void)state;
#define NIL(attributes, content)                                                                   \
	"<parcel xmlns='urn:hl7-org:v3' "                                                          \
	"xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>" SENT                              \
	"<stamp/><box/><seal id='7D6F23E0-AE1A-11DB-8707-B18E1E0994EA' " attributes ">" content    \
	"</seal></parcel>"
	assert_valid(NIL("xsi:nil='true'", ""));
	assert_valid(NIL("xsi:nil=' 1 '", "<!-- -->"));
	assert_valid(NIL("xsi:nil='false'", "<stamp/>"));
	assert_fault(
		NIL("xsi:nil='true'", " "), SCHEMA_NIL, " </seal",
		"seal has xsi:nil=\"true\", so it must be empty: not even white space is allowed");
	assert_fault(
		NIL("xsi:nil='true'", "<stamp/>x<stamp/>"), SCHEMA_NIL, "<stamp/>x",
		"seal has xsi:nil=\"true\", so it must be empty: not even white space is allowed");
	assert_fault(NIL("xsi:nil='yes'", ""), SCHEMA_NIL, "xsi:nil",
		     "xsi:nil is neither true nor false: \"yes\"");
	assert_fault(NIL("xsi:nil='false'", ""), SCHEMA_ELEMENT_MISSING, "<seal",
		     "stamp is missing at the start of seal");
#undef NIL
	assert_fault("<parcel xmlns='urn:hl7-org:v3' xmlns:i='http://www.w3.org/2001/"
		     "XMLSchema-instance' i:nil='true'/>",
		     SCHEMA_NIL, "i:nil",
		     "xsi:nil is not allowed on parcel, which must have content");
}

static void test_other_xsi_attributes(void **state)
{
	(void)state;
#define XSI(attribute)                                                                             \
	"<parcel xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>"    \
	"<sender " attribute "/><receiver/><weight value='1'/><stamp/>" LETTER "</parcel>"
	assert_valid(XSI("xsi:schemaLocation='a b'"));
	assert_valid(XSI("xsi:noNamespaceSchemaLocation='b'"));
	assert_valid(XSI("xsi:type='Empty'"));
	assert_valid(XSI("xmlns:h='urn:hl7-org:v3' xsi:type='h:Empty'"));
	assert_fault(XSI("xsi:type='Note'"), SCHEMA_ATTRIBUTE_UNEXPECTED, "xsi:type",
		     "xsi:type cannot make sender a \"Note\": it is not derived from the type of "
		     "the element");
	assert_fault(
		XSI("xmlns:h='urn:other' xsi:type='h:Empty'"), SCHEMA_ATTRIBUTE_UNEXPECTED,
		"xsi:type",
		"xsi:type cannot make sender a \"h:Empty\": the element can have no such type");
	assert_fault(XSI("xsi:type='h:Empty'"), SCHEMA_ATTRIBUTE_UNEXPECTED, "xsi:type",
		     "xsi:type cannot make sender a \"h:Empty\": its prefix is not declared");
	assert_fault(
		XSI("xsi:other='Note'"), SCHEMA_ATTRIBUTE_UNEXPECTED, "xsi:other",
		"the attribute other in the namespace http://www.w3.org/2001/XMLSchema-instance is "
		"not allowed on sender");
#undef XSI
}

static void test_a_wildcard_takes_other_namespaces_and_is_not_looked_into(void **state)
{
	(void)state;
	assert_valid(BAG("<x:o><parcel/><x:p q='1'>text</x:p></x:o><label xmlns='urn:y'/>"));
	assert_valid("<bag xmlns='urn:hl7-org:v3' xmlns:x='urn:x' x:a='1'/>");
	assert_fault(BAG("<x:o/><x:o/><x:o n='3'/>"), SCHEMA_ELEMENT_UNEXPECTED, "<x:o n",
		     "o is not allowed in bag; no more elements are allowed here");
	assert_fault(BAG("<o xmlns=''/>"), SCHEMA_ELEMENT_UNEXPECTED, "<o",
		     "o is not allowed in bag; expected here: label or the end of bag");
	assert_fault("<bag xmlns='urn:hl7-org:v3' a='1'/>", SCHEMA_ATTRIBUTE_UNEXPECTED,
		     "a=", "the attribute a is not allowed on bag");
}

static void test_a_lax_wildcard_judges_what_is_declared(void **state)
{
	(void)state;
	assert_valid(POCKET("<x:o><parcel/></x:o><shelf><mark/><mark/></shelf>"));
	assert_valid(POCKET("<pocket><pocket/></pocket>"));
	assert_fault(POCKET("<shelf><mark/></shelf><x:o/>"), SCHEMA_ELEMENT_MISSING, "<shelf",
		     "mark is missing after mark");
	assert_fault(POCKET("<x:o/><shelf><mark/><mark/><x:mark/></shelf>"),
		     SCHEMA_ELEMENT_UNEXPECTED, "<x:mark",
		     "mark is in the namespace urn:x, but should be in urn:hl7-org:v3");
}

static void test_hostile_names_are_shown_as_what_they_are(void **state)
{
	(void)state;
	struct schema_faults faults = judge(PARCEL("<a\u200cb/>" SENT "<stamp/>" LETTER));
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.at[0].message,
			    "a\\u200Cb is not allowed in parcel; expected here: sender");
}

static int setup(void **state)
{
	(void)state;
	schema_faults_setup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sequence_in_order_is_valid),
		cmocka_unit_test(test_a_repeated_choice_takes_any_order),
		cmocka_unit_test(test_a_large_bound_is_counted),
		cmocka_unit_test(test_a_missing_element_is_found_where_the_next_one_stands),
		cmocka_unit_test(test_what_is_missing_at_the_end_is_found_at_the_parent),
		cmocka_unit_test(test_a_missing_element_that_comes_later_is_out_of_place),
		cmocka_unit_test(test_an_element_that_comes_early_is_one_fault),
		cmocka_unit_test(test_an_element_before_several_that_it_belongs_after_is_one_fault),
		cmocka_unit_test(test_a_late_element_that_comes_too_often_is_two_faults),
		cmocka_unit_test(test_two_missing_of_which_one_turns_up_are_two_faults),
		cmocka_unit_test(test_the_content_of_an_element_out_of_place_is_judged),
		cmocka_unit_test(test_too_many_says_how_many_may_come),
		cmocka_unit_test(test_what_cannot_come_here_is_judged_inside),
		cmocka_unit_test(test_alternatives_exclude_each_other),
		cmocka_unit_test(test_an_optional_element_too_late_is_out_of_place),
		cmocka_unit_test(test_an_unknown_element_is_one_fault_and_not_looked_into),
		cmocka_unit_test(test_an_unknown_element_may_stand_for_the_missing_one),
		cmocka_unit_test(test_a_misspelt_element_is_taken_for_the_one_meant),
		cmocka_unit_test(test_the_nearest_of_all_names_is_meant),
		cmocka_unit_test(test_a_misspelt_element_is_not_missing_with_one_before_it),
		cmocka_unit_test(test_a_guess_between_alternatives_is_not_judged_further),
		cmocka_unit_test(test_a_parent_left_out_is_one_fault),
		cmocka_unit_test(test_a_value_written_as_text_is_one_fault),
		cmocka_unit_test(test_the_advice_for_text_names_the_attribute_alone),
		cmocka_unit_test(test_text_sent_as_an_attribute_is_one_fault),
		cmocka_unit_test(test_a_misspelt_attribute_is_not_missing),
		cmocka_unit_test(test_a_fault_that_stands_for_another_names_it),
		cmocka_unit_test(test_a_misspelt_element_is_not_always_missing),
		cmocka_unit_test(test_a_wrong_namespace_is_said_once_for_all_that_lies_below),
		cmocka_unit_test(test_the_root_is_one_that_the_schema_declares),
		cmocka_unit_test(test_what_the_model_fixes_is_to_be_left_out),
		cmocka_unit_test(test_attributes_are_required_known_and_without_a_namespace),
		cmocka_unit_test(test_fixed_values_compare_after_white_space),
		cmocka_unit_test(test_text_stands_in_mixed_and_simple_content_only),
		cmocka_unit_test(test_simple_content_gathers_text_over_comments),
		cmocka_unit_test(test_nil_needs_a_nillable_element_and_no_content),
		cmocka_unit_test(test_other_xsi_attributes),
		cmocka_unit_test(test_a_wildcard_takes_other_namespaces_and_is_not_looked_into),
		cmocka_unit_test(test_a_lax_wildcard_judges_what_is_declared),
		cmocka_unit_test(test_hostile_names_are_shown_as_what_they_are),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
