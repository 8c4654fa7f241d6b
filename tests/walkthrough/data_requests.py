"""Data that Bengkel APPeK asks of the inspectorate, from the draft to the acknowledgement."""

from datetime import date
from typing import Any

from tests.documents.files import CSV
from tests.walkthrough.cast import Cast
from tests.walkthrough.documents import content, stored

MOVE = "data_requests.transition_data_request"


def recommended(cast: Cast, pact: Any) -> Any:
    """Gives a request that the reviewer of the inspectorate has taken and recommends to grant."""
    models = cast.models
    body = models.CreateDataRequest(
        agreement_id=pact.id,
        lane="pks",
        holder_organization_id=cast.inspectorate_id,
        title="Daftar paket RUP 2025",
        purpose="Pemantauan pengadaan",
        fields=["kode_rup", "pagu"],
        period=models.Period(from_=date(2025, 1, 1), to=date(2025, 12, 31)),
        legal_basis="UU 14/2008 Pasal 4",
    )
    request = cast.appek.ask("data_requests.create_data_request", body=body)
    assert isinstance(request, models.DataRequest), request
    request = cast.appek.moved(MOVE, request, models.Submit(action="submit"))
    request = cast.reviewer.moved(MOVE, request, models.Take(action="take"))
    move = models.Recommend(action="recommend", recommendation="grant", note="Data terbuka.")
    return cast.reviewer.moved(MOVE, request, move)


def granted(cast: Cast, request: Any) -> Any:
    """Gives a request that the approver granted on a condition."""
    return cast.approver.moved(
        MOVE, request, cast.models.Grant(action="grant", conditions="Tidak disebarluaskan.")
    )


def acknowledged(cast: Cast, request: Any) -> Any:
    """Gives a granted request after its condition was accepted and its data delivered, read and confirmed."""
    models = cast.models
    request = cast.appek.moved(MOVE, request, models.AcceptConditions(action="accept_conditions"))
    request = cast.reviewer.moved(MOVE, request, delivery(cast, request))
    (delivered,) = request.deliveries
    assert content(cast.appek, delivered.document_id) == CSV
    move = models.Acknowledge(action="acknowledge", delivery_id=delivered.id)
    return cast.appek.moved(MOVE, request, move)


def delivery(cast: Cast, request: Any) -> Any:
    """Gives the move that delivers a stored dataset, which completes a request."""
    about = {"kind": "dataset", "subject_type": "agreement", "subject_id": request.agreement_id}
    data = stored(cast, cast.reviewer, content=CSV, file_name="RUP 2025.csv", **about)
    return cast.models.Deliver(action="deliver", document_id=data.id, rows=1, complete=True)
