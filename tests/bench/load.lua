-- Sends the requests of a plan in order, over and over; prints what was measured as one line of JSON.
-- An entry is a whole request, or a list of them, one for each turn, each cut wherever a number stands.

local plan, last, turn, pass

function init(args)
  plan = dofile(args[1])
  -- wrk asks once for a request that it looks at and never sends.
  last, turn, pass = #plan.entries, -1, 0
end

function request()
  turn = turn + 1
  if turn > last then
    turn, pass = 1, pass + 1
  end
  local entry = plan.entries[math.max(turn, 1)]
  if type(entry) == "string" then
    return entry
  end
  local cut = entry[pass % #entry + 1]
  return table.concat(cut, string.format("%d", entry.first + pass * plan.step))
end

function done(summary, latency, requests)
  local failures = summary.errors.status + summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%.6f,"failures":%d,"p50":%.3f,"p99":%.3f}\n',
    summary.requests, summary.duration / 1e6, failures,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
