-- What wrk asks in turn: every question that the daemon answers, and now and then a span.
local questions = {
  "/api/v1/audit?limit=50", "/api/v1/audit?status=error,denied&order=oldest", "/api/v1/audit/1",
  "/api/v1/audit?search=3%2F1&limit=10", "/api/v1/audit/stats", "/api/v1/audit/groups?by=agent",
  "/api/v1/audit/histogram?buckets=60", "/api/v1/audit/conversations", "/api/v1/audit/pending",
  "/api/v1/audit/export?agent=nobody", "/api/v1/audit/verify", "/api/v1/audit/1/proof",
  "/api/v1/audit?limit=none", "/metrics", "/healthz", "/openapi.json", "/", "/nothing",
}
local span = [[{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%032x","spanId":"%016x",
"name":"execute_tool bash","startTimeUnixNano":"1795507336036000000",
"endTimeUnixNano":"1795507336046000000","attributes":[
{"key":"gen_ai.operation.name","value":{"stringValue":"execute_tool"}},
{"key":"gen_ai.tool.name","value":{"stringValue":"bash"}},
{"key":"gen_ai.agent.name","value":{"stringValue":"load"}},
{"key":"gen_ai.conversation.id","value":{"stringValue":"load"}}]}]}]}]}]]

local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local asked = 0
function request()
  asked = asked + 1
  if asked % 4 ~= 0 then return wrk.format("GET", questions[asked % #questions + 1]) end
  -- The second of two is the first once more.
  local id = number * 1000000000 + math.floor(asked / 8)
  return wrk.format("POST", "/v1/traces", {["Content-Type"] = "application/json"},
                    string.format(span, id, id))
end
