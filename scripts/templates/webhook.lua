-- webhook.lua: tell a web server of each message for one recipient; outbox.dir must be configured.

local http = require "http"

local cfg = settings { recipient = "tickets@example.com", url = "https://hooks.example.com/mail" }

function eom(conn, msg)
  for _, recipient in ipairs(msg.recipients) do
    if recipient:lower() == cfg.recipient then
      local id, why = http.later{
        url = cfg.url,
        json = { sender = conn.sender, recipient = recipient, subject = msg.headers:decoded("Subject"), queue_id = conn.queue_id },
      }
      if not id then
        log.error("the webhook is lost", { why = why })
      end
      return
    end
  end
end
