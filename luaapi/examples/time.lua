Time.

--- now
local begun = time.now()
log.info("parts", { count = #msg.parts, seconds = time.now() - begun })

--- sleep
time.sleep(0.01)                          -- this session waits, nothing else does

--- parse
local sent, offset = time.parse(msg:header("Date")) --> 1795687200, 3600
time.parse("26.11.2026", "%d.%m.%Y")      --> 1795651200, 0

--- format
time.format(1795687200)                   --> 2026-11-26T10:00:00Z
time.format(1795687200, "rfc5322", "+0100") --> Thu, 26 Nov 2026 11:00:00 +0100
time.format(1795687200, "%d.%m.%Y")       --> 26.11.2026

--- parse_duration
time.parse_duration("1h30m")              --> 5400

--- format_duration
time.format_duration(5400)                --> 1h30m
