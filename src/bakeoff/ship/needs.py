"""Libraries of extras, asked for when they are used."""

from bakeoff.models.needs import needed

__all__ = ["needed"]
