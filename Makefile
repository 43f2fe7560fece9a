# make              build build/cpis
# make demo         install what is missing, build, run a pack over messages of the repo, name the report
# make check        install what is missing, build, pass every test
# make lint         formatting, clang-tidy, cppcheck; make tidy-format fixes the formatting
# make bench    time a verdict against its peers, in turn, in one run (RUNS=9)
# make threads      make the first call of five threads at once, 500 times, under ThreadSanitizer
# make golden       rewrite the golden outputs; look at the difference before you commit it
# make examples     cut the examples of `cpis explain` from the fixtures anew
# make manuals      rewrite what is generated: cpis-rules(7), the options of cpis(1), docs/pictures/terminal.svg
# make docs         the manuals in HTML, in build/docs, where mandoc is installed
# make fuzz         build the fuzz targets, where clang is installed; scripts/fuzz runs them
# make cov          pass every test, and say which lines none of them ran
# make wasm         build build/cpis.html: the page that checks messages in a browser, with the judge in it
# make install      program, libraries, header, manuals, completions, packs and schemas under $(DESTDIR)$(PREFIX)
# make dist         build/dist/cpis-VERSION.tar.gz: the sources of the last commit, always the same bytes
# make deb          Debian packages of them, in build/dist
# make clean
#
# MODE=release (default), debug, san (ASan and UBSan), tsan, cov; CC=gcc or clang; V=1 shows the commands

MODE   ?= release
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
V      ?= 0
Q      := $(if $(filter 0,$(V)),@)
SAY     = $(if $(filter 0,$(V)),@echo ' ' $(1) $@)

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

PACKAGES := libxml-2.0 libxslt libexslt yaml-0.1 nettle zlib libarchive libsodium sqlite3
# What the program needs beside the library: it serves and sends.
PROGRAM_PACKAGES := libmicrohttpd gnutls libcurl json-c

CFLAGS ?=
STD    := -std=c11 -D_GNU_SOURCE
WERROR ?= $(if $(filter release debug,$(MODE)),-Werror)
WARN   := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wmissing-prototypes -Wcast-qual -Wvla \
          -Wformat=2 -Wundef -Wstrict-prototypes $(WERROR)
INC     = -Ivalidator/include -Ivalidator/lib -Ivalidator -I$(B)/gen
SAFE   := -fvisibility=hidden -fno-strict-aliasing -fstack-protector-strong -fstack-clash-protection \
          $(if $(filter x86_64 i686,$(shell uname -m)),-fcf-protection=full)
# scripts/check-hardening looks for all of it in the program and the library.
PIE     = $(if $(filter static,$(MODE)),-static-pie,-pie)
# Most of what the loader does for us is to add an address to each pointer in our tables: with this, a few bits
# for each. See docs/decisions/late-libraries.md.
RELR    = $(eval RELR := $$(shell scripts/relr-probe $(CC) $(PIE)))$(RELR)
HARD    = -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code $(RELR) $(PIE)
# The same objects are the program, the static library and the shared one: it costs nothing, because
# all names but those of the public headers are hidden.
PIC     = $(if $(filter static,$(MODE)),-fPIE,-fPIC -fno-semantic-interposition)

# GCC for x86 clears and copies structs by "rep stos" and "rep movs", which take longer to begin than all the stores of
# a small struct: they were a tenth of the processor time of an upload. Other compilers do not know these options.
INLINE  := -mmemset-strategy=unrolled_loop:256:noalign,libcall:-1:noalign \
           -mmemcpy-strategy=unrolled_loop:256:noalign,libcall:-1:noalign
STORES   = $(eval STORES := $$(shell $(CC) $(INLINE) -E -x c /dev/null >/dev/null 2>&1 && echo "$(INLINE)"))$(STORES)

opt_release  = -O2 $(STORES) -g -DCPIS_COLD_START -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
opt_static   = -O2 $(STORES) -flto=auto -fno-asynchronous-unwind-tables -DCPIS_STATIC -DCPIS_COLD_START -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
opt_debug   := -O0 -g3
opt_san     := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
opt_tsan    := -O1 -g -fsanitize=thread
opt_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
               -fno-omit-frame-pointer
opt_cov     := -O0 -g --coverage

# Objects of another compiler lie in a folder of their own: build/release-clang.
B := build/$(MODE)$(addprefix -,$(filter-out cc gcc,$(notdir $(CC))))

# One file that needs no library; validator/gen/static.mk makes those that Debian does not have.
ifeq ($(MODE),static)
PACKAGES := --static $(filter-out libxml-2.0 %xslt,$(PACKAGES))
PROGRAM_PACKAGES := json-c
LDFLAGS  += -Wl,--no-warnings -Wl,--gc-sections -Wl,-T,validator/gen/static.ld -Wl,--no-eh-frame-hdr
endif

# Asked of pkg-config once, and only when something is compiled: `make demo` installs it.
HINT        := the libraries are missing: run scripts/install-deps
DEPS_CFLAGS  = $(eval DEPS_CFLAGS := $$(or $$(patsubst -I%,-isystem %,$$(shell \
               pkg-config --cflags $(PACKAGES))),$$(error $(HINT))))$(DEPS_CFLAGS)
DEPS_LIBS    = $(eval DEPS_LIBS := $$(or $$(shell \
               pkg-config --libs $(PACKAGES)),$$(error $(HINT))) -pthread)$(DEPS_LIBS)
# Those that nothing calls are not loaded at the start.
PROGRAM_LIBS = $(eval PROGRAM_LIBS := -Wl,--as-needed $$(if $(PROGRAM_PACKAGES),$$(or $$(shell \
               pkg-config --libs $(PROGRAM_PACKAGES)),$$(error $(HINT)))) $(DEPS_LIBS))$(PROGRAM_LIBS)
# What every verdict needs is linked; the rest is loaded when it is first called, where validator/cli/
# lazy_stubs.S knows the processor. See docs/decisions/late-libraries.md.
EARLY := libxml-2.0 nettle zlib
LATE  := $(filter-out $(EARLY),$(PACKAGES) $(PROGRAM_PACKAGES))
STUBS := $(if $(filter release debug san,$(MODE)),$(filter x86_64 aarch64,$(shell uname -m)))
LATE_LIBS     = $(filter-out $(shell pkg-config --libs $(EARLY)),$(shell pkg-config --libs $(LATE)))
# SHA-256 is in the program, where there is a static library of it: one less to load at each start.
NETTLE       = $(or $(filter /%,$(shell $(CC) -print-file-name=libnettle.a)),-lnettle)
EARLY_LIBS   = $(eval EARLY_LIBS := -Wl,--as-needed $$(patsubst -lnettle,$$(NETTLE),$$(or $$(shell \
               pkg-config --libs $(EARLY)),$$(error $(HINT)))) -pthread -ldl)$(EARLY_LIBS)
TEST_LIBS    = $(eval TEST_LIBS := $$(or $$(shell \
               pkg-config --libs cmocka),$$(error $(HINT))))$(TEST_LIBS)
ALL_CFLAGS   = $(STD) $(WARN) $(SAFE) $(PIC) $(opt_$(MODE)) $(INC) $(DEPS_CFLAGS) $(CFLAGS)
LINK         = $(CC) $(opt_$(MODE)) $(HARD) $(LDFLAGS)

LIB_SRC  := $(sort $(wildcard validator/lib/*/*.c))
# The rooms of the program: its commands, and what they need of the network and of editors.
ROOMS    := cli http serve twin lsp
# Debian has no static libraries for the network.
ROOMS    := $(if $(filter static,$(MODE)),$(filter-out http serve twin,$(ROOMS)),$(ROOMS))
CLI_SRC  := $(filter-out %/lazy.c %/start.c,$(sort $(wildcard $(ROOMS:%=validator/%/*.c))))
TEST_SRC := $(sort $(wildcard validator/tests/test_*.c))
TEST_AID := $(filter-out $(TEST_SRC),$(sort $(wildcard validator/tests/*.c)))
TEST_SH  := $(sort $(wildcard validator/tests/test_*.sh))
# Those that look at the tree, the compiler and the disk, or compare reports with each other: once is enough.
OF_TREE  := $(if $(filter san tsan cov,$(MODE)),$(filter $(addprefix %/test_,house.sh words.sh new_rule.sh journal.sh \
            shards.sh sinks_agree.sh),$(TEST_SH)))
TEST_SH  := $(filter-out $(OF_TREE),$(TEST_SH))
LIB_OBJ  := $(LIB_SRC:validator/%.c=$(B)/%.o)
CLI_OBJ  := $(CLI_SRC:validator/%.c=$(B)/%.o)
LAZY_OBJ := $(if $(STUBS),$(B)/cli/lazy.o $(B)/cli/lazy_stubs.o)
# The program begins there, where validator/cli/start_here.S knows the processor. See docs/decisions/cold-start.md.
START_OBJ := $(if $(filter release debug static,$(MODE)),$(if $(filter x86_64 aarch64,$(shell uname -m)),\
             $(B)/cli/start.o $(B)/cli/start_here.o))
RELRC     := $(if $(START_OBJ),$(B)/relrc)
AID_OBJ  := $(TEST_AID:validator/%.c=$(B)/%.o)
TESTS    := $(TEST_SRC:validator/tests/%.c=$(B)/tests/%)

.PHONY: all all-tests demo check tests lint golden cov bench static install dist deb clean tidy-format FORCE
all: $(B)/cpis
	@ln -sfn $(B:build/%=%)/cpis build/cpis

include validator/gen/rules.mk
include validator/gen/assets.mk
ifeq ($(MODE),static)
include validator/gen/static.mk
endif

# A linker writes in small pieces, and so they lie in the system's cache: a copy starts faster, by a twentieth.
ANEW = cp -p $(1) $(1).new && mv -f $(1).new $(1)

$(B)/cpis: $(CLI_OBJ) $(CLI_GEN_OBJ) $(LAZY_OBJ) $(START_OBJ) $(B)/libcpis.a $(RELRC)
	$(call SAY,link)
	$(Q)$(LINK) $(if $(START_OBJ),-e start_here) -o $@ $(filter-out %/relrc,$^) $(if $(STUBS),$(EARLY_LIBS),$(PROGRAM_LIBS)) $(LDLIBS)
	$(Q)$(if $(RELRC),$(RELRC) $@)
	$(Q)$(call ANEW,$@)

$(B)/libcpis.a: $(LIB_OBJ) $(GEN_OBJ)
	$(call SAY,ar)
	$(Q)rm -f $@ && ar rcs $@ $^

# Objects of other flags are made again.
FLAGS := $(CC) $(STD) $(WARN) $(SAFE) $(PIC) $(opt_$(MODE)) $(CFLAGS)
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' >$@

$(B)/%.o: validator/%.c $(B)/flags | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(call SAY,cc)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.o: validator/%.S $(B)/flags
	@mkdir -p $(@D)
	$(call SAY,as)
	$(Q)$(CC) $(INC) -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c $(B)/flags
	$(call SAY,cc)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# In the program in one file, this runs before there is anything that checks a stack.
$(B)/cli/start.o: private CFLAGS += -fno-stack-protector -fno-lto

# The program without its main, for tests that run it in their own process.
$(B)/libcli.a: $(filter-out %/main.o,$(CLI_OBJ)) $(CLI_GEN_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^

# Tests that need the linker's help.
LINK_test_pack_prepare := -Wl,--wrap=tree_parse
LINK_test_torture := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

$(B)/tests/%: $(B)/tests/%.o $(AID_OBJ) $(B)/libcli.a $(B)/libcpis.a
	$(call SAY,link)
	$(Q)$(LINK) $(LINK_$*) -o $@ $^ $(PROGRAM_LIBS) $(TEST_LIBS)

-include $(wildcard $(B)/*/*.d $(B)/*/*/*.d)

# Two steps, because the second asks pkg-config for what the first installs; on all cores unless -j says else.
AGAIN = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

demo:
	@scripts/install-deps
	@echo 'building build/cpis (about a minute)'
	+@$(AGAIN) SAY= all
	@scripts/demo build/cpis

check:
	@scripts/install-deps
	+@$(AGAIN) -k tests
	@$(if $(OF_TREE),echo '[  SHORT   ] not again with $(MODE): $(notdir $(OF_TREE))')
	@$(if $(filter san,$(MODE)),echo '[  SHORT   ] leaks of the program itself: in every fifth run of it by the tests in C')
	@echo 'make check: $(words $(TESTS) $(TEST_SH)) test programs passed'

# All of the C, to see that a compiler takes it.
all-tests: all $(TESTS)

# CPIS_PROGRAM is the program that tests run where they want it in a process of its own.
tests: $(TESTS:%=%.run) $(TEST_SH:validator/tests/%.sh=$(B)/tests/%.run)

$(B)/tests/%.run: $(B)/tests/% $(B)/cpis FORCE
	@CPIS_PROGRAM=$(B)/cpis MODE=$(MODE) scripts/run-test $<

$(B)/tests/%.run: validator/tests/%.sh $(B)/cpis FORCE
	@CPIS_PROGRAM=$(B)/cpis MODE=$(MODE) CC='$(CC)' PACKAGES='$(PACKAGES)' \
		SANITIZER='$(filter -fsanitize% --coverage,$(opt_$(MODE)))' scripts/run-test $<

golden: $(B)/tests/test_report
	CPIS_GOLDEN=write $(B)/tests/test_report

# What is checked in and made by the program itself; test_generated.sh fails when it is stale.
$(B)/cut_examples: $(B)/tests/tools/cut_examples.o $(B)/tests/tools/excerpt.o $(B)/libcli.a \
		$(B)/libcpis.a
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(PROGRAM_LIBS)

$(B)/option_manual: $(B)/tests/tools/option_manual.o $(B)/libcli.a $(B)/libcpis.a
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(PROGRAM_LIBS)

$(B)/tests/test_generated.run: $(B)/cut_examples $(B)/option_manual

# Years of messages of an authority that does not exist; scripts/make-authority writes them.
$(B)/make_authority: $(B)/tests/tools/make_authority.o $(B)/tests/authority.o $(B)/libcpis.a
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(DEPS_LIBS)

$(B)/tests/test_simulate.run: $(B)/make_authority
$(B)/tests/test_twin_random: $(B)/tests/tools/mutants.o

# Clients of cpis serve, for scripts/check-service.
$(B)/load: $(B)/tests/tools/load.o
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^

# Certificates for tests of TLS.
$(B)/certificates: $(B)/tests/tools/certificates.o
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(PROGRAM_LIBS)

$(B)/tests/test_tls.run: $(B)/certificates

examples: $(B)/cut_examples
	$(B)/cut_examples >$(B)/examples.inc
	mv $(B)/examples.inc validator/lib/rules/examples.inc

# The options of cpis(1) take the place of that section; the rest of the page is written by hand.
manuals: $(B)/cpis $(B)/option_manual
	$(B)/cpis rules --format mdoc | validator/gen/wrap-mdoc >$(B)/cpis-rules.7
	mv $(B)/cpis-rules.7 validator/man/cpis-rules.7
	$(B)/option_manual | validator/gen/wrap-mdoc >$(B)/options.mdoc
	awk '/^\.Sh/ { old = /^\.Sh OPTIONS/ } /^\.Sh OPTIONS/ { system("cat $(B)/options.mdoc") } !old' \
		validator/man/cpis.1 >$(B)/cpis.1
	mv $(B)/cpis.1 validator/man/cpis.1
	@ONLY_TERMINAL=1 scripts/make-pictures $(B)/cpis

.PHONY: docs
docs:
	@scripts/install-deps docs
	@scripts/html-manuals build/docs
	@echo 'make docs: build/docs/index.html'

# Mutants of good messages, judged by both schema engines; scripts/differential runs many.
$(B)/differential: $(B)/tests/tools/differential.o $(B)/tests/tools/mutants.o $(B)/libcpis.a
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(DEPS_LIBS)

$(B)/tests/test_differential.run: $(B)/differential

# Threads that make their first call to the library at once; under ThreadSanitizer where there is one.
$(B)/threads: $(B)/tests/tools/threads.o $(B)/libcpis.a
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(DEPS_LIBS)

TSAN_B := build/tsan$(B:build/$(MODE)%=%)
.PHONY: threads threads-under-tsan
ifneq ($(filter tsan san,$(MODE)),)
threads-under-tsan: $(B)/threads
else
threads-under-tsan: $(B)/threads
	+@if scripts/tsan-probe '$(CC)' >/dev/null; then \
		$(MAKE) --no-print-directory MODE=tsan $(TSAN_B)/threads; fi
endif

$(B)/tests/test_threads.run: threads-under-tsan

threads: RUNS = 500
threads: threads-under-tsan
	@CPIS_PROGRAM=$(B)/cpis CC='$(CC)' RUNS=$(RUNS) sh validator/tests/test_threads.sh

# All fuzz targets are one program, which is the target that it is called after.
FUZZ_OBJ := $(patsubst validator/%.c,$(B)/%.o,$(sort $(wildcard validator/fuzz/*.c))) \
            $(B)/tests/tools/mutants.o

fuzz:
	@command -v clang >/dev/null || { echo 'make fuzz: it takes clang, with libFuzzer'; exit 1; }
	+@$(AGAIN) MODE=fuzz CC=clang fuzz-targets

.PHONY: fuzz fuzz-targets
fuzz-targets: $(B)/fuzz/cpis-fuzz
	$(Q)$< | while read -r target rest; do ln -f $< $(<D)/fuzz_$$target; done

$(B)/fuzz/cpis-fuzz: $(FUZZ_OBJ) $(B)/libcli.a $(B)/libcpis.a
	$(call SAY,link)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(PROGRAM_LIBS)

# So that small documents fill its batches.
ifeq ($(MODE),fuzz)
$(B)/lib/xml/relay.o: CFLAGS += -DCPIS_SMALL_BATCHES
endif

cov:
	@rm -rf build/cov && scripts/install-deps
	+@$(AGAIN) -k MODE=cov tests
	@scripts/coverage build/cov

# What is installed: a library that shares its name with no other as long as programs can go on using
# it, and an archive in which only the names of the public headers are seen by programs.
VERSION := $(shell sed -n 's/^.define CPIS_VERSION "\(.*\)"$$/\1/p' validator/include/cpis.h)
SONAME  := libcpis.so.$(firstword $(subst ., ,$(VERSION)))
SHARED  := $(B)/libcpis.so.$(VERSION)
ARCHIVE := $(B)/installable/libcpis.a
LD      ?= ld
OBJCOPY ?= objcopy

# Nothing may be missing in it, but for what sanitizers find in the program.
WHOLE_release := -Wl,-z,defs
WHOLE_debug   := -Wl,-z,defs

$(SHARED): $(LIB_OBJ) $(GEN_OBJ) validator/libcpis.map
	$(call SAY,link)
	$(Q)$(filter-out -pie,$(LINK)) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=validator/libcpis.map \
		$(WHOLE_$(MODE)) -o $@ $(filter %.o,$^) $(DEPS_LIBS)

$(ARCHIVE): $(LIB_OBJ) $(GEN_OBJ)
	@mkdir -p $(@D)
	$(call SAY,ar)
	$(Q)$(LD) -r -o $(@D)/cpis.o $^ && $(OBJCOPY) --localize-hidden $(@D)/cpis.o
	$(Q)rm -f $@ && ar rcs $@ $(@D)/cpis.o

DATA := $(DESTDIR)$(PREFIX)/share
COMPLETIONS := bash:bash-completion/completions/cpis zsh:zsh/site-functions/_cpis \
               fish:fish/vendor_completions.d/cpis.fish

.PHONY: shared
shared: $(SHARED) $(ARCHIVE)

# Linked with every library that the program may load, for those who ask which they are.
$(B)/needs.so:
	$(Q)$(CC) -shared -nostartfiles -Wl,--no-as-needed -o $@ $(DEPS_LIBS) \
		$(shell pkg-config --libs $(PROGRAM_PACKAGES))

install: all $(SHARED) $(ARCHIVE)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 755 $(B)/cpis $(DESTDIR)$(PREFIX)/bin/cpis
	install -m 644 validator/include/cpis.h validator/include/cpis_service.h $(DESTDIR)$(PREFIX)/include
	install -m 644 $(ARCHIVE) $(DESTDIR)$(LIBDIR)/libcpis.a
	install -m 644 $(SHARED) $(DESTDIR)$(LIBDIR)/$(notdir $(SHARED))
	ln -sf $(notdir $(SHARED)) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libcpis.so
	scripts/pkg-config-file '$(PREFIX)' '$(LIBDIR)' '$(DEPS_LIBS)' >$(DESTDIR)$(LIBDIR)/pkgconfig/cpis.pc
	for page in validator/man/*.[1-9]; do \
		section=$(DATA)/man/man$${page##*.}; \
		install -d $$section && install -m 644 $$page $$section/ || exit 1; \
	done
	for shell in $(COMPLETIONS); do \
		install -d "$$(dirname $(DATA)/$${shell#*:})" && \
		$(B)/cpis completion $${shell%%:*} >$(DATA)/$${shell#*:} || exit 1; \
	done
	install -d $(DATA)/cpis/testcases
	cp -RP --preserve=mode schemas $(DATA)/cpis/
	cp -RP --preserve=mode testcases/messages testcases/packs $(DATA)/cpis/testcases/

DIST := build/dist/cpis-$(VERSION)

dist:
	@mkdir -p $(@D) build/dist
	git archive --prefix=cpis-$(VERSION)/ HEAD | gzip -9n >$(DIST).tar.gz

# Built as any user would from the sources, and not tested again.
deb: dist
	rm -rf $(DIST) && tar -xzf $(DIST).tar.gz -C build/dist
	cd $(DIST) && SOURCE_DATE_EPOCH=$$(dpkg-parsechangelog -STimestamp) \
		DEB_BUILD_OPTIONS='nocheck parallel=$(shell nproc) $(DEB_BUILD_OPTIONS)' \
		dpkg-buildpackage -us -uc -b
	rm -rf $(DIST)

# The tree that test_install.sh builds the examples against.
$(B)/tests/test_install.run: $(B)/installed

.PHONY: $(B)/installed
$(B)/installed: all $(SHARED) $(ARCHIVE)
	$(Q)rm -rf $@
	+$(Q)$(MAKE) --no-print-directory install DESTDIR=$(abspath $@) PREFIX=/usr >/dev/null

# A file is looked at again when its object was made again, so that headers count too.
LINT_SRC := $(wildcard validator/*/*.[ch] validator/*/*/*.[ch])
TIDIED   := $(patsubst %.o,$(B)/lint/%.tidy,$(LIB_OBJ:$(B)/%=%) $(CLI_OBJ:$(B)/%=%) \
            $(AID_OBJ:$(B)/%=%) $(TESTS:$(B)/%=%.o))

lint:
	@scripts/install-deps lint
	+@$(AGAIN) lint-format lint-tidy lint-cppcheck

.PHONY: lint-format lint-tidy lint-cppcheck
lint-format:
	$(call SAY,format)
	$(Q)clang-format --dry-run -Werror $(LINT_SRC)

lint-tidy: $(filter-out $(B)/lint/gen/%,$(TIDIED))

# A quarter of the analyzer's usual paths finds the same here, in a third of the time.
TIDY_FLAGS = $(filter-out -Werror $(INLINE),$(ALL_CFLAGS)) -Xclang -analyzer-config -Xclang max-nodes=60000

$(B)/lint/%.tidy: validator/%.c $(B)/%.o .clang-tidy
	@mkdir -p $(@D)
	$(call SAY,tidy)
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $< -- $(TIDY_FLAGS) \
		>$@.log 2>&1 || { cat $@.log; exit 1; }
	@touch $@

lint-cppcheck: | $(B)/libcpis.a
	@mkdir -p $(B)/lint/cppcheck
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --cppcheck-build-dir=$(B)/lint/cppcheck \
		--suppressions-list=scripts/cppcheck-suppressions -D_GNU_SOURCE $(INC) \
		validator/lib validator/gen $(wildcard $(ROOMS:%=validator/%))

tidy-format:
	$(Q)clang-format -i $(LINT_SRC)

static:
	@scripts/install-deps static
	+@$(AGAIN) MODE=static build/static/cpis
	@strip build/static/cpis
	@$(call ANEW,build/static/cpis)
	@scripts/check-static build/static/cpis
	@scripts/check-hardening build/static/cpis

include validator/web/wasm.mk

RUNS ?= 9
$(B)/bench: validator/bench/bench.c
	@mkdir -p $(@D)
	$(call SAY,cc)
	$(Q)$(CC) $(STD) $(WARN) $(opt_$(MODE)) -o $@ $<

bench: $(B)/cpis $(B)/bench
	scripts/bench $(B)/cpis $(B)/bench $(RUNS)

clean:
	rm -rf build
