"""What the benchmarks share: an installation to measure, load over HTTP, figures kept as JSON."""
