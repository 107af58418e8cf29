"""Frozen classes and enumerations of the stock slice. Pure."""
