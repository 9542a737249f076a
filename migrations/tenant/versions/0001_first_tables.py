"""The first tables of the tenant tree.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa

from app.core.columns import Json, Sealed, UtcDateTime, ascii_string
from migrations import guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.create_table(
        "audit_entry",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("actor_kind", ascii_string(20), nullable=False),
        sa.Column("actor_id", ascii_string(32), nullable=False),
        sa.Column("action", ascii_string(60), nullable=False),
        sa.Column("entity_kind", ascii_string(40), nullable=False),
        sa.Column("entity_id", ascii_string(32), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("previous_hash", ascii_string(64), nullable=False),
        sa.Column("hash", ascii_string(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
        sa.UniqueConstraint("number", name="uq_audit_entry_number"),
    )
    guard.create_table(
        "audit_head",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", ascii_string(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    guard.create_table(
        "candidate",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("phone_index", ascii_string(64), nullable=False),
        sa.Column("profile", Sealed(), nullable=False),
        sa.Column("language", ascii_string(16), nullable=False),
        sa.Column("time_zone", ascii_string(64), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_candidate"),
        sa.UniqueConstraint("phone_index", name="uq_candidate_phone_index"),
    )
    guard.create_table(
        "idempotency_record",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("key_hash", ascii_string(64), nullable=False),
        sa.Column("request_hash", ascii_string(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", Sealed(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency_record"),
        sa.UniqueConstraint("key_hash", name="uq_idempotency_record_key_hash"),
    )
    guard.create_table(
        "policy",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("face_analysis", ascii_string(10), nullable=False),
        sa.Column("candidate_sees_report", sa.Boolean(), nullable=False),
        sa.Column("answer_within_hours", sa.Integer(), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.Column("time_zone", ascii_string(64), nullable=False),
        sa.Column("language", ascii_string(16), nullable=False),
        sa.Column("sending_from_minute", sa.Integer(), nullable=False),
        sa.Column("sending_until_minute", sa.Integer(), nullable=False),
        sa.Column("privacy_contact", sa.String(200), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy"),
    )
    guard.create_table(
        "position",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("current_version", sa.Integer(), nullable=False),
        sa.Column("created_by", ascii_string(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_position"),
    )
    guard.create_table(
        "refresh_token",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("family", ascii_string(32), nullable=False),
        sa.Column("subject", ascii_string(32), nullable=False),
        sa.Column("claims", Json(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refresh_token"),
    )
    guard.create_index("ix_refresh_token_family", "refresh_token", ["family"])
    guard.create_index("ix_refresh_token_subject", "refresh_token", ["subject"])
    guard.create_table(
        "survey",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("questions", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_survey"),
        sa.UniqueConstraint("version", name="uq_survey_version"),
    )
    guard.create_table(
        "user",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", ascii_string(20), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.UniqueConstraint("email", name="uq_user_email"),
    )
    guard.create_table(
        "application",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("position_id", ascii_string(32), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_application_candidate_id"),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name="fk_application_position_id"),
        sa.PrimaryKeyConstraint("id", name="pk_application"),
        sa.UniqueConstraint("candidate_id", "position_id", name="uq_application_candidate_id_position_id"),
    )
    guard.create_index("ix_application_position_id", "application", ["position_id"])
    guard.create_table(
        "position_version",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("position_id", ascii_string(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rubric", Json(), nullable=False),
        sa.Column("rubric_hash", ascii_string(64), nullable=False),
        sa.Column("created_by", ascii_string(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name="fk_position_version_position_id"),
        sa.PrimaryKeyConstraint("id", name="pk_position_version"),
        sa.UniqueConstraint("position_id", "number", name="uq_position_version_position_id_number"),
    )
    guard.create_table(
        "invitation",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("application_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("position_id", ascii_string(32), nullable=False),
        sa.Column("token", ascii_string(32), nullable=False),
        sa.Column("app_id", ascii_string(64), nullable=False),
        sa.Column("window_starts_at", UtcDateTime(), nullable=False),
        sa.Column("window_ends_at", UtcDateTime(), nullable=False),
        sa.Column("slot_at", UtcDateTime(), nullable=True),
        sa.Column("materials", sa.Text(), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("closing_reason", Sealed(), nullable=True),
        sa.Column("identity_id", ascii_string(32), nullable=True),
        sa.Column("bound_at", UtcDateTime(), nullable=True),
        sa.Column("created_by", ascii_string(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_invitation_application_id"),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_invitation_candidate_id"),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name="fk_invitation_position_id"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("token", name="uq_invitation_token"),
    )
    guard.create_index("ix_invitation_application_id", "invitation", ["application_id"])
    guard.create_index("ix_invitation_candidate_id", "invitation", ["candidate_id"])
    guard.create_index("ix_invitation_position_id", "invitation", ["position_id"])
    guard.create_table(
        "binding_code",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("invitation_id", ascii_string(32), nullable=False),
        sa.Column("identity_id", ascii_string(32), nullable=False),
        sa.Column("code_hash", ascii_string(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name="fk_binding_code_invitation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_binding_code"),
    )
    guard.create_index("ix_binding_code_invitation_id", "binding_code", ["invitation_id"])
    guard.create_table(
        "consent",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("invitation_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("modality", ascii_string(20), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("text_version", ascii_string(40), nullable=False),
        sa.Column("language", ascii_string(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_consent_candidate_id"),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name="fk_consent_invitation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    guard.create_index("ix_consent_latest", "consent", ["invitation_id", "modality", "created_at"])
    guard.create_table(
        "interview",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("invitation_id", ascii_string(32), nullable=False),
        sa.Column("application_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("position_id", ascii_string(32), nullable=False),
        sa.Column("position_version_id", ascii_string(32), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("scored_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_interview_application_id"),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_interview_candidate_id"),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name="fk_interview_invitation_id"),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name="fk_interview_position_id"),
        sa.ForeignKeyConstraint(
            ["position_version_id"], ["position_version.id"], name="fk_interview_position_version_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_interview"),
        sa.UniqueConstraint("invitation_id", name="uq_interview_invitation_id"),
    )
    guard.create_index("ix_interview_application_id", "interview", ["application_id"])
    guard.create_index("ix_interview_candidate_id", "interview", ["candidate_id"])
    guard.create_index("ix_interview_position_id", "interview", ["position_id"])
    guard.create_table(
        "message",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("kind", ascii_string(30), nullable=False),
        sa.Column("channel", ascii_string(10), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("reason", ascii_string(60), nullable=True),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("invitation_id", ascii_string(32), nullable=False),
        sa.Column("content", Sealed(), nullable=False),
        sa.Column("dedupe_key", ascii_string(120), nullable=False),
        sa.Column("fallback_id", ascii_string(32), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name="fk_message_candidate_id"),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name="fk_message_invitation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("dedupe_key", name="uq_message_dedupe_key"),
    )
    guard.create_index("ix_message_candidate_id", "message", ["candidate_id"])
    guard.create_index("ix_message_invitation_id", "message", ["invitation_id"])
    guard.create_table(
        "answer",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("interview_id", ascii_string(32), nullable=False),
        sa.Column("question_id", ascii_string(64), nullable=False),
        sa.Column("take_id", ascii_string(32), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_answer_interview_id"),
        sa.PrimaryKeyConstraint("id", name="pk_answer"),
        sa.UniqueConstraint("interview_id", "question_id", name="uq_answer_interview_id_question_id"),
    )
    guard.create_table(
        "decision",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("interview_id", ascii_string(32), nullable=False),
        sa.Column("outcome", ascii_string(20), nullable=False),
        sa.Column("content", Sealed(), nullable=False),
        sa.Column("decided_by", ascii_string(32), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name="fk_decision_decided_by"),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_decision_interview_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
        sa.UniqueConstraint("interview_id", name="uq_decision_interview_id"),
    )
    guard.create_table(
        "message_attempt",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("message_id", ascii_string(32), nullable=False),
        sa.Column("channel", ascii_string(10), nullable=False),
        sa.Column("outcome", ascii_string(20), nullable=True),
        sa.Column("reason", ascii_string(60), nullable=True),
        sa.Column("outside_id", ascii_string(64), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_message_attempt_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_message_attempt"),
    )
    guard.create_index("ix_message_attempt_message_id", "message_attempt", ["message_id"])
    guard.create_table(
        "score",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("interview_id", ascii_string(32), nullable=False),
        sa.Column("position_version_id", ascii_string(32), nullable=False),
        sa.Column("algorithm", ascii_string(40), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("document", Sealed(), nullable=False),
        sa.Column("receipt", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_score_interview_id"),
        sa.ForeignKeyConstraint(
            ["position_version_id"], ["position_version.id"], name="fk_score_position_version_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_score"),
        sa.UniqueConstraint(
            "interview_id",
            "position_version_id",
            "algorithm",
            name="uq_score_interview_id_position_version_id_algorithm",
        ),
    )
    guard.create_table(
        "survey_response",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("survey_id", ascii_string(32), nullable=False),
        sa.Column("interview_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("answers", Sealed(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_survey_response_interview_id"),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_survey_response_survey_id"),
        sa.PrimaryKeyConstraint("id", name="pk_survey_response"),
        sa.UniqueConstraint("interview_id", name="uq_survey_response_interview_id"),
    )
    guard.create_table(
        "take",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("answer_id", ascii_string(32), nullable=False),
        sa.Column("interview_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("medium", ascii_string(10), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("reason", ascii_string(60), nullable=True),
        sa.Column("written_text", Sealed(), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name="fk_take_answer_id"),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], name="fk_take_interview_id"),
        sa.PrimaryKeyConstraint("id", name="pk_take"),
        sa.UniqueConstraint("answer_id", "number", name="uq_take_answer_id_number"),
    )
    guard.create_index("ix_take_interview_id", "take", ["interview_id"])
    guard.create_table(
        "analysis",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("take_id", ascii_string(32), nullable=False),
        sa.Column("modality", ascii_string(20), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("reason", ascii_string(60), nullable=True),
        sa.Column("engine", Json(), nullable=False),
        sa.Column("signals", Sealed(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["take_id"], ["take.id"], name="fk_analysis_take_id"),
        sa.PrimaryKeyConstraint("id", name="pk_analysis"),
        sa.UniqueConstraint("take_id", "modality", name="uq_analysis_take_id_modality"),
    )
    guard.create_table(
        "segment",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("take_id", ascii_string(32), nullable=False),
        sa.Column("candidate_id", ascii_string(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at_ms", sa.Integer(), nullable=False),
        sa.Column("content_type", ascii_string(80), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("sha256", ascii_string(64), nullable=True),
        sa.Column("store_key", ascii_string(120), nullable=False),
        sa.Column("wrapped_key", Sealed(), nullable=False),
        sa.Column("locked_by", ascii_string(32), nullable=True),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("completed_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["take_id"], ["take.id"], name="fk_segment_take_id"),
        sa.PrimaryKeyConstraint("id", name="pk_segment"),
        sa.UniqueConstraint("take_id", "number", name="uq_segment_take_id_number"),
    )
    guard.create_index("ix_segment_candidate_id", "segment", ["candidate_id"])
