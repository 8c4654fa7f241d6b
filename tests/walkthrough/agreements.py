"""Agreements of the three organizations, from the draft to the signatures."""

from datetime import date
from typing import Any

from tests.walkthrough.cast import Cast

MOVE = "agreements.transition_agreement"
FIRST_DAY, LAST_DAY = date(2022, 8, 15), date(2099, 8, 14)


def accepted(cast: Cast, kind: str, **values: Any) -> Any:
    """Gives an agreement that every party has accepted."""
    models = cast.models
    members = enumerate((cast.inspectorate_id, cast.icw_id, cast.appek_id), 1)
    body = models.CreateAgreement(
        kind=kind,
        title="Pemantauan bersama pengadaan",
        scope=["Pemantauan pengadaan"],
        effective_from=FIRST_DAY,
        ends_on=LAST_DAY,
        parties=[models.PartyInput(organization_id=each, position=place) for place, each in members],
        **values,
    )
    pact = cast.appek.ask("agreements.create_agreement", body=body)
    assert isinstance(pact, models.Agreement), pact
    pact = cast.appek.moved(MOVE, pact, models.OpenDiscussion(action="open_discussion"))
    for party in (cast.appek, cast.icw, cast.inspectorate):
        pact = party.moved(MOVE, pact, models.Accept(action="accept"))
    return pact


def signing(cast: Cast, pact: Any, **values: Any) -> Any:
    """Gives the move that registers the signatures of all parties."""
    ids = [party.organization_id for party in pact.parties]
    signatures = [cast.models.Signature(organization_id=each, name="Contoh", title="Ketua") for each in ids]
    return cast.models.RegisterSigning(
        action="register_signing", signed_on=FIRST_DAY, signatures=signatures, **values
    )


def signed(cast: Cast, pact: Any) -> Any:
    """Gives an agreement once its signatures were registered, on a paper that lies in an archive."""
    move = signing(cast, pact, document_ref="Arsip Inspektorat, map 12/2022")
    return cast.appek.moved(MOVE, pact, move)
