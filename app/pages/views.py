"""Every page, gathered for registration."""

from app.pages import drafting, interviews, public, resumes
from app.pages.blueprint import blueprint

__all__ = ["blueprint", "drafting", "interviews", "public", "resumes"]
