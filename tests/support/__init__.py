"""Helpers of the tests: a small company, counted statements."""
