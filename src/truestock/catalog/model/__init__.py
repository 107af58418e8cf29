"""Frozen classes and enumerations of the catalogue. Pure."""
