"""The command line: parse, call one function of `bakeoff.api`, print."""

from bakeoff.cli.app import app, main

__all__ = ["app", "main"]
