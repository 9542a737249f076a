"""Every blueprint of the product, in the order of its nouns."""

from apiflask import APIBlueprint

from app.operators.views import blueprint as operators
from app.policies.views import blueprint as policies
from app.positions.views import blueprint as positions
from app.users.views import blueprint as users

BLUEPRINTS: tuple[APIBlueprint, ...] = (
    operators,
    users,
    policies,
    positions,
)
