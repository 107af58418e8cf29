"""The verbs of the catalogue that others may call."""
