# The one Makefile of Krait. `make` leaves the executable at build/krait.
#
#   make [BUILD=debug|release|asan]   build/krait (release unless said otherwise)
#   make obj F=src/x/y.c              compile one file, warnings are errors
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
ifneq ($(shell for g in $(GENERATORS); do $(PYTHON) $$g >&2 || echo $$g; done),)
$(if $(filter obj,$(MAKECMDGOALS)),$(warning a generator failed),$(error a generator failed))
endif

SOURCES := $(shell find src -name '*.c' | sort)
GENERATED := $(filter-out build/gen/syntax/ast.c,$(shell find build/gen -name '*.c' | sort))
OBJECTS = $(SOURCES:src/%.c=$(B)/%.o) $(GENERATED:build/gen/%.c=$(B)/gen/%.o)

all: build/krait
.PHONY: all obj gen

build/krait: $(B)/krait
	ln -sf $(BUILD)/krait $@

$(B)/krait: $(OBJECTS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/%.o: build/gen/%.c
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

# Nothing to do: the generators have run when this file was read.
gen: ;

obj:
	@mkdir -p build/obj
	$(CCACHE) $(CC) $(BASEFLAGS) $(FLAGS_debug) -Werror -c -o build/obj/$(subst /,_,$(F)).o $(F)
