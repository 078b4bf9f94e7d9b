"""A write-ahead log as bytes (sqlite.org/fileformat2.html, section 4), to damage it on purpose."""

import struct
from dataclasses import dataclass

HEADER, FRAME_HEADER = 32, 24


@dataclass
class Frame:
    """Where a frame begins, and whether it ends a transaction."""

    start: int
    is_commit: bool


def frames(path):
    """The frames of the log's present use, in order, and the size of each."""
    data = path.read_bytes()
    size = FRAME_HEADER + struct.unpack_from(">I", data, 8)[0]
    salts = data[16:24]
    found = []
    for start in range(HEADER, len(data) - size + 1, size):
        if data[start + 8 : start + 16] != salts:
            break
        found.append(Frame(start, data[start + 4 : start + 8] != bytes(4)))
    while found and not found[-1].is_commit:
        found.pop()
    return found, size


def overwrite(path, start, data):
    """Puts bytes into a file."""
    with open(path, "r+b") as file:
        file.seek(start)
        file.write(data)
