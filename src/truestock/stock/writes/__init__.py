"""Typed changes of stock; private to the slice."""
