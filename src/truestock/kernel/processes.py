"""Processes that belong together end together, even when the first one is killed."""

import ctypes
import gc
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask Linux to send this process SIGTERM when the one that started it has ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def calm_collector() -> None:
    """Let the cycle collector pass over what was loaded at the start, and come less often.

    A batch of a thousand movements makes tens of thousands of small tuples, none of them in a
    cycle; at the usual threshold of 700 the collector walks them over and over.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
