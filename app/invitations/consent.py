"""The words a candidate reads before anything is recorded (C12)."""

from __future__ import annotations

from app.core.catalogue import best_language, text
from app.core.database import current_tenant_id
from app.invitations.schemas import ModalityFacts, PrivacyFacts
from app.policies.models import Policy
from app.policies.service import get_policy
from app.scoring.sentences import format_points
from tenants.tenancy import get_tenant


def consent_text_version(face_weight_hundredths: int = 0) -> str:
    """The version of the consent words now in use; a consent names the version that was shown.

    Words that state a weight for the face are a version of their own: who agreed to others agreed to no weight.
    """
    version = text("zh-CN", "consent.version")
    return f"{version}-face{face_weight_hundredths}" if face_weight_hundredths else version


def offered_modalities(policy: Policy) -> tuple[str, ...]:
    """What this company may ask consent for. Face only where its policy allows it (A5)."""
    return ("recording", "voice", "face") if policy.face_analysis != "off" else ("recording", "voice")


def privacy_facts(language: str, company: str) -> PrivacyFacts:
    """What AI evaluates and what not, who decides, how long data is kept, and the consents asked for."""
    policy, tongue = get_policy(), best_language(language)
    weight = policy.face_weight_hundredths
    face = {"most": format_points(weight), "reason": policy.face_reason} if weight else {}
    kind = "weighed" if weight else policy.face_analysis
    contact = policy.privacy_contact or text(tongue, "consent.contact_default", company=company)
    return PrivacyFacts(
        text_version=consent_text_version(weight),
        language=tongue,
        ai_evaluates=text(tongue, "consent.ai_evaluates"),
        ai_does_not_evaluate=text(tongue, "consent.ai_does_not_evaluate"),
        who_decides=text(tongue, "consent.who_decides", company=company),
        face=text(tongue, f"consent.face_{kind}", company=company, **face),
        retention=text(tongue, "consent.retention", company=company, days=policy.retention_days),
        retention_days=policy.retention_days,
        withdrawal=text(tongue, "consent.withdrawal"),
        contact=contact,
        modalities=[
            ModalityFacts.model_validate(
                {
                    "modality": modality,
                    "required": modality == "recording",
                    "words": _modality_words(policy, tongue, modality, company),
                }
            )
            for modality in offered_modalities(policy)
        ],
    )


def modality_words(policy: Policy, language: str, modality: str) -> str:
    """The sentence a candidate agrees to, as the open tenant shows it now."""
    company = get_tenant(current_tenant_id()).name
    return _modality_words(policy, best_language(language), modality, company)


def _modality_words(policy: Policy, tongue: str, modality: str, company: str) -> str:
    return text(tongue, f"consent.modalities.{_words_of(modality, policy)}", company=company)


def _words_of(modality: str, policy: Policy) -> str:
    return "face_weighed" if modality == "face" and policy.face_weight_hundredths else modality
