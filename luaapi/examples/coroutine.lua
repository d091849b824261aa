Coroutines.

--- create
local co = coroutine.create(function(a) return a + 1 end)
coroutine.resume(co, 1)                   --> true, 2

--- isyieldable
coroutine.isyieldable()                   --> false

--- resume
local co = coroutine.create(function() coroutine.yield("first") return "last" end)
coroutine.resume(co)                      --> true, first
coroutine.resume(co)                      --> true, last

--- running
coroutine.running()                       --> nil

--- status
local co = coroutine.create(function() end)
coroutine.status(co)                      --> suspended
coroutine.resume(co)
coroutine.status(co)                      --> dead

--- wrap
local words = coroutine.wrap(function()
  for word in ("one two"):gmatch("%a+") do coroutine.yield(word) end
end)
words()                                   --> one
words()                                   --> two

--- yield
local double = coroutine.wrap(function(n)
  while true do n = coroutine.yield(2 * n) end
end)
double(4)                                 --> 8
double(5)                                 --> 10
