"""Every tenant and hub table, imported so that metadata and migrations see all of them."""

from app.alerts.models import Alert, AlertDigest, AlertSeen, AlertWebhook
from app.analyses.models import Analysis
from app.appeals.models import Appeal
from app.audits.models import AuditEntry, AuditHead
from app.candidates.models import Application, Candidate, Resume
from app.contingencies.models import Contingency
from app.core.work import Work
from app.decisions.models import Decision
from app.drafts.models import Draft, PreAssessmentRow
from app.faqs.models import Faq
from app.http.models import IdempotencyRecord
from app.interviews.models import Answer, Consent, Interview, Take
from app.invitations.models import BindingCode, Invitation
from app.messages.models import Message, MessageAttempt
from app.policies.models import Policy
from app.positions.models import InvitationViewer, Position, PositionMember, PositionVersion
from app.recordings.models import Rendition, Segment
from app.reports.models import ScoreRow
from app.reviews.models import Comment, Review
from app.shares.models import Share
from app.shortlists.models import BackgroundCheck, ShortlistRule
from app.surveys.models import Survey, SurveyResponse
from app.threads.models import Picture, Post, Thread
from app.users.models import PhoneCode, RefreshToken, User, UserPhone

__all__ = [
    "Alert",
    "AlertDigest",
    "AlertSeen",
    "AlertWebhook",
    "Analysis",
    "Answer",
    "Appeal",
    "Application",
    "AuditEntry",
    "AuditHead",
    "BackgroundCheck",
    "BindingCode",
    "Candidate",
    "Comment",
    "Consent",
    "Contingency",
    "Decision",
    "Draft",
    "Faq",
    "IdempotencyRecord",
    "Interview",
    "Invitation",
    "InvitationViewer",
    "Message",
    "MessageAttempt",
    "PhoneCode",
    "Picture",
    "Policy",
    "Position",
    "PositionMember",
    "PositionVersion",
    "Post",
    "PreAssessmentRow",
    "RefreshToken",
    "Rendition",
    "Resume",
    "Review",
    "ScoreRow",
    "Segment",
    "Share",
    "ShortlistRule",
    "Survey",
    "SurveyResponse",
    "Take",
    "Thread",
    "User",
    "UserPhone",
    "Work",
]
