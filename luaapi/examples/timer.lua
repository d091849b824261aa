Work without a message.

--- every
local timer, http, store = require "timer", require "http", require "store"

timer.every("5m", function()
  local answer, why = http.get("https://lists.example.com/refused.txt")
  if answer and answer.status == 200 then
    store.set("refused", answer.body)    -- a variable would not do: hooks run in other VMs
  else
    log.warn("the list stays as it is", { why = why or answer.status })
  end
end, { name = "refused", at_start = true })

function mail(conn, sender)
  local list = "\n" .. (store.get("refused") or "")
  if list:find("\n" .. sender .. "\n", 1, true) then
    return reject("5.7.1", "mail from there is not accepted")
  end
end
