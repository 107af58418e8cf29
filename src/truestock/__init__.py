"""Truestock: inventory and warehouse platform on one double-entry stock ledger."""

from importlib.metadata import version

__version__ = version("truestock")
