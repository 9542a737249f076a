"""Every blueprint of the product, in the order of its nouns."""

from apiflask import APIBlueprint

from app.positions.views import blueprint as positions

BLUEPRINTS: tuple[APIBlueprint, ...] = (positions,)
