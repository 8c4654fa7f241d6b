import time
from service.kernel import metrics
async def test_x():
    for op in range(55):
        for m in ("GET",):
            for st in range(6):
                metrics.observe(m, f"op{op}", status=200+st, seconds=.01)
    for i in range(3):
        t=time.perf_counter(); n=len(metrics.exposition()); print(n, time.perf_counter()-t)
