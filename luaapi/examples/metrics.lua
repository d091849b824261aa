Numbers for the monitoring system.

--- count
metrics.count("verdicts", { result = "spam" })
metrics.count("attachments", nil, #msg.attachments)

--- set
metrics.set("list_entries", 1200)

--- observe
metrics.observe("body_bytes", #msg.body, { signed = msg.is_signed })
