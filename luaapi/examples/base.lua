Lua's basic functions.

--- assert
local list = assert(conn.recipients, "nobody gets it")
print(#list)                              --> 2

--- error
local ok, why = pcall(function() error("no list", 0) end) --> false, no list

--- getmetatable
getmetatable("text")                      --> string

--- ipairs
for i, name in ipairs({ "a", "b" }) do print(i, name) end --> 1, a; 2, b

--- load
local sum = load("return 1 + 2")
sum()                                     --> 3

--- next
local empty = next({}) == nil             --> true

--- pairs
for key, value in pairs({ size = 10 }) do print(key, value) end --> size, 10

--- pcall
local ok, n = pcall(tonumber, "12")       --> true, 12

--- rawequal
rawequal("a", "a")                        --> true

--- rawget
rawget({ a = 1 }, "a")                    --> 1

--- rawlen
rawlen({ "a", "b" })                      --> 2

--- rawset
local t = rawset({}, "a", 1)
print(t.a)                                --> 1

--- select
select("#", "a", "b")                     --> 2
select(2, "a", "b")                       --> b

--- setmetatable
local limits = setmetatable({}, { __index = function() return 10 end })
print(limits["example.com"])              --> 10

--- tonumber
tonumber("0x1F")                          --> 31
tonumber("z", 36)                         --> 35
tonumber("many")                          --> nil

--- tostring
tostring(12)                              --> 12

--- type
type(conn.ip)                             --> string

--- unpack
unpack({ "a", "b", "c" }, 2)              --> b, c

--- xpcall
local ok, why = xpcall(function() error("x", 0) end, function(e) return "caught " .. e end) --> false, caught x
