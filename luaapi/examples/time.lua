Time.

--- now
local begun = time.now()
log.info("parts", { count = #msg.parts, seconds = time.now() - begun })

--- sleep
time.sleep(0.01)                          -- this session waits, nothing else does
