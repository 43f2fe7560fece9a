# libxml2 and libxslt for the program in one file, compiled with it from Debian's source packages: Debian's static libxml2
# needs ICU, which is 30 MB of data and a library of C++, and there is no static libxslt. The sources are fetched once.
DEBIAN      := build/debian
OWN_LIBS    := libxml2 libxslt
OWN_FETCHED := $(OWN_LIBS:%=$(DEBIAN)/%.fetched)

$(DEBIAN)/%.fetched:
	$(call SAY,fetch)
	$(Q)scripts/debian-source $* $(DEBIAN)/$*
	$(Q)touch $@

$(B)/config/made: $(OWN_FETCHED) scripts/configure-static
	$(Q)scripts/configure-static $(DEBIAN) $(B)/config
	$(Q)touch $@

# What the program uses, and what that uses.
OWN_SRC := $(addprefix libxml2/,HTMLparser HTMLtree SAX2 buf chvalid dict encoding entities error globals hash list parser \
		parserInternals pattern threads tree uri valid xmlIO xmlmemory xmlreader xmlregexp xmlsave xmlschemas \
		xmlschemastypes xmlstring xmlunicode xpath relaxng) \
	$(addprefix libxslt/libxslt/,attributes attrvt documents extensions extra functions imports keys namespaces \
		numbers pattern preproc security templates transform variables xslt xsltlocale xsltutils)
OWN_OBJ := $(OWN_SRC:%=$(B)/debian/%.o)
OWN_INC := -isystem $(B)/config -isystem $(DEBIAN)/libxml2/include -isystem $(DEBIAN)/libxslt

# What every message goes through is made to be fast, the rest to be small.
OWN_FAST := $(addprefix libxml2/,SAX2 buf chvalid dict encoding entities hash parser parserInternals tree xmlIO xmlstring)

$(B)/debian/%.o: $(B)/config/made
	@mkdir -p $(@D)
	$(call SAY,cc)
	$(Q)$(CC) $(SAFE) $(PIC) $(opt_$(MODE)) $(if $(filter $(OWN_FAST),$*),,-Os) -w -D_GNU_SOURCE -DHAVE_CONFIG_H -D_REENTRANT $(OWN_INC) \
		-c -o $@ $(DEBIAN)/$*.c

# So are ours: what takes part in a verdict is not here.
SMALL_ROOMS := cli lsp lib/compare lib/config lib/evidence lib/fix lib/formats lib/ledger lib/pack lib/policy lib/reply \
		lib/report lib/results lib/state lib/write
$(filter $(SMALL_ROOMS:%=$(B)/%/%),$(LIB_OBJ) $(CLI_OBJ)): private CFLAGS += -Os

# Ours are compiled against the same headers; every object of ours asks for this file.
$(B)/flags: | $(B)/config/made
DEPS_CFLAGS := $(OWN_INC) $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PACKAGES)))
DEPS_LIBS   := $(OWN_OBJ) $(filter-out -lxml2 -licu% -lstdc++,$(shell pkg-config --libs $(PACKAGES))) -lattr -lm -pthread

$(B)/cpis $(B)/schemac $(B)/bindc: $(OWN_OBJ)
