Date and time.

--- clock
local begun = os.clock()
local took = os.clock() - begun           -- seconds

--- date
os.date("!%Y-%m-%d %H:%M:%S", 0)          --> 1970-01-01 00:00:00
local year = os.date("!*t", 0).year       --> 1970

--- difftime
os.difftime(120, 60)                      --> 60

--- time
local noon = os.time{ year = 2026, month = 11, day = 26 }
os.date("%H:%M", noon)                    --> 12:00
