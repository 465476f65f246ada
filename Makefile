# SPDX-License-Identifier: GPL-2.0-or-later
# The one makefile: the library, the command, unit tests, fuzz targets, the kernel module, installation. It leaves
# packages, linters and guest tests to ./check. `make help` lists the targets; everything is made below build/.

PREFIX ?= /usr/local
DESTDIR ?=
KDIR ?= /lib/modules/$(shell uname -r)/build
CC ?= cc
V ?= 0

ifeq ($(SAN),1)
BUILD := build/san
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else
BUILD := build
SAN_FLAGS :=
endif
# A compiler other than the default builds in a folder of its own, so that the two never mix objects.
ifneq ($(filter-out cc gcc,$(CC)),)
BUILD := $(BUILD)/$(notdir $(firstword $(CC)))
endif

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' '$(2)')

VERSION := $(shell cat VERSION)
WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wwrite-strings -Wformat=2 -Wundef \
	-Wimplicit-fallthrough -fno-common
WERROR ?= -Werror
PACKAGES := libelf libdw json-c nettle libarchive
CFLAGS ?= -O2 -g
SU_CPPFLAGS := -D_GNU_SOURCE -I. -Iinclude -DSU_VERSION='"$(VERSION)"' -DSU_DATADIR='"$(PREFIX)/share/suture"' \
	$(shell pkg-config --cflags $(PACKAGES))
SU_CFLAGS := -std=gnu11 $(WARNINGS) $(WERROR) $(SAN_FLAGS)
# Debian 12's Zydis comes without a pkg-config file.
SU_LIBS := $(shell pkg-config --libs $(PACKAGES)) -lZydis
COMPILE = $(CC) $(SU_CPPFLAGS) $(CPPFLAGS) $(SU_CFLAGS) $(CFLAGS) -MMD -MP

LIB_SOURCES := $(sort $(wildcard match/*.c lib/*/*.c))
CLI_SOURCES := $(sort $(wildcard cli/*.c))
UNIT_SOURCES := $(sort $(wildcard tests/unit/*.c))
TOOL_LIB_SOURCES := $(sort $(wildcard tests/tool/lib/*.c))
TOOL_SOURCES := $(sort $(wildcard tests/tool/*.c))
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/*.c))
MAN_PAGES := $(sort $(wildcard docs/man/*.[1-8]))
GUEST_MODULES := $(sort $(wildcard tests/guest/modules/*.c))
KMOD_SOURCES := $(sort $(wildcard kmod/*.[ch] kmod/Kbuild match/*.[ch] include/suture/*.h))

LIB_OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/obj/%.o)
CLI_OBJECTS := $(CLI_SOURCES:%.c=$(BUILD)/obj/%.o)
UNIT_OBJECTS := $(UNIT_SOURCES:%.c=$(BUILD)/obj/%.o)
TOOL_LIB_OBJECTS := $(TOOL_LIB_SOURCES:%.c=$(BUILD)/obj/%.o)
TOOL_OBJECTS := $(TOOL_SOURCES:%.c=$(BUILD)/obj/%.o)
TOOLS := $(TOOL_SOURCES:tests/tool/%.c=$(BUILD)/tool/%)
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/tests/%)
FUZZ_TARGETS := $(FUZZ_SOURCES:tests/fuzz/%.c=build/fuzz/%)

.PHONY: all help tool unit unit-build fuzz kmod guest-modules messages install kmod-install clean
.SECONDARY:
.DELETE_ON_ERROR:

all: $(BUILD)/suture $(BUILD)/guest-agent

help:
	@echo 'make                 build/suture'
	@echo 'make tool            the programs of tests/tool'
	@echo 'make unit            build and run the unit tests'
	@echo 'make fuzz            build the fuzz targets (clang); ./check fuzz runs them'
	@echo 'make kmod KDIR=DIR   suture.ko for the kernel whose headers are in DIR, into build/kmod/RELEASE/'
	@echo '  FAULTS=1           the same for tests: its steps can be made to fail (kmod/faults.h), in RELEASE-faults/'
	@echo 'make messages        the table of tokens in docs/messages.md'
	@echo 'make install         into DESTDIR/PREFIX (now $(DESTDIR)$(PREFIX))'
	@echo 'make kmod-install    what make kmod KDIR=DIR has built, into DESTDIR/lib/modules/RELEASE/updates'
	@echo 'make clean           remove build/'
	@echo 'Variables: CC=clang, SAN=1 (ASan and UBSan, in build/san), V=1 (show commands), CFLAGS, WERROR='

$(BUILD)/libsuture.a: $(LIB_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcsD $@ $^

$(BUILD)/suture: $(CLI_OBJECTS) $(BUILD)/libsuture.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(SAN_FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SU_LIBS)

# PID 1 of guests: static and without sanitizers, as it runs where there is no other file of ours.
$(BUILD)/guest-agent: lib/guest/agent/main.c lib/guest/protocol.h Makefile
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SU_CPPFLAGS) -std=gnu11 $(WARNINGS) $(WERROR) -Os -s -static -o $@ $<

$(BUILD)/obj/%.o: %.c Makefile VERSION
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -c -o $@ $<

# The folder of fixtures that tests may read; tests write only below a temporary folder.
$(UNIT_OBJECTS): SU_CPPFLAGS += -DSU_TEST_DATA='"tests/unit/data"'

$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/libsuture.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SAN_FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SU_LIBS) -lcmocka

# Programs that tests and checks use: one a file.
$(BUILD)/tool/%: $(BUILD)/obj/tests/tool/%.o $(TOOL_LIB_OBJECTS) $(BUILD)/libsuture.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SAN_FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SU_LIBS)

tool: $(TOOLS) $(BUILD)/suture $(BUILD)/guest-agent

unit-build: $(UNIT_TESTS)

unit: $(UNIT_TESTS) $(BUILD)/suture
	@failed=0; for test in $(UNIT_TESTS); do \
		echo "# $$test"; $$test || failed=$$((failed + 1)); \
	done; test $$failed = 0

# The library is compiled once for all targets; only their own main() is libFuzzer's.
FUZZ_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_COMPILE = clang $(SU_CPPFLAGS) -std=gnu11 -g -O1 $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP
FUZZ_OBJECTS := $(LIB_SOURCES:%.c=build/fuzz/obj/%.o) $(FUZZ_SOURCES:%.c=build/fuzz/obj/%.o)

build/fuzz/obj/%.o: %.c Makefile VERSION
	$(call say,FUZZ,$<)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_COMPILE) -c -o $@ $<

build/fuzz/libsuture.a: $(LIB_SOURCES:%.c=build/fuzz/obj/%.o)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcsD $@ $^

build/fuzz/%: build/fuzz/obj/tests/fuzz/%.o build/fuzz/libsuture.a
	$(call say,LINK,$@)
	$(Q)clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(SU_LIBS)

fuzz: $(FUZZ_TARGETS)

# Kbuild writes beside its sources: they are copied, so that the checkout stays clean and two releases do not collide.
kmod:
	@test -e $(KDIR)/Makefile || { echo "no kernel headers in $(KDIR): give KDIR=" >&2; exit 1; }
	$(Q)set -e; release=$$(sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' $(KDIR)/include/generated/utsrelease.h); \
	dir=build/kmod/$$release$(if $(filter 1,$(FAULTS)),-faults); mkdir -p $$dir/src/kmod $$dir/src/match $$dir/src/include/suture; \
	for file in $(KMOD_SOURCES); do cmp -s $$file $$dir/src/$$file || cp $$file $$dir/src/$$file; done; \
	for file in $$(cd $$dir/src && ls kmod/*.c kmod/*.h match/*.c match/*.h 2>/dev/null); do \
		case $$file in *.mod.c) continue;; esac; test -e $$file || rm $$dir/src/$$file; done; \
	$(MAKE) -C $(KDIR) M=$$PWD/$$dir/src/kmod FAULTS=$(FAULTS) modules \
		$(if $(filter 1,$(V)),V=1,--no-print-directory); \
	cp $$dir/src/kmod/suture*.ko $$dir; echo "$$dir/suture.ko"

# The modules of tests/guest/modules, for the guest tests.
guest-modules:
	$(Q)set -e; release=$$(sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' $(KDIR)/include/generated/utsrelease.h); \
	dir=build/guest-modules/$$release; mkdir -p $$dir; \
	for file in $(GUEST_MODULES); do cmp -s $$file $$dir/$$(basename $$file) || cp $$file $$dir; done; \
	echo "obj-m := $(notdir $(GUEST_MODULES:.c=.o))" >$$dir/Kbuild; \
	$(MAKE) -C $(KDIR) M=$$PWD/$$dir modules $(if $(filter 1,$(V)),V=1,--no-print-directory)

messages:
	$(Q)mkdir -p build
	$(Q)awk -f docs/messages.awk lib/base/err.h lib/base/tokens.def docs/messages.md >build/messages.md
	$(Q)cmp -s build/messages.md docs/messages.md || cp build/messages.md docs/messages.md

install: $(BUILD)/suture $(BUILD)/guest-agent
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/suture/kmod $(DESTDIR)$(PREFIX)/share/suture/match \
		$(DESTDIR)$(PREFIX)/share/suture/include/suture
	install -d $(DESTDIR)$(PREFIX)/libexec/suture
	install -m 755 $(BUILD)/suture $(DESTDIR)$(PREFIX)/bin/suture
	install -m 755 $(BUILD)/guest-agent $(DESTDIR)$(PREFIX)/libexec/suture/guest-agent
	for file in $(KMOD_SOURCES); do install -m 644 $$file $(DESTDIR)$(PREFIX)/share/suture/$$file; done
	for page in $(MAN_PAGES); do \
		dir=$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}; install -d $$dir; install -m 644 $$page $$dir/; done

# Builds nothing, so that it can be run as root after `make kmod` as somebody else.
kmod-install:
	$(Q)set -e; release=$$(sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' $(KDIR)/include/generated/utsrelease.h); \
	install -D -m 644 build/kmod/$$release/suture.ko $(DESTDIR)/lib/modules/$$release/updates/suture.ko; \
	test -n "$(DESTDIR)" || depmod $$release; echo "$(DESTDIR)/lib/modules/$$release/updates/suture.ko"

clean:
	rm -rf build

-include $(LIB_OBJECTS:.o=.d) $(CLI_OBJECTS:.o=.d) $(UNIT_OBJECTS:.o=.d) $(TOOL_OBJECTS:.o=.d) $(TOOL_LIB_OBJECTS:.o=.d)
-include $(FUZZ_OBJECTS:.o=.d)
