"""Stock documents: receipts, deliveries, transfers, adjustments; written, posted, reversed."""
