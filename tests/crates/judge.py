"""Run by the Python of roc-validator's own environment (.ci/rocrate.txt): `judge.py CRATE PROFILE SEVERITY`.

Prints the validator's issues as JSON and needs no network: the context it would fetch comes from the package `rocrate`,
which holds a copy of it, through the validator's own HTTP cache.
"""

import io
import json
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path

import requests
from requests.adapters import BaseAdapter
from requests_cache import CachedSession
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings
from urllib3 import HTTPResponse

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
HELD = Path(str(distribution("rocrate").locate_file("rocrate/data/ro-crate.jsonld")))


class Shelf(BaseAdapter):
    """Answers for w3id.org with the one file that is asked for."""

    def send(self, request, **_):
        answer = requests.Response()
        known = request.url == CONTEXT
        body = HELD.read_bytes() if known else b""
        answer.status_code, answer.url, answer.request = (200 if known else 404), request.url, request
        answer.headers["Content-Type"] = "application/ld+json"
        answer.raw = HTTPResponse(
            io.BytesIO(body), answer.headers, answer.status_code, preload_content=False, request_url=request.url
        )
        return answer

    def close(self):
        """Nothing is open."""


def main(crate: str, profile: str, severity: str) -> int:
    held = json.loads(HELD.read_text("utf-8"))
    assert held["@id"] == CONTEXT, held["@id"]
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        session = CachedSession(str(cache), backend="sqlite", expire_after=-1)
        session.mount("https://w3id.org", Shelf())
        assert session.get(CONTEXT).ok
        session.close()
        settings = ValidationSettings(
            rocrate_uri=crate,
            profile_identifier=profile,
            requirement_severity=Severity[severity],
            cache_path=cache,
            offline=True,
        )
        result = services.validate(settings)
    issues = [f"{one.severity.name}: {one.message}" for one in result.get_issues()]
    print(json.dumps({"passed": result.passed(), "issues": issues}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
