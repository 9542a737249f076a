"""Configuration: one typed Settings object, read from the environment once."""

from config.settings import Settings, load_settings

__all__ = ["Settings", "load_settings"]
