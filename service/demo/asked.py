"""What was asked for: the catalogues of the holders, and data requests with their days.

Every request is invented, so the days of its life are part of the story: each step is taken on its day, by
the clock the service was composed with. A request that was entered before keeps the days it had.
"""

from service.demo.office import Office


async def enter_datasets(office: Office) -> None:
    """List what the holders can share, known by its title."""
    path = "/v1/datasets"
    known = await office.known(office.case.datasets, path, by="title")
    for dataset in office.case.datasets:
        await office.entered(dataset, path, known=known.get(dataset.body["title"]))


async def enter_data_requests(office: Office) -> None:
    """Write each request, known by its client_ref, and carry it to where it came."""
    path = "/v1/data-requests"
    known = await office.known(office.case.data_requests, path, by="client_ref")
    for request in office.case.data_requests:
        with office.clock.at(request.steps[0].on, 0):
            found = await office.entered(request, path, known=known.get(request.body["client_ref"]))
        await office.lived(request, f"{path}/{found['id']}", found=found)
