"""What `tls` and `attack` share: a steady load with something beside it, and a table of medians with limits."""

import math
import statistics
import subprocess
import sys

BURN = """
import sys, time
share, start = float(sys.argv[1]), time.monotonic()
while (elapsed := time.monotonic() - start) < float(sys.argv[2]):
    if time.process_time() >= share * elapsed: time.sleep(0.001)
"""


def burn(cores, seconds):
    """Uses as much processor time as so many cores have, or a part of one, and does nothing with it."""
    count = max(1, math.ceil(cores))
    command = [sys.executable, "-c", BURN, str(cores / count), str(seconds)]
    processes = [subprocess.Popen(command) for _ in range(count)]
    for process in processes:
        process.wait()


def certificate(folder):
    """The hub's flags for a new certificate with an elliptic curve."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", cert]
    subprocess.run(command, check=True, capture_output=True)
    return ["--tls-cert", cert, "--tls-key", key]


class Table:
    """Figures by name, one row of them for each round, and the limits that they have."""

    def __init__(self, *columns):
        self.columns = [*columns, "figure"]
        self.rows = {}

    def add(self, name, limit, figure, *others):
        """One round's figures: what the limit is about, and one for each column, or None."""
        self.rows.setdefault(name, (limit, []))[1].append((*others, figure))

    def show(self):
        """Prints the medians; the names of those that pass their limits."""
        print(f"{'medians':48}", *(f"{name:>10}" for name in self.columns), f"{'at most':>8}")
        passed = []
        for name, (limit, rounds) in self.rows.items():
            medians = [None if None in column else statistics.median(column) for column in zip(*rounds)]
            good = medians[-1] <= limit
            shown = (" " * 10 if median is None else f"{median:10.4g}" for median in medians)
            print(f"{name:48}", *shown, f"{limit:8g}{'' if good else '  FAILED'}")
            if not good:
                passed.append(name)
        return passed
