"""Routes of the platform's operators."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask_limiter.util import get_remote_address

from app.http.actors import actor
from app.http.callers import allow
from app.http.idempotency import repeatable
from app.http.limits import limiter
from app.http.pagination import PageQuery, fetch_page
from app.operators import queries, service
from app.operators.schemas import (
    NewTenantOut,
    OperatorSessionOut,
    OperatorSignInIn,
    TemplateIn,
    TemplateOut,
    TenantIn,
    TenantOut,
    TenantPage,
    TenantPatch,
    WeChatAppIn,
    WeChatAppOut,
)
from tenants.models import Tenant
from tenants.tenancy import control_scope

blueprint = APIBlueprint("operators", __name__, url_prefix="/api/v1/operator", tag="Platform")


@blueprint.post("/sessions")
@allow("public")
@repeatable("each sign-in is a session of its own, and its tokens are never kept")
@limiter.limit("10/minute", key_func=get_remote_address)
@blueprint.input(OperatorSignInIn)
@blueprint.output(OperatorSessionOut, status_code=201)
def sign_in(json_data: OperatorSignInIn) -> OperatorSessionOut:
    """Sign in as an operator of the platform."""
    token = service.sign_in(json_data.email, json_data.password)
    return OperatorSessionOut(access_token=token, expires_in=int(service.SESSION_LIFETIME.total_seconds()))


@blueprint.post("/tenants")
@allow("operator")
@repeatable("a company code exists once: it is finished when it was begun, else refused")
@blueprint.input(TenantIn)
@blueprint.output(NewTenantOut, status_code=201)
def create_tenant(json_data: TenantIn) -> NewTenantOut:
    """Make a company with its owner; repeating it after a failure finishes the work.

    The slug is the idempotency key: once the company is active the same slug is refused with ``slug_taken``.
    """
    owner = service.Owner(json_data.owner.email, json_data.owner.name, json_data.owner.password)
    policy = json_data.policy.model_dump(exclude_none=True) if json_data.policy else {}
    tenant, owner_id = service.create_tenant(
        actor(), slug=json_data.slug, name=json_data.name, owner=owner, policy=policy
    )
    return NewTenantOut(
        id=tenant.id, slug=tenant.slug, name=tenant.name, status=tenant.status, owner_id=owner_id
    )


@blueprint.get("/tenants")
@allow("operator")
@blueprint.input(PageQuery, location="query")
@blueprint.output(TenantPage)
def list_tenants(query_data: PageQuery) -> TenantPage:
    """Companies, newest first."""
    with control_scope(read_only=True):
        rows, cursor = fetch_page(queries.tenants(), Tenant.id, query_data)
        return TenantPage(items=[_shown(row) for row in rows], next_cursor=cursor)


@blueprint.patch("/tenants/<tenant_id>")
@allow("operator")
@blueprint.input(TenantPatch)
@blueprint.output(TenantOut)
def change_tenant(tenant_id: str, json_data: TenantPatch) -> TenantOut:
    """Suspend a company (nobody gets in, nothing is sent) or resume it."""
    service.change_status(actor(), tenant_id, json_data.status)
    with control_scope(read_only=True):
        return _shown(queries.get_tenant_row(tenant_id))


@blueprint.put("/wechat-apps/<app_id>")
@allow("operator")
@blueprint.input(WeChatAppIn)
@blueprint.output(WeChatAppOut)
def put_wechat_app(app_id: str, json_data: WeChatAppIn) -> WeChatAppOut:
    """Register a mini-program or replace its registration."""
    return WeChatAppOut(**service.put_app(actor(), app_id, **json_data.model_dump()))


@blueprint.put("/wechat-apps/<app_id>/templates/<purpose>")
@allow("operator")
@blueprint.input(TemplateIn)
@blueprint.output(TemplateOut)
def put_template(app_id: str, purpose: str, json_data: TemplateIn) -> TemplateOut:
    """Say which template of a mini-program carries a purpose."""
    fields = {str(name): field for name, field in json_data.fields.items()}
    return TemplateOut(**service.put_template(app_id, purpose, json_data.template_id, fields))


def _shown(tenant: Tenant) -> TenantOut:
    return TenantOut(**{name: getattr(tenant, name) for name in TenantOut.model_fields})
