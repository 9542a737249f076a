"""Every blueprint of the product, in the order of its nouns."""

from apiflask import APIBlueprint

from app.alerts.views import blueprint as alerts
from app.appeals.views import blueprint as appeals
from app.board.views import blueprint as board
from app.candidates.views import blueprint as candidates
from app.clients.views import blueprint as clients
from app.contingencies.views import blueprint as contingencies
from app.decisions.views import blueprint as decisions
from app.drafts.views import blueprint as drafts
from app.drafts.views import preassessment_blueprint as preassessments
from app.erasures.views import blueprint as erasures
from app.exports.views import blueprint as exports
from app.faqs.views import blueprint as faqs
from app.health.views import blueprint as health
from app.identities.views import blueprint as identities
from app.identities.views import browser as wechat_browser
from app.interviews.views import blueprint as interviews
from app.invitations.views import blueprints as invitations
from app.messages.views import blueprint as messages
from app.operators.views import blueprint as operators
from app.pages.views import blueprint as pages
from app.policies.views import blueprint as policies
from app.positions.views import blueprint as positions
from app.profiles.views import blueprint as profiles
from app.recordings.views.media import blueprint as media
from app.recordings.views.uploads import blueprint as uploads
from app.reports.views import blueprint as reports
from app.resumes.views import blueprint as resumes
from app.reviews.views import blueprint as reviews
from app.shares.views import blueprints as shares
from app.shortlists.views import blueprint as shortlists
from app.surveys.views import blueprint as surveys
from app.threads.views import blueprint as threads
from app.users.views import blueprint as users
from wechat.callbacks import blueprint as wechat_callbacks

BLUEPRINTS: tuple[APIBlueprint, ...] = (
    operators,
    users,
    policies,
    identities,
    wechat_browser,
    candidates,
    profiles,
    resumes,
    erasures,
    exports,
    positions,
    drafts,
    preassessments,
    *invitations,
    interviews,
    uploads,
    media,
    reports,
    reviews,
    *shares,
    decisions,
    board,
    shortlists,
    alerts,
    appeals,
    surveys,
    threads,
    contingencies,
    faqs,
    messages,
    pages,
    clients,
    health,
    wechat_callbacks,
)
