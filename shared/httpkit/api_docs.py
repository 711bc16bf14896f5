"""Serves `/docs` (Swagger UI) and `/redoc` with the assets of an installed package: they work without internet."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

_ASSETS: Final = "api-docs-assets"
# Addresses are relative, so that the pages also work behind a proxy that puts the service under a prefix.
_DOCUMENT: Final = "openapi.json"
_ICON: Final = f"{_ASSETS}/fastapi/favicon.png"


def install(app: FastAPI) -> None:
    """Add both pages and their assets to an application that was made with `docs_url=None, redoc_url=None`."""
    swagger_ui = get_swagger_ui_html(
        openapi_url=_DOCUMENT,
        title=app.title,
        swagger_js_url=f"{_ASSETS}/swagger/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger/swagger-ui.css",
        swagger_favicon_url=_ICON,
        # Swagger UI would send the document's address to an online validator.
        swagger_ui_parameters={"validatorUrl": None},
    )
    redoc = get_redoc_html(
        openapi_url=_DOCUMENT,
        title=app.title,
        redoc_js_url=f"{_ASSETS}/redoc/redoc.standalone.js",
        redoc_favicon_url=_ICON,
        with_google_fonts=False,
    )

    @app.get("/docs", include_in_schema=False)
    async def show_swagger_ui() -> HTMLResponse:
        return swagger_ui

    @app.get("/redoc", include_in_schema=False)
    async def show_redoc() -> HTMLResponse:
        return redoc

    app.mount(f"/{_ASSETS}", StaticFiles(packages=[("fastapi_standalone_docs", "static")]))
