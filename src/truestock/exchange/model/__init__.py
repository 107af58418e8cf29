"""Frozen classes and enumerations of files in and out. Pure."""
