-- Sends the requests of a plan in order, over and over; prints what was measured as one line of JSON.
-- An entry is a whole request, or a list of them cut in two around a number, one for each turn.

local plan, last, turn, pass

function init(args)
  plan = dofile(args[1])
  last, turn, pass = #plan.entries, 0, 0
end

function request()
  turn = turn + 1
  if turn > last then
    turn, pass = 1, pass + 1
  end
  local entry = plan.entries[turn]
  if type(entry) == "string" then
    return entry
  end
  local cut = entry[pass % #entry + 1]
  return cut[1] .. string.format("%d", entry.first + pass * plan.step) .. cut[2]
end

function done(summary, latency, requests)
  local failures = summary.errors.status + summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%.6f,"failures":%d,"p50":%.3f,"p99":%.3f}\n',
    summary.requests, summary.duration / 1e6, failures,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
