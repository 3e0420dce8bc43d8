"""The first edition: every table of the reading, writing, verifying and deciding rooms."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables and their indexes."""

    op.create_table(
        "account",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("name_number", sa.Integer(), nullable=False),
        sa.Column("name_version", sa.Integer(), nullable=False),
        sa.Column("reach", sa.String(12), nullable=False),
        sa.Column("show", sa.String(12), nullable=True),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attestation_id", sa.String(16), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "attestation",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name_version", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(12), nullable=False),
        sa.Column("assurance", sa.String(16), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_key", sa.String(80), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_why", sa.String(12), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_key"),
    )
    op.create_index("ix_attestation_account", "attestation", ["account_id"], unique=False)
    op.create_table(
        "budget",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "window"),
    )
    op.create_index("ix_budget_expires_at", "budget", ["expires_at"], unique=False)
    op.create_table(
        "claim",
        sa.Column("case_id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("ix_claim_account", "claim", ["account_id", "until"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("comment_id", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("was", sa.String(10), nullable=False),
        sa.Column("was_held_by", sa.String(40), nullable=True),
        sa.Column("rule", sa.String(40), nullable=True),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.Column("undoes", sa.String(16), nullable=True),
        sa.Column("appeal_id", sa.String(16), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decision_account", "decision", ["account_id", "id"], unique=False)
    op.create_index("ix_decision_comment", "decision", ["comment_id", "id"], unique=False)
    op.create_index("ix_decision_site", "decision", ["site_id", "id"], unique=False)
    op.create_table(
        "fact",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.String(400), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_job_due", "job", ["done_at", "not_before"], unique=False)
    op.create_table(
        "journal",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("actor_id", sa.String(16), nullable=True),
        sa.Column("site_id", sa.String(16), nullable=True),
        sa.Column("subject_id", sa.String(16), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("previous", sa.String(64), nullable=True),
        sa.Column("hash", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("position"),
    )
    op.create_index("ix_journal_site_kind", "journal", ["site_id", "kind", "id"], unique=False)
    op.create_index("ix_journal_subject", "journal", ["subject_id"], unique=False)
    op.create_table(
        "name_hold",
        sa.Column("skeleton", sa.String(160), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=True),
        sa.Column("guest_code_hash", sa.String(64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("skeleton", "number"),
    )
    op.create_index("ix_name_hold_account", "name_hold", ["account_id"], unique=False)
    op.create_table(
        "one_time",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key_hash"),
    )
    op.create_index("ix_one_time_expires_at", "one_time", ["expires_at"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("lang", sa.String(12), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("state_hash", sa.String(64), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("keep", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("state_hash"),
    )
    op.create_index("ix_attempt_account", "attempt", ["account_id"], unique=False)
    op.create_index("ix_attempt_expires_at", "attempt", ["expires_at"], unique=False)
    op.create_table(
        "credential",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("handle", sa.String(1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("handle"),
    )
    op.create_index("ix_credential_account", "credential", ["account_id"], unique=False)
    op.create_table(
        "origin",
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.PrimaryKeyConstraint("site_id", "origin"),
    )
    op.create_table(
        "role",
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("account_id", "site_id", "role"),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("by_passkey", sa.Boolean(), nullable=False),
        sa.Column("fresh_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_session_account", "session", ["account_id"], unique=False)
    op.create_index("ix_session_expires_at", "session", ["expires_at"], unique=False)
    op.create_table(
        "standing",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement_id", sa.String(16), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_standing_account", "standing", ["account_id", "site_id"], unique=False)
    op.create_table(
        "statement",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("decision_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("comment_id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=True),
        sa.Column("restriction", sa.String(20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("found_by", sa.String(12), nullable=False),
        sa.Column("ground", sa.String(12), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("rule_text", sa.String(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("automated_detection", sa.Boolean(), nullable=False),
        sa.Column("automated_decision", sa.Boolean(), nullable=False),
        sa.Column("redress", sa.JSON(), nullable=False),
        sa.Column("appeal_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_statement_account", "statement", ["account_id", "id"], unique=False)
    op.create_index("ix_statement_comment", "statement", ["comment_id"], unique=False)
    op.create_table(
        "thread",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("article_id", sa.String(200), nullable=True),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("closed_reason", sa.String(300), nullable=True),
        sa.Column("verified_only_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_only_reason", sa.String(300), nullable=True),
        sa.Column("author_id", sa.String(16), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("verified_total", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_thread_article", "thread", ["site_id", "article_id"], unique=True)
    op.create_table(
        "appeal",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("statement_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("comment_id", sa.String(16), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(16), nullable=True),
        sa.Column("outcome", sa.String(12), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("statement_id"),
    )
    op.create_index("ix_appeal_open", "appeal", ["site_id", "decided_at", "due_at"], unique=False)
    op.create_table(
        "comment",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("thread_id", sa.String(16), nullable=False),
        sa.Column("parent_id", sa.String(16), nullable=True),
        sa.Column("hangs_on", sa.String(16), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("tier", sa.String(10), nullable=False),
        sa.Column("label", sa.String(12), nullable=True),
        sa.Column("attestation_id", sa.String(16), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("hold_rule", sa.String(40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("post_key", sa.String(64), nullable=True),
        sa.Column("guest_code_hash", sa.String(64), nullable=True),
        sa.Column("imported_from", sa.String(200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recommends_all", sa.Integer(), nullable=False),
        sa.Column("recommends_verified", sa.Integer(), nullable=False),
        sa.Column("descendants_all", sa.Integer(), nullable=False),
        sa.Column("descendants_verified", sa.Integer(), nullable=False),
        sa.Column(
            "in_all",
            sa.Boolean(),
            sa.Computed("state = 'published' OR descendants_all > 0", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "in_verified",
            sa.Boolean(),
            sa.Computed("(state = 'published' AND tier = 'verified') OR descendants_verified > 0", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("post_key"),
    )
    op.create_index("ix_comment_account", "comment", ["account_id", "id"], unique=False)
    op.create_index("ix_comment_all_liked", "comment", ["hangs_on", "in_all", "recommends_all", "id"], unique=False)
    op.create_index(
        "ix_comment_all_liked_verified", "comment", ["hangs_on", "in_all", "recommends_verified", "id"], unique=False
    )
    op.create_index("ix_comment_all_time", "comment", ["hangs_on", "in_all", "id"], unique=False)
    op.create_index("ix_comment_attestation", "comment", ["attestation_id"], unique=False)
    op.create_index("ix_comment_guest_code_hash", "comment", ["guest_code_hash"], unique=False)
    op.create_index("ix_comment_imported", "comment", ["site_id", "imported_from"], unique=True)
    op.create_index("ix_comment_state", "comment", ["site_id", "state", "id"], unique=False)
    op.create_index("ix_comment_thread_id", "comment", ["thread_id"], unique=False)
    op.create_index(
        "ix_comment_verified_liked", "comment", ["hangs_on", "in_verified", "recommends_all", "id"], unique=False
    )
    op.create_index(
        "ix_comment_verified_liked_verified",
        "comment",
        ["hangs_on", "in_verified", "recommends_verified", "id"],
        unique=False,
    )
    op.create_index("ix_comment_verified_time", "comment", ["hangs_on", "in_verified", "id"], unique=False)
    op.create_table(
        "thread_url",
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("url_key", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"]),
        sa.PrimaryKeyConstraint("site_id", "url_key"),
    )
    op.create_index("ix_thread_url_thread_id", "thread_url", ["thread_id"], unique=False)
    op.create_table(
        "recommendation",
        sa.Column("comment_id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("tier", sa.String(10), nullable=False),
        sa.Column("attestation_id", sa.String(16), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"]),
        sa.PrimaryKeyConstraint("comment_id", "account_id"),
    )
    op.create_index("ix_recommendation_account_id", "recommendation", ["account_id"], unique=False)
    op.create_index("ix_recommendation_attestation_id", "recommendation", ["attestation_id"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("comment_id", sa.String(16), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=True),
        sa.Column("tier", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(12), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_id", sa.String(16), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_report_once", "report", ["comment_id", "by"], unique=True)
    op.create_index("ix_report_open", "report", ["site_id", "closed_at", "comment_id"], unique=False)
    op.create_table(
        "revision",
        sa.Column("comment_id", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("tier", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"]),
        sa.PrimaryKeyConstraint("comment_id", "number"),
    )
