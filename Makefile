# The one Makefile of Krait. `make` leaves the executable at build/krait.
#
#   make [BUILD=debug|release|asan]   build/krait (release unless said otherwise)
#   make tuned                        build/krait, optimised as a whole by a profile
#   make run                          set up, build and run examples/tour.py
#   make test                         set up, build and run the tests
#   make bench                        compare with another Python: REFERENCE=python3.14
#   make install PREFIX=/usr/local    executable, headers, library
#   make obj F=src/x/y.c              compile one file, warnings are errors
#
# Native modules over foreign libraries are left out, with a note, where those libraries'
# headers are absent.
#
# `make` alone needs gcc, python3 and the headers of GMP (Debian: libgmp-dev);
# `make run` and `make test` install them and fetch the standard library.
BUILD ?= release
CC = gcc
PYTHON ?= python3
CCACHE := $(shell command -v ccache 2>/dev/null)
B := build/$(BUILD)

WARN = -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers \
       -Wno-cast-function-type
BASEFLAGS = -std=c17 -D_GNU_SOURCE -fno-strict-aliasing -fwrapv -fvisibility=hidden \
       -Iinclude -Isrc -Ibuild/gen $(WARN)
FLAGS_release = -O2 -g1 -fno-semantic-interposition -DNDEBUG
FLAGS_train = $(FLAGS_release) -fprofile-generate -fprofile-update=single
FLAGS_tuned = $(FLAGS_release) -flto=2 -fprofile-use -fprofile-partial-training \
       -w
FLAGS_debug = -O0 -g -DKR_DEBUG
FLAGS_asan = -O1 -g -DKR_DEBUG -fsanitize=address,undefined -fno-omit-frame-pointer
CFLAGS += $(BASEFLAGS) $(FLAGS_$(BUILD))
LDFLAGS += $(if $(filter asan,$(BUILD)),-fsanitize=address$(comma)undefined) -rdynamic
LDLIBS = -lgmp -lm -ldl -lpthread
comma = ,

# Every generator writes a file only when its content changes, so all of them run
# before anything else; ids.py last, for it reads what the others wrote.
GENERATORS = $(filter-out %_lib.py %/ids.py,$(sort $(wildcard tools/gen/*.py))) \
       tools/gen/ids.py
# (`make run` and `make test` call make again, when python3 is surely there.)
ifneq ($(filter-out run test,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell for g in $(GENERATORS); do $(PYTHON) $$g >&2 || echo $$g; done),)
$(if $(filter obj,$(MAKECMDGOALS)),$(warning a generator failed),$(error a generator failed))
endif
endif

SOURCES := $(shell find src -name '*.c' -not -path 'src/ext/*' | sort)
GENERATED := $(filter-out build/gen/syntax/ast.c,$(shell find build/gen -name '*.c' | sort))
OBJECTS = $(SOURCES:src/%.c=$(B)/%.o) $(GENERATED:build/gen/%.c=$(B)/gen/%.o)

# Native modules over foreign libraries, loaded on import (src/ext/README.md).
# EXTENSIONS and EXT_OBJECTS are made from src/ext/modules.def.
EXT_SUFFIX = .cpython-314-$(shell $(CC) -print-multiarch).so
DYNLOAD = $(B)/lib-dynload
EXT_SHARED = $(B)/ext/objects/args.o $(B)/ext/base/base.o
.DEFAULT_GOAL := all
-include build/gen/ext.mk

all: build/krait $(EXTENSIONS)
.PHONY: all tuned always obj gen run test bench install

run:
	@tools/setup
	@$(MAKE) --no-print-directory
	build/krait examples/tour.py

test:
	@tools/setup --tests
	@$(MAKE) --no-print-directory
	$(PYTHON) tests/run

REFERENCE ?= python3.14
bench: build/krait
	bench/compare -i reference="$(REFERENCE)" -i krait=build/krait -n 3

PREFIX ?= /usr/local
install: all
	install -D -m 755 $(B)/krait $(DESTDIR)$(PREFIX)/bin/krait
	mkdir -p $(DESTDIR)$(PREFIX)/include/krait3.14 $(DESTDIR)$(PREFIX)/lib/krait3.14
	install -m 644 include/*.h $(DESTDIR)$(PREFIX)/include/krait3.14
	cp -rL .stdlib/lib/. $(DESTDIR)$(PREFIX)/lib/krait3.14
	$(if $(EXTENSIONS),install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/krait3.14/lib-dynload $(EXTENSIONS))

build/krait: $(B)/krait always
	@ln -sf $(BUILD)/krait $@

# Always, because several builds may take turns.
always: ;

# An executable that counts what it does runs the benchmarks; the compiler reads the
# counts, which lie beside the objects, and sees the whole program at once.
tuned:
	@$(MAKE) --no-print-directory BUILD=train build/train/krait
	@tools/train build/train build/tuned
	@$(MAKE) --no-print-directory BUILD=tuned

$(B)/krait: $(OBJECTS)
	@echo "link  $@"
	@$(CC) $(FLAGS_$(BUILD)) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "cc    $<"
	@$(CCACHE) $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/%.o: build/gen/%.c
	@mkdir -p $(@D)
	@echo "cc    $<"
	@$(CCACHE) $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(EXTENSIONS): $(EXT_SHARED)
	@mkdir -p $(@D)
	@echo "link  $@"
	@$(CC) -shared $(FLAGS_$(BUILD)) -o $@ $^ $(LDLIBS)

$(B)/ext/%.o: src/ext/%.c
	@mkdir -p $(@D)
	@echo "cc    $<"
	@$(CCACHE) $(CC) $(CFLAGS) -fPIC -DKR_EXTENSION -MMD -MP -c -o $@ $<

$(EXT_SHARED): $(B)/ext/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "cc    $< (for extensions)"
	@$(CCACHE) $(CC) $(CFLAGS) -fPIC -DKR_EXTENSION -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d) $(EXT_OBJECTS:.o=.d) $(EXT_SHARED:.o=.d)

# Nothing to do: the generators have run when this file was read.
gen: ;

obj:
	@mkdir -p build/obj
	$(CCACHE) $(CC) $(BASEFLAGS) $(FLAGS_debug) $(if $(filter src/ext/%,$(F)),-DKR_EXTENSION) -Werror -c -o build/obj/$(subst /,_,$(F)).o $(F)
