"""`python -m bench.pseudonyms N`: checking N ID numbers and making their pseudonyms."""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from minzheng.kernel.foundation.identifiers import check_ids, make_ids
from minzheng.kernel.foundation.pseudonyms import Pseudonymiser


def main(count: int) -> None:
    """Print the seconds of both as one JSON line."""
    random = np.random.default_rng(1)
    births = np.datetime64("1930-01-01") + random.integers(0, 33_000, count).astype("timedelta64[D]")
    ids = make_ids(random.choice([320402, 320404, 320411, 320421], count), births, random.integers(900, 999, count))
    started = time.perf_counter()
    check_ids(ids)
    checked = time.perf_counter()
    Pseudonymiser(b"0123456789abcdef").of_ids(ids)
    print(json.dumps({"check": checked - started, "pseudonyms": time.perf_counter() - checked}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
