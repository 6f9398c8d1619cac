"""The pages of the sample payload, made once for the tests that read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence_kit.pages.render import render
from tests.pages.reading import Site
from tests.pages.sample_payload import sample_payload, sample_seal


@pytest.fixture(scope="session")
def site() -> Site:
    payload, seal = sample_payload(), sample_seal()
    return Site(payload, seal, render(payload, seal))


@pytest.fixture(scope="session")
def long_site() -> Site:
    """The same with a thousand more requests and many missing numbers: whatever is long stands in several pages."""
    payload, seal = sample_payload(extra=1000, fails=100, gaps=600), sample_seal()
    return Site(payload, seal, render(payload, seal))


@pytest.fixture(scope="session")
def folder(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages on disk, with empty files in the place of the payload that they link to."""
    root = tmp_path_factory.mktemp("bag") / "data"
    for path in site.payload.files:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"")
    for path, content in site.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root
