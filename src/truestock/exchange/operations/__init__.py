"""The verbs of files in and out that others may call."""
