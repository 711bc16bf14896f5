"""Operators find every setting on one page."""

from __future__ import annotations

from deploy import settings_page


def test_every_setting_is_explained() -> None:
    assert settings_page.without_text() == [], "write what it does below the field"


def test_the_published_page_is_that_of_the_code() -> None:
    published = settings_page.DOCUMENT.read_text()
    assert published == settings_page.document(), "run `make docs` and look at the difference"
