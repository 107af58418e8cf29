"""The verbs of stock that others may call."""
