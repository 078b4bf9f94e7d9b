"""A disk that fails when it is told to, under a hub that runs."""

import errno
import mmap
import shutil
import struct
from pathlib import Path

import pytest

from .disk import call

DATABASE, LOG, INDEX = 1, 2, 4
WRITES, SYNCS = 1, 2


class FaultyDisk:
    """Makes calls of a hub fail that runs with `env`; what the numbers mean is said in faulty_disk.c."""

    def __init__(self, folder):
        source, library = Path(__file__).with_name("faulty_disk.c"), Path(folder) / "faulty_disk.so"
        compiler = shutil.which("gcc") or shutil.which("clang") or shutil.which("cc")
        flags = ["-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
        if not compiler or not call(compiler, *flags):
            pytest.skip("there is no C compiler for the library that makes the disk fail")
        control = Path(folder) / "faulty_disk"
        control.write_bytes(bytes(4096))
        with open(control, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 64)
        self.env = {"LD_PRELOAD": str(library), "FAULTY_DISK": str(control)}

    def __getitem__(self, index):
        return struct.unpack_from("i", self.memory, 4 * index)[0]

    def __setitem__(self, index, value):
        struct.pack_into("i", self.memory, 4 * index, value)

    @property
    def failed(self):
        """How many calls have failed."""
        return self[6]

    def fail(self, files, calls, *, error=errno.EIO, count=-1, chance=1000):
        """From now on so many calls fail, or all, or `chance` of a thousand."""
        for index, value in ((3, 0), (0, files), (1, calls), (2, error), (4, chance), (3, count)):
            self[index] = value

    def shorten(self, files, chance):
        """From now on `chance` of a thousand writes write a part only."""
        self[0], self[5] = files, chance

    def heal(self):
        """From now on all goes well."""
        self[3], self[5] = 0, 0
