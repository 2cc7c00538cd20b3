# SPDX-License-Identifier: MIT
# afetch: `make` builds build/afetch, `make demo` shows it, `make test` tests it.

PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
CFLAGS ?= -O2 -g
VERSION := $(shell sh tests/version.sh)

# Libraries that can be left out: make WITHOUT="brotli zstd"
WITHOUT ?=
WITH := $(filter-out $(WITHOUT),brotli zstd)
PKGS := libcurl libcjson nettle zlib
PKGS += $(patsubst brotli,libbrotlidec,$(WITH:zstd=libzstd))
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection \
	$(if $(findstring -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
CPPFLAGS += -Iinclude -D_GNU_SOURCE $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
ALL_CFLAGS := -std=c11 -pthread -Wall -Wextra $(HARDEN) $(CFLAGS)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lev -lm

SRC := $(wildcard src/*/*.c)
OBJ := $(SRC:src/%.c=$(BUILD)/obj/%.o)
LIB := $(BUILD)/libafetch.a
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
STRICT := -Wpedantic -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wwrite-strings -Wpointer-arith -Wconversion -Wshadow -Werror
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer

all: $(BUILD)/afetch

$(BUILD)/afetch: $(BUILD)/obj/app/main.o $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(filter-out $(BUILD)/obj/app/main.o,$(OBJ))
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Rebuilt only when the version, or what is left out, changes.
$(BUILD)/obj/app/main.o: CPPFLAGS += -DAFETCH_VERSION='"$(VERSION)"'
$(BUILD)/obj/app/main.o: $(BUILD)/version
$(BUILD)/obj/world/decode_coders.o: CPPFLAGS += $(patsubst brotli,-DWITH_BROTLI,$(WITH:zstd=-DWITH_ZSTD))
$(BUILD)/obj/world/decode_coders.o: $(BUILD)/without
$(BUILD)/version: SETTING = $(VERSION)
$(BUILD)/without: SETTING = $(WITHOUT)
$(BUILD)/version $(BUILD)/without: FORCE
	@mkdir -p $(@D)
	@echo '$(SETTING)' | cmp -s - $@ || echo '$(SETTING)' >$@

$(BUILD)/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests/unit $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(LIB) $(LIBS)

$(BUILD)/origin: $(wildcard tests/origin/*.c tests/origin/*.h)
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=c11 -Wall -Wextra $(CFLAGS) -o $@ $(filter %.c,$^) -lev -lm

# Put before the C library by LD_PRELOAD.
$(BUILD)/%.so: tests/preload/%.c
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=c11 -Wall -Wextra -O1 -g -fPIC -shared -o $@ $< -ldl

programs: all $(BUILD)/origin $(patsubst %,$(BUILD)/%.so,names clock fsync timers) $(UNIT)

deps bench-deps:
	sh tests/deps.sh $@
demo: deps
	+$(MAKE) all $(BUILD)/origin
	BUILD=$(BUILD) bash tests/demo.sh $(URLS)
test: deps
	+$(MAKE) -s programs
	BUILD=$(BUILD) bash tests/run.sh
asan: deps
	+$(MAKE) -s programs BUILD=build/asan CFLAGS='$(SANITIZE)'
	BUILD=build/asan bash tests/run.sh
soak: deps
	+$(MAKE) -s all $(BUILD)/origin
	BUILD=$(BUILD) python3 tests/kill.py --kills 1000 --bodies
	BUILD=$(BUILD) python3 tests/soak.py
lint: deps
	+$(MAKE) -s $(OBJ:$(BUILD)/%=build/lint/%) BUILD=build/lint CFLAGS='-O2 $(STRICT)'
	bash tests/lint.sh
bench: all $(BUILD)/origin
	BUILD=$(BUILD) bash tests/bench/run.sh $(WORKLOADS)
completions: all
	BUILD=$(BUILD) bash completions/generate.sh

install: all
	install -D -m 755 $(BUILD)/afetch $(DESTDIR)$(PREFIX)/bin/afetch
	install -D -m 644 man/afetch.1 $(DESTDIR)$(PREFIX)/share/man/man1/afetch.1
	install -D -m 644 man/afetch.schema.json $(DESTDIR)$(PREFIX)/share/afetch/afetch.schema.json
	install -D -m 644 completions/afetch.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/afetch
	install -D -m 644 completions/_afetch $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_afetch
	install -D -m 644 completions/afetch.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/afetch.fish
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/afetch share/man/man1/afetch.1 \
		share/afetch/afetch.schema.json share/bash-completion/completions/afetch \
		share/zsh/site-functions/_afetch share/fish/vendor_completions.d/afetch.fish)
clean:
	rm -rf build

FORCE:
.PHONY: all programs deps bench-deps demo test asan soak lint bench completions install uninstall clean FORCE
-include $(OBJ:.o=.d) $(UNIT:=.d)
