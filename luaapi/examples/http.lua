--- get
local r, why = http.get("https://reputation.example.com/ip/" .. conn.ip)
if not r then
  log.warn("no reputation", { why = why })
elseif r.status == 200 and r.json and r.json.score > 5 then
  msg:add_header("X-Reputation", r.json.score)
end
print(r.status, r.json.score) --> 200, 7

--- post
local r = http.post{
  url = "https://api.example.com/check",
  headers = { Authorization = "Bearer secret" },
  json = { sender = conn.sender, recipients = msg.recipients },
  timeout = 2,
}
print(r and r.body) --> fine

--- request
local r, why = http.request{ method = "PUT", url = "https://api.example.com/seen/" .. conn.queue_id, body = msg:header("Subject") }
print(r and r.status or why) --> 204

--- later
local id, why = http.later{ url = "https://hooks.example.com/mail", json = { queue_id = conn.queue_id, sender = conn.sender } }
if not id then
  log.error("the webhook is lost", { why = why })
end
print(id) --> 1
