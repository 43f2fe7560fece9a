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
