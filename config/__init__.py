"""Configuration: one typed Settings object, read from the environment once."""

from config.settings import QUEUES, Settings, load_settings

__all__ = ["QUEUES", "Settings", "load_settings"]
