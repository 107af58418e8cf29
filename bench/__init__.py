"""Benchmarks: ratios within one run on one server, never absolute promises."""
