# make          build build/release/cpis (and build/cpis, a link to it)
# make demo     install what is missing, build, run a pack over messages of the repo, name the report
# make check    install what is missing, build, pass every test
# make lint     formatting, clang-tidy, cppcheck
# make golden   rewrite the golden outputs; look at the difference before you commit it
# make install  program, library, header, manuals under $(DESTDIR)$(PREFIX)
#
# MODE=release (default), debug, san (ASan and UBSan), tsan, cov; CC=gcc or clang

MODE   ?= release
PREFIX ?= /usr/local
B      := build/$(MODE)
V      ?= 0
Q      := $(if $(filter 0,$(V)),@)
SAY     = $(if $(filter 0,$(V)),@echo ' ' $(1) $@)

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

PACKAGES := libxml-2.0 libxslt libexslt yaml-0.1 nettle zlib
CMOCKA   := cmocka

CC     ?= cc
CFLAGS ?=
STD    := -std=c11 -D_GNU_SOURCE
WARN   := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wmissing-prototypes -Wcast-qual -Wvla \
          -Wformat=2 -Wundef -Wstrict-prototypes -Werror
INC    := -Ivalidator/include -Ivalidator/lib -I$(B)/gen
SAFE   := -fvisibility=hidden -fno-strict-aliasing -fstack-protector-strong

opt_release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
opt_debug   := -O0 -g3
opt_san     := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
opt_tsan    := -O1 -g -fsanitize=thread
opt_cov     := -O0 -g --coverage

# Asked of pkg-config only when something is compiled: `make demo` must work before it is installed.
DEPS_CFLAGS = $(shell pkg-config --cflags $(PACKAGES))
DEPS_LIBS   = $(shell pkg-config --libs $(PACKAGES)) -pthread
ALL_CFLAGS  = $(STD) $(WARN) $(SAFE) $(opt_$(MODE)) $(INC) $(patsubst -I%,-isystem %,$(DEPS_CFLAGS)) $(CFLAGS)
LINK        = $(CC) $(opt_$(MODE)) $(LDFLAGS)

LIB_SRC  := $(sort $(wildcard validator/lib/*/*.c))
CLI_SRC  := $(sort $(wildcard validator/cli/*.c))
TEST_SRC := $(sort $(wildcard validator/tests/test_*.c))
TEST_AID := $(filter-out $(TEST_SRC),$(sort $(wildcard validator/tests/*.c)))
LIB_OBJ  := $(LIB_SRC:validator/%.c=$(B)/%.o)
CLI_OBJ  := $(CLI_SRC:validator/%.c=$(B)/%.o)
AID_OBJ  := $(TEST_AID:validator/%.c=$(B)/%.o)
TESTS    := $(TEST_SRC:validator/tests/%.c=$(B)/tests/%)

.PHONY: all demo check lint clean golden install deps
all: $(B)/cpis
	@ln -sfn $(MODE)/cpis build/cpis

include validator/gen/rules.mk
include validator/gen/assets.mk

$(B)/cpis: $(CLI_OBJ) $(B)/libcpis.a
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(DEPS_LIBS)

$(B)/libcpis.a: $(LIB_OBJ) $(GEN_OBJ)
	$(call SAY,ar)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/%.o: validator/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	$(call SAY,cc)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c
	$(call SAY,cc)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/%: $(B)/tests/%.o $(AID_OBJ) $(B)/libcpis.a
	$(call SAY,link)
	$(Q)$(LINK) -o $@ $^ $(DEPS_LIBS) $(shell pkg-config --libs $(CMOCKA))

-include $(wildcard $(B)/*/*.d $(B)/*/*/*.d)

clean:
	rm -rf build
