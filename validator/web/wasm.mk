# The judge for the browser: the library and what it uses, compiled by emscripten from Debian's sources, and the page
# around it. Included by the Makefile, for make wasm.
W     := build/wasm
# Debian's emscripten has its tools in JavaScript where Debian's own node looks for them.
EMCC  := NODE_PATH=/usr/share/nodejs emcc
# What emcc calls, called itself: it starts at once, and ccache knows it.
WASM_CC = $(eval WASM_CC := $$(shell emcc -v 2>&1 | sed -n 's/.*clang version \([0-9]*\).*/clang-\1/p') \
          $$(shell emcc --cflags))$(WASM_CC)

WASM_PACKAGES := zlib libyaml nettle libxml2 libxslt libarchive
WASM_FETCHED  := $(WASM_PACKAGES:%=$(W)/src/%.fetched)

$(W)/src/%.fetched:
	$(call SAY,fetch)
	$(Q)scripts/debian-source $* $(W)/src/$*
	$(Q)touch $@

# Headers that the packages' own configuration makes.
$(W)/src/configured: $(WASM_FETCHED) scripts/configure-wasm
	$(Q)scripts/configure-wasm $(W)/src

# Objects of other flags are made again.
$(W)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(WASM_DEPS_CFLAGS) $(WASM_CFLAGS)' | cmp -s - $@ || echo '$(WASM_DEPS_CFLAGS) $(WASM_CFLAGS)' >$@

sources = $(addprefix $(W)/src/$(1)/,$(addsuffix .c,$(2)))

WASM_DEPS := \
	$(call sources,zlib,adler32 crc32 deflate inffast inflate inftrees trees zutil) \
	$(call sources,libyaml/src,api loader parser reader scanner) \
	$(call sources,nettle,base64-encode sha256 sha256-compress write-be32) \
	$(call sources,libxml2,HTMLparser HTMLtree SAX2 buf chvalid dict encoding entities error globals hash list parser parserInternals \
		pattern threads tree uri valid xmlIO xmlmemory xmlregexp xmlsave xmlschemas xmlschemastypes xmlstring \
		xmlunicode xpath) \
	$(call sources,libxslt/libxslt,attributes attrvt documents extensions extra functions imports keys namespaces \
		numbers pattern preproc security templates transform variables xslt xsltlocale xsltutils) \
	$(call sources,libarchive/libarchive,archive_acl archive_check_magic archive_cryptor archive_digest archive_entry \
		archive_entry_sparse archive_entry_stat archive_entry_strmode archive_entry_xattr archive_hmac \
		archive_options archive_pack_dev archive_ppmd7 archive_ppmd8 archive_random archive_rb archive_read \
		archive_read_add_passphrase archive_read_append_filter archive_read_open_filename archive_read_open_memory \
		archive_read_set_format \
		archive_read_set_options archive_read_support_filter_compress archive_read_support_filter_gzip \
		archive_read_support_filter_none archive_read_support_format_tar archive_read_support_format_zip \
		archive_string archive_string_sprintf archive_util archive_virtual)

# Evidence bundles are signed, and what the national service would know is kept, outside the browser.
WASM_LIB := $(filter-out $(addprefix validator/lib/,evidence/% state/% reply/% formats/% ledger/%),$(LIB_SRC))
WASM_GEN := $(addprefix $(B)/gen/,schema_tables.c binding_tree.c assets.c)

WASM_OBJ := $(WASM_DEPS:$(W)/src/%.c=$(W)/deps/%.o) $(WASM_LIB:validator/%.c=$(W)/%.o) \
            $(WASM_GEN:$(B)/%.c=$(W)/%.o) $(W)/web/wasm.o

WASM_OPT := -O2
WASM_DEPS_CFLAGS := $(WASM_OPT) -w -DHAVE_CONFIG_H -DPLATFORM_CONFIG_H="archive_config.h" -I$(W)/src/config \
	-I$(W)/src/libxml2/include -I$(W)/src/libxslt -I$(W)/src/libyaml/include -I$(W)/src/zlib

$(W)/deps/%.o: $(W)/src/configured $(W)/flags
	@mkdir -p $(@D)
	$(call SAY,emcc)
	$(Q)$(WASM_CC) $(subst ",\",$(WASM_DEPS_CFLAGS)) -I$(W)/src/$(*D) -c -o $@ $(W)/src/$*.c

WASM_CFLAGS := $(STD) -include validator/web/wasm_libc.h -Wall -Wextra -Werror $(WASM_OPT) -fno-strict-aliasing \
	-Ivalidator/include -Ivalidator/lib -Ivalidator \
	-I$(W)/src/config -I$(W)/src/libxml2/include -I$(W)/src/libxslt -I$(W)/src/libyaml/include \
	-I$(W)/src/zlib -I$(W)/src -I$(W)/src/libarchive/libarchive

$(W)/gen/%.o: $(B)/gen/%.c $(W)/src/configured $(W)/flags
	@mkdir -p $(@D)
	$(call SAY,emcc)
	$(Q)$(WASM_CC) $(WASM_CFLAGS) -MMD -MP -c -o $@ $<

$(W)/%.o: validator/%.c $(W)/src/configured $(W)/flags
	@mkdir -p $(@D)
	$(call SAY,emcc)
	$(Q)$(WASM_CC) $(WASM_CFLAGS) -MMD -MP -c -o $@ $<

-include $(wildcard $(W)/*/*.d $(W)/*/*/*.d)

# Text in memory that grows up to a gigabyte; a lack of it is a failure of the judge, and not the end of the worker.
WASM_LINK := $(WASM_OPT) -s MODULARIZE=1 -s EXPORT_NAME=cpisJudge -s ENVIRONMENT=worker,node -s ALLOW_MEMORY_GROWTH=1 \
	-s INITIAL_MEMORY=33554432 -s MAXIMUM_MEMORY=1073741824 -s ABORTING_MALLOC=0 -s DYNAMIC_EXECUTION=0 \
	-s FILESYSTEM=1 -s FORCE_FILESYSTEM=1 -s EXIT_RUNTIME=0 -s INVOKE_RUN=0 -s NODEJS_CATCH_EXIT=0 -s NODEJS_CATCH_REJECTION=0 --no-entry \
	-s EXPORTED_RUNTIME_METHODS=FS,ccall -s EXPORTED_FUNCTIONS=_malloc,_free

$(W)/judge.js: $(WASM_OBJ) validator/web/wasm.mk
	$(call SAY,link)
	$(Q)$(EMCC) $(WASM_LINK) -o $@ $(WASM_OBJ)

build/cpis.html: $(W)/judge.js $(PAGE_SRC)
	$(call SAY,page)
	$(Q)scripts/make-page browser $@

.PHONY: wasm
wasm:
	@scripts/install-deps wasm
	+@$(AGAIN) build/cpis.html
	@echo "build/cpis.html: one file of $$(($$(wc -c <build/cpis.html) / 1024)) KB, to open in a browser"
