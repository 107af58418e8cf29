"""The committed description of the API, which the types of the pages are made from."""

import json
from pathlib import Path

from support.plain_settings import plain_settings
from truestock.web.app import create_app

COMMITTED = Path(__file__).parents[2] / "openapi.json"


def test_the_committed_document_is_the_one_the_application_serves() -> None:
    committed = json.loads(COMMITTED.read_text())
    served = json.loads(json.dumps(create_app(plain_settings()).openapi()))
    assert set(committed["paths"]) == set(served["paths"]), "run `make openapi` and commit both"
    assert committed == served, "run `make openapi` and commit both"
