"""Is it well: health, metrics, background jobs as people see them, the nightly proof."""
