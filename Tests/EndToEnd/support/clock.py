"""A wall clock that is wrong, for a hub."""

import shutil

import pytest

from .disk import call

# As libfaketime does it, which sets a variable before Swift has looked for the arguments beside them.
_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    FILE *file = clock == CLOCK_REALTIME ? fopen(getenv("CLOCK_OFFSET"), "r") : NULL;
    long offset = 0;
    if (file && fscanf(file, "%ld", &offset) == 1) time->tv_sec += offset;
    if (file) fclose(file);
    return result;
}
"""


def wrong_clock(folder):
    """A file that says by how many seconds the wall clock is wrong, and the environment for it."""
    source, library = folder / "clock.c", folder / "clock.so"
    source.write_text(_CLOCK)
    compiler = shutil.which("clang") or shutil.which("cc")
    flags = ["-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
    if not compiler or not call(compiler, *flags):
        pytest.skip("there is no C compiler for the library that makes the clock wrong")
    offset = folder / "offset"
    offset.write_text("0")
    return offset, {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(offset)}


class Clock:
    """A hub's wall clock that only goes forward, in jumps and otherwise as it should."""

    def __init__(self, folder):
        self.file, self.env = wrong_clock(folder)
        self.seconds = 0

    def jump(self, seconds):
        """Goes forward; the hub finds the old offset or the new one, and never none."""
        self.seconds += seconds
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(self.seconds))
        fresh.rename(self.file)
