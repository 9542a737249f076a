"""Routes of frequent questions."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.faqs import service
from app.faqs.schemas import AnsweredQuestion, CandidateFaqOut, FaqIn, FaqOut
from app.http.actors import actor
from app.http.callers import STAFF, allow
from app.http.problems import language

blueprint = APIBlueprint("faqs", __name__, url_prefix="/api/v1", tag="Frequent questions")


@blueprint.get("/candidate/faq")
@allow("candidate")
@blueprint.output(CandidateFaqOut)
def read_faq() -> CandidateFaqOut:
    """What candidates ask again and again, answered in the caller's language."""
    return CandidateFaqOut(
        company=[AnsweredQuestion(question=q, answer=a) for q, a in service.company_answers(language())],
        product=[AnsweredQuestion(question=q, answer=a) for q, a in service.product_answers(language())],
    )


@blueprint.get("/faq")
@allow(*STAFF)
@blueprint.output(FaqOut)
def get_faq() -> FaqOut:
    """The company's own questions and answers, in every language."""
    return FaqOut.model_validate({"entries": service.entries()})


@blueprint.put("/faq")
@allow("owner", "recruiter")
@blueprint.input(FaqIn)
@blueprint.output(FaqOut)
def replace_faq(json_data: FaqIn) -> FaqOut:
    """Put these questions and answers in place of the company's own."""
    new = service.replace_entries(actor(), [entry.model_dump() for entry in json_data.entries])
    return FaqOut.model_validate({"entries": new})
