"""Typed changes of the catalogue; private to the slice."""
