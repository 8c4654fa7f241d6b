"""A mailbox never lets anybody wait: what does not fit is dropped and counted."""

import asyncio

from service.kernel.mailbox import Mailbox
from service.kernel.metrics import exposition


async def test_things_come_in_batches_in_their_order():
    box = Mailbox("things", size=10)
    for thing in range(5):
        box.post(thing)
    assert await box.batch(most=3, gather_seconds=0) == [0, 1, 2]
    assert await box.batch(most=3, gather_seconds=0) == [3, 4]


async def test_a_batch_waits_for_its_first_thing_and_gathers_what_comes_soon_after():
    box = Mailbox("things", size=10)
    task = asyncio.create_task(box.batch(most=3, gather_seconds=0.05))
    await asyncio.sleep(0.02)
    assert not task.done()
    box.post("first")
    await asyncio.sleep(0.01)
    box.post("second")
    assert await task == ["first", "second"]


async def test_what_does_not_fit_is_dropped_and_counted():
    box = Mailbox("full_box", size=2)
    for thing in range(5):
        box.post(thing)
    assert await box.batch(most=10, gather_seconds=0) == [0, 1]
    assert b'tenun_dropped_total{queue="full_box"} 3.0' in exposition()
