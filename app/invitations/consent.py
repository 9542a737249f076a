"""The words a candidate reads before anything is recorded (C12)."""

from __future__ import annotations

from app.core.catalogue import best_language, text
from app.invitations.schemas import ModalityFacts, PrivacyFacts
from app.policies.models import Policy
from app.policies.service import get_policy


def consent_text_version() -> str:
    """The version of the consent words now in use; a consent names the version that was shown."""
    return text("zh-CN", "consent.version")


def offered_modalities(policy: Policy) -> tuple[str, ...]:
    """What this company may ask consent for. Face only where its policy allows it (A5)."""
    return ("recording", "voice", "face") if policy.face_analysis != "off" else ("recording", "voice")


def privacy_facts(language: str, company: str) -> PrivacyFacts:
    """What AI evaluates and what not, who decides, how long data is kept, and the consents asked for."""
    policy, tongue = get_policy(), best_language(language)
    contact = policy.privacy_contact or text(tongue, "consent.contact_default", company=company)
    return PrivacyFacts(
        text_version=consent_text_version(),
        language=tongue,
        ai_evaluates=text(tongue, "consent.ai_evaluates"),
        ai_does_not_evaluate=text(tongue, "consent.ai_does_not_evaluate"),
        who_decides=text(tongue, "consent.who_decides", company=company),
        face=text(tongue, f"consent.face_{policy.face_analysis}", company=company),
        retention=text(tongue, "consent.retention", company=company, days=policy.retention_days),
        retention_days=policy.retention_days,
        withdrawal=text(tongue, "consent.withdrawal"),
        contact=contact,
        modalities=[
            ModalityFacts.model_validate(
                {
                    "modality": modality,
                    "required": modality == "recording",
                    "words": text(tongue, f"consent.modalities.{modality}", company=company),
                }
            )
            for modality in offered_modalities(policy)
        ],
    )
