"""Every blueprint of the product, in the order of its nouns."""

from apiflask import APIBlueprint

from app.decisions.views import blueprint as decisions
from app.operators.views import blueprint as operators
from app.policies.views import blueprint as policies
from app.positions.views import blueprint as positions
from app.reports.views import blueprint as reports
from app.surveys.views import blueprint as surveys
from app.users.views import blueprint as users

BLUEPRINTS: tuple[APIBlueprint, ...] = (
    operators,
    users,
    policies,
    positions,
    reports,
    decisions,
    surveys,
)
