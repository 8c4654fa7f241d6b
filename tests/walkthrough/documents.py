"""Files, sent as forms and read again."""

import importlib
from io import BytesIO
from typing import Any
from uuid import UUID

from tests.walkthrough.cast import Cast
from tests.walkthrough.generated import PACKAGE, Desk


def stored(cast: Cast, by: Desk, **values: Any) -> Any:
    """Gives a stored document; `content` and `file_name` are the file, the rest is what is said of it."""
    file_type = importlib.import_module(f"{PACKAGE}.types").File
    file = file_type(payload=BytesIO(values.pop("content")), file_name=values.pop("file_name"))
    body = cast.models.CreateDocumentDocumentForm(file=file, **values)
    made = by.ask("documents.create_document", body=body)
    assert isinstance(made, cast.models.Document), made
    return made


def content(by: Desk, document_id: UUID) -> bytes:
    """Gives the bytes of a document."""
    return by.ask("documents.get_document_content", document_id).payload.read()
