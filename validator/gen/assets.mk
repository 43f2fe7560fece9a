# Files of reports/ built into the program; adds to GEN_OBJ.
ASSETS := $(sort $(wildcard reports/html/*.xsl reports/html/*.css reports/html/*.js))

GEN_OBJ += $(B)/gen/assets.o

$(B)/gen/embed: validator/gen/embed.c
	@mkdir -p $(@D)
	$(call SAY,cc)
	$(Q)$(CC) $(STD) $(WARN) $(CFLAGS) -o $@ $<

$(B)/gen/assets.c: $(B)/gen/embed $(ASSETS)
	$(call SAY,gen)
	$(Q)$(B)/gen/embed $(ASSETS) >$@

# Files of the service: its page, that of the twin, and the description of its API.
CLI_GEN_OBJ += $(B)/gen/site.o

# The page for people, in the form that is judged by the server; see validator/web/wasm.mk for the other.
PAGE_SRC := $(wildcard validator/web/*.html validator/web/*.css validator/web/*.js validator/web/samples.txt \
            validator/web/samples/*) reports/html/report.css scripts/make-page

$(B)/gen/page.html: $(PAGE_SRC)
	@mkdir -p $(@D)
	$(call SAY,gen)
	$(Q)scripts/make-page service $@

$(B)/gen/twin.html: validator/twin/twin.html reports/html/report.css
	@mkdir -p $(@D)
	$(call SAY,gen)
	$(Q)sed -e '/^@style@$$/{r reports/html/report.css' -e 'd;}' $< >$@

# An array of bytes of each file, as serve/site.h declares it.
$(B)/gen/site.c: $(B)/gen/page.html $(B)/gen/twin.html validator/serve/openapi.json validator/include/cpis.h
	@mkdir -p $(@D)
	$(call SAY,gen)
	$(Q){ echo '#include "serve/site.h"'; for file in $(filter-out %.h,$^); do name=site_$$(basename $$file | tr . _); \
		echo "const unsigned char $$name[] = {"; \
		sed "s/@version@/$(VERSION)/" $$file | od -An -v -tu1 -w24 | sed 's/ *\([0-9][0-9]*\)/\1,/g'; \
		echo "};"; echo "const size_t $${name}_size = sizeof($$name);"; done; } >$@
