"""The first tables of the control tree.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa

from app.core.columns import Sealed, UtcDateTime, ascii_string
from migrations import guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    guard.create_table(
        "identity",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("app_id", ascii_string(64), nullable=False),
        sa.Column("openid", ascii_string(64), nullable=False),
        sa.Column("unionid", ascii_string(64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
        sa.UniqueConstraint("app_id", "openid", name="uq_identity_app_id_openid"),
    )
    guard.create_table(
        "membership",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("identity_id", ascii_string(32), nullable=False),
        sa.Column("tenant_id", ascii_string(32), nullable=False),
        sa.Column("kind", ascii_string(10), nullable=False),
        sa.Column("subject_id", ascii_string(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
        sa.UniqueConstraint(
            "identity_id",
            "tenant_id",
            "kind",
            "subject_id",
            name="uq_membership_identity_id_tenant_id_kind_subject_id",
        ),
    )
    guard.create_index("ix_membership_identity_id", "membership", ["identity_id"])
    guard.create_table(
        "message_route",
        sa.Column("attempt_id", ascii_string(32), nullable=False),
        sa.Column("app_id", ascii_string(64), nullable=False),
        sa.Column("openid", ascii_string(64), nullable=False),
        sa.Column("template_id", ascii_string(64), nullable=False),
        sa.Column("tenant_id", ascii_string(32), nullable=False),
        sa.Column("message_id", ascii_string(32), nullable=False),
        sa.Column("msgid", ascii_string(64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_message_route"),
    )
    guard.create_index("ix_message_route_msgid", "message_route", ["msgid"])
    guard.create_index("ix_message_route_person", "message_route", ["app_id", "openid", "template_id"])
    guard.create_table(
        "operator",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_operator"),
        sa.UniqueConstraint("email", name="uq_operator_email"),
    )
    guard.create_table(
        "push_event",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("app_id", ascii_string(64), nullable=False),
        sa.Column("dedupe_key", ascii_string(160), nullable=False),
        sa.Column("kind", ascii_string(40), nullable=False),
        sa.Column("body", sa.String(4000), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("handled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_push_event"),
        sa.UniqueConstraint("dedupe_key", name="uq_push_event_dedupe_key"),
    )
    guard.create_table(
        "subscription_balance",
        sa.Column("app_id", ascii_string(64), nullable=False),
        sa.Column("openid", ascii_string(64), nullable=False),
        sa.Column("template_id", ascii_string(64), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", "openid", "template_id", name="pk_subscription_balance"),
    )
    guard.create_table(
        "subscription_entry",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("app_id", ascii_string(64), nullable=False),
        sa.Column("openid", ascii_string(64), nullable=False),
        sa.Column("template_id", ascii_string(64), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("source", ascii_string(20), nullable=False),
        sa.Column("source_key", ascii_string(160), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscription_entry"),
        sa.UniqueConstraint("source_key", name="uq_subscription_entry_source_key"),
    )
    guard.create_index(
        "ix_subscription_entry_person", "subscription_entry", ["app_id", "openid", "template_id"]
    )
    guard.create_table(
        "tenant",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("slug", ascii_string(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("server", ascii_string(40), nullable=False),
        sa.Column("schema_name", ascii_string(64), nullable=False),
        sa.Column("link_key", ascii_string(6), nullable=False),
        sa.Column("revision", ascii_string(40), nullable=True),
        sa.Column("problem", sa.String(500), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tenant"),
        sa.UniqueConstraint("link_key", name="uq_tenant_link_key"),
        sa.UniqueConstraint("schema_name", name="uq_tenant_schema_name"),
        sa.UniqueConstraint("slug", name="uq_tenant_slug"),
    )
    guard.create_table(
        "wechat_app",
        sa.Column("app_id", ascii_string(64), nullable=False),
        sa.Column("tenant_id", ascii_string(32), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("secret_sealed", Sealed(), nullable=False),
        sa.Column("push_token_sealed", Sealed(), nullable=True),
        sa.Column("push_aes_key_sealed", Sealed(), nullable=True),
        sa.Column("consent_source", ascii_string(10), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("app_id", name="pk_wechat_app"),
    )
    guard.create_table(
        "wechat_template",
        sa.Column("id", ascii_string(32), nullable=False),
        sa.Column("app_id", ascii_string(64), nullable=False),
        sa.Column("template_id", ascii_string(64), nullable=False),
        sa.Column("purpose", ascii_string(40), nullable=False),
        sa.Column("fields_json", sa.String(2000), nullable=False),
        sa.Column("status", ascii_string(20), nullable=False),
        sa.Column("problem", ascii_string(60), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_wechat_template"),
        sa.UniqueConstraint("app_id", "purpose", name="uq_wechat_template_app_id_purpose"),
        sa.UniqueConstraint("app_id", "template_id", name="uq_wechat_template_app_id_template_id"),
    )
    guard.create_table(
        "wrapped_key",
        sa.Column("tenant_id", ascii_string(32), nullable=False),
        sa.Column("subject_id", ascii_string(32), nullable=False),
        sa.Column("wrapped", Sealed(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "subject_id", name="pk_wrapped_key"),
    )
