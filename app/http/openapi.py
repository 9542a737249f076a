"""OpenAPI 3.1 at /openapi.json and interactive documentation at /docs, served without any CDN."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask import Response, render_template_string, send_from_directory

from app.core.catalogue import text
from app.http.callers import allow

_ASSETS = Path(str(files("flask_openapi3_swagger"))) / "templates" / "swagger"
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "next": {"type": "string", "description": "what the person can do now"},
        "code": {"type": "string", "description": "stable, for programs"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_DESCRIPTION = (
    "AI video interviews inside WeChat. Errors are problem details (RFC 9457) with a stable `code`; lists are paged by "
    "opaque cursors; every creating POST honours `Idempotency-Key`, or says in `x-repeatable` why repeating it does no "
    "harm."
)
_DOCS = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>Weimian API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/assets/css/swagger-ui.css"></head><body><div id="ui"></div>
<script src="/docs/assets/js/swagger-ui-bundle.js"></script><script src="/docs/assets/start.js"></script></body></html>"""
_START = (
    'SwaggerUIBundle({url: "/openapi.json", dom_id: "#ui", deepLinking: true, persistAuthorization: false});'
)


def register_openapi(app: APIFlask) -> None:
    """Describe every guarded route: who may call it, its problems, its idempotency."""
    app.config["HTTP_ERROR_SCHEMA"] = _PROBLEM
    app.config["VALIDATION_ERROR_SCHEMA"] = _PROBLEM
    sample = app.extensions["settings"].sample_models_active
    notice = f"\n\n**{text('en', 'analysis.sample_model_notice')}**" if sample else ""
    app.config["INFO"] = {"description": _DESCRIPTION + notice}
    app.security_schemes = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}

    @app.spec_processor
    def _describe(spec: Any) -> Any:
        for rule in app.url_map.iter_rules():
            view = app.view_functions[rule.endpoint]
            path = spec.get("paths", {}).get(_openapi_path(rule.rule))
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"} if path else ():
                operation = path.get(method.lower())
                if operation is not None:
                    _describe_operation(operation, view)
        return spec

    @app.get("/docs")
    @app.doc(hide=True)
    @allow("public")
    def docs() -> str:
        """Interactive documentation."""
        return render_template_string(_DOCS)

    @app.get("/docs/assets/<path:name>")
    @app.doc(hide=True)
    @allow("public")
    def docs_assets(name: str) -> Response:
        """The documentation's own files."""
        if name == "start.js":
            return Response(_START, content_type="text/javascript")
        return send_from_directory(_ASSETS, name)


def _describe_operation(operation: dict[str, Any], view: Any) -> None:
    roles = getattr(view, "allowed_roles", ())
    operation["x-allowed-roles"] = list(roles)
    if roles and roles != ("public",):
        operation["security"] = [{"bearer": []}]
    if why := getattr(view, "why_repeatable", None):
        operation["x-repeatable"] = why
    if getattr(view, "honours_idempotency_key", False):
        operation.setdefault("parameters", []).append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "schema": {"type": "string", "maxLength": 200},
                "description": "repeat a request with the same key to get the first answer again",
            }
        )


def _openapi_path(rule: str) -> str:
    """``/a/<b>`` and ``/a/<int:b>`` as ``/a/{b}``."""
    parts = [part.strip("<>").split(":")[-1] if part.startswith("<") else None for part in rule.split("/")]
    return "/".join(f"{{{name}}}" if name else raw for name, raw in zip(parts, rule.split("/"), strict=True))
