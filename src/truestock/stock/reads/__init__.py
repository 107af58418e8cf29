"""Typed questions about stock, one .sql file each."""
