"""How tests store files."""

from typing import Any

import httpx

from tests.actors import Actor
from tests.api import Api
from tests.documents.files import PDF
from tests.partners import id_of

PATH = "/v1/documents"


def form(record: str, **values: str) -> dict[str, str]:
    """Gives the fields of a form about the record at a path."""
    kind = "activity" if "/activities/" in record else "agreement"
    return {"kind": "report", "subject_type": kind, "subject_id": id_of(record)} | values


async def send(
    api: Api,
    by: Actor,
    fields: dict[str, str],
    *,
    content: bytes = PDF,
    name: str = "surat.pdf",
    said: str | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    """Sends a file as a browser does."""
    file = (name, content) if said is None else (name, content, said)
    return await api.client.post(
        PATH, headers={**by.headers, **(headers or {})}, data=fields, files={"file": file}
    )


async def stored(api: Api, by: Actor, record: str, **values: Any) -> dict[str, Any]:
    """Gives a new document about the record at a path."""
    file = {name: values.pop(name) for name in ("content", "name", "said") if name in values}
    answer = await send(api, by, form(record, **values), **file)
    assert answer.status_code == 201, answer.text
    return answer.json()


def body_of_form(
    fields: dict[str, str], content: bytes = PDF, *, name: str = "surat.pdf"
) -> tuple[bytes, dict[str, str]]:
    """Gives the bytes of a form with a file, and the header that says what they are."""
    request = httpx.Request("POST", "http://tenun.test", data=fields, files={"file": (name, content)})
    return request.read(), {"content-type": request.headers["content-type"]}
