"""Prints the OpenAPI document that this client's types are generated from. Run it in the product's root."""

import sys
import tempfile

from app.clients.spec import as_text, client_spec
from app.factory import create_app
from config import load_settings

with tempfile.TemporaryDirectory() as nowhere:
    application = create_app(load_settings(profile="test", data_dir=nowhere))
    with application.app_context():
        sys.stdout.write(as_text(client_spec(application.spec)))
