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
LDLIBS = -lm -ldl -lpthread
comma = ,

SOURCES := $(shell find src -name '*.c' | sort)
OBJECTS = $(SOURCES:src/%.c=$(B)/%.o)

all: build/krait
.PHONY: all obj gen

build/krait: $(B)/krait
	ln -sf $(BUILD)/krait $@

$(B)/krait: $(OBJECTS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/%.o: src/%.c | gen
	@mkdir -p $(@D)
	$(CCACHE) $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

# Every generator writes a file only when its content changes.
gen:
	@for g in tools/gen/*.py; do case $$g in *_lib.py) ;; *) $(PYTHON) $$g || exit 1 ;; esac; done

obj: gen
	@mkdir -p build/obj
	$(CCACHE) $(CC) $(BASEFLAGS) $(FLAGS_debug) -Werror -c -o build/obj/$(subst /,_,$(F)).o $(F)
