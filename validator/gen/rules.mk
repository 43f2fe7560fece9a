# What is made at build time from other files of the repo: tables of the schemas, assets of the reports.
GEN_HEADERS :=
GEN_OBJ     := $(B)/gen/schema_tables.o

# The schema compiler, and the tables it makes of the files right inside each folder of schemas/;
# what lies in folders below is included by those.
SCHEMAC_SRC := $(sort $(wildcard validator/gen/schemac/*.c))
SCHEMAC_OBJ := $(SCHEMAC_SRC:validator/%.c=$(B)/%.o)
SCHEMAS     := $(sort $(wildcard schemas/*/*.xsd schemas/*/*/*.xsd))

$(SCHEMAC_OBJ): ALL_CFLAGS += -Ivalidator/gen/schemac

$(B)/schemac: $(SCHEMAC_OBJ) $(B)/lib/base/arena.o $(B)/lib/base/buf.o
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(DEPS_LIBS)

$(B)/gen/schema_tables.c: $(B)/schemac $(SCHEMAS)
	@mkdir -p $(@D)
	$(call SAY,gen)
	$(Q)$(B)/schemac schema_tables_cpis schemas $@ \
		$(patsubst schemas/%,%,$(sort $(wildcard schemas/*/*.xsd)))

# The compiler of the sandbox's filter, and the filter it makes for this machine.
CLI_GEN_OBJ := $(B)/gen/sandbox_filter.o

$(B)/sandboxc: $(B)/gen/sandboxc.o
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(shell pkg-config --libs libseccomp)

$(B)/gen/sandbox_filter.c: $(B)/sandboxc
	$(call SAY,gen)
	$(Q)$(B)/sandboxc >$@

# What has the program relocate its own tables.
$(B)/relrc: $(B)/gen/relrc.o
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^

# What our objects call of libraries that are loaded late.
$(B)/gen/lazy_functions.h: validator/gen/lazy $(CLI_OBJ) $(B)/libcpis.a
	$(call SAY,gen)
	$(Q)validator/gen/lazy '$(CC)' '$(LATE_LIBS)' $(CLI_OBJ) $(B)/libcpis.a >$@

$(LAZY_OBJ): $(B)/gen/lazy_functions.h

# The binding compiler, made of the folder of the binding tables and those below it, and the tree it makes.
GEN_OBJ   += $(B)/gen/binding_tree.o
BINDC_OBJ := $(B)/gen/bindc.o $(B)/gen/schema_tables.o \
             $(filter $(addprefix $(B)/lib/,base/% diag/% xml/% schema/% message/%),$(LIB_OBJ))

$(B)/bindc: $(BINDC_OBJ)
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(DEPS_LIBS) $(LDLIBS)

# Left as it is when nothing in it has changed.
$(B)/gen/binding_tree.c: $(B)/bindc
	$(call SAY,gen)
	$(Q)$(B)/bindc >$@.new
	$(Q)cmp -s $@.new $@ && rm $@.new && touch $@ || mv $@.new $@

# The tables of schemas that only the tests use.
TEST_SCHEMAS := $(sort $(wildcard validator/tests/data/schema/*.xsd))
AID_OBJ      += $(B)/gen/schema_tables_of_tests.o

$(B)/gen/schema_tables_of_tests.c: $(B)/schemac $(TEST_SCHEMAS)
	@mkdir -p $(@D)
	$(call SAY,gen)
	$(Q)$(B)/schemac schema_tables_tests validator/tests/data/schema $@ $(notdir $(TEST_SCHEMAS))

# Judge files by the compiled tables alone, to compare verdicts with other engines.
$(B)/judge_schema: $(B)/tests/tools/judge_schema.o $(B)/libcpis.a
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(DEPS_LIBS)
