"""Every page, gathered for registration."""

from app.pages import interviews, public
from app.pages.blueprint import blueprint

__all__ = ["blueprint", "interviews", "public"]
