local n = 0 local function inc() n = n + 1 end inc() pcall(error, "x") inc() n = n + 10 inc() return n

local n = 0 local function inc() n = n + 1 end inc() pcall(function() inc() error("x") end) inc() n = n + 10 inc() return n

local n = 0 local function inc() n = n + 1 return n end pcall(function() local m = 5 local function f() m = m + 1 return m + inc() end f() error(f) end) return n, inc(), n

local f do local x = 1 f = function() x = x + 1 return x end pcall(function() x = x + 10 error() end) x = x + 100 end return f(), f()

local get, set do local x = 1 get = function() return x end set = function(v) x = v end end pcall(function() set(5) error("a") end) return get()

local kept pcall(function() local x = 1 kept = function() x = x + 1 return x end error("x") end) return kept(), kept()

local kept, other pcall(function() local x = 1 kept = function() x = x + 1 return x end other = function() return x end error("x") end) return kept(), kept(), other()

local fs = {} for i = 1, 3 do fs[i] = function() i = i + 1 return i end end return fs[1](), fs[1](), fs[2](), fs[3]()

local fs = {} for i = 1, 3 do pcall(function() fs[i] = function() i = i + 1 return i end error() end) end return fs[1](), fs[1](), fs[2](), fs[3]()

local fs = {} for _, v in ipairs{"a", "b"} do fs[#fs + 1] = function() v = v .. "!" return v end end return fs[1](), fs[1](), fs[2]()

local t = {} local i = 0 while i < 3 do i = i + 1 local j = i t[i] = function() j = j + 1 return j end end return t[1](), t[1](), t[3]()

local t = {} local i = 0 repeat local j = i t[#t + 1] = function() return j end i = i + 1 until j >= 2 return t[1](), t[2](), t[3]()

local x = 1 local function f() local function g() x = x + 1 end g() return g end local g = f() x = 10 g() return x

local x = 1 local ok = pcall(function() local y = 2 local ok = pcall(function() x = x + 1 y = y + 1 error() end) x = x + y end) return x, ok

local x = 1 local co = coroutine.wrap(function() for i = 1, 3 do x = x + i coroutine.yield(x) end end) return co(), x, co(), x

local x = 0 local co = coroutine.create(function() x = x + 1 coroutine.yield() error("e") end) coroutine.resume(co) x = x + 10 coroutine.resume(co) x = x + 100 return x

local x = 0 local function inc() x = x + 1 end local co = coroutine.wrap(function() inc() local ok = pcall(function() inc() error() end) inc() coroutine.yield(ok) inc() end) co() x = x + 10 co() return x

local function counter() local c = 0 return function() c = c + 1 return c end, function() return c end end local inc, get = counter() inc() pcall(inc) pcall(function() inc() error() end) return get()

local x = {} local function f() return x end x = nil pcall(error) return f()

local a, b = 1, 2 local function swap() a, b = b, a end swap() pcall(function() swap() error() end) swap() return a, b

return pcall(error)

return pcall(error, nil)

return pcall(error, "x")

return pcall(error, "x", 0)

return pcall(error, {1, 2})

return pcall(function() error("x") end)

return pcall(function() error("x", 0) end)

return pcall(function() error("x", 1) end)

local function f() error("x", 2) end
return pcall(function()
  f()
end)

local function f() error("x", 3) end
local function g()
  f()
end
return pcall(function()

  g()
end)

return pcall(function() error({code = 5}) end)

return pcall(function() error(true) end)

return pcall(function() error(function() end) end)

return pcall(function() error() end)

return pcall(function() error(nil, 2) end)

return pcall(function() error(12) end)

return pcall(function()
  local x = nil
  return x.y
end)

return pcall(function() local x = nil x.y = 1 end)

return pcall(function() local x = 5 return x.y.z end)

return pcall(function() undefined() end)

return pcall(function() local t = {} t.x() end)

return pcall(function() local t = {} t:x() end)

return pcall(function() return #nil end)

return pcall(function() return #5 end)

return pcall(function() return -{} end)

return pcall(function() return {} .. "x" end)

return pcall(function() return {} + 1 end)

return pcall(function() return 1 + {} end)

return pcall(function() return nil + 1 end)

return pcall(function() return "a" + 1 end)

return pcall(function() return 1 < "2" end)

return pcall(function() return {} < {} end)

return pcall(function() return nil < 1 end)

return pcall(function() return {} < 1 end)

return pcall(function() return "a" < 1 end)

return pcall(function() return true <= false end)

return pcall(function() return print < print end)

return pcall(function() local t = {} t[nil] = 1 end)

return pcall(function() local t = {} t[0/0] = 1 end)

return pcall(function() local t = {1} t[0/0] = 1 end)

return ({})[nil], ({})[0/0]

return pcall(nil)

return pcall(5)

return pcall({})

return pcall(setmetatable({}, {__call = function(self, a) return type(self), a end}), 7)

return pcall()

return select("#", pcall(function() return nil, nil end))

return pcall(function(...) return select("#", ...), ... end, nil, 2, nil)

return pcall(pcall, error, "x")

return pcall(pcall)

return pcall(pcall, pcall, error, 5)

return xpcall(function() error("x") end, function(e) return e .. "!" end)

return xpcall(function() error({5}) end, function(e) return e[1] end)

return xpcall(function() return 1, 2 end, function() return "never" end)

return xpcall(function() local x = nil return x.y end, function(e) return type(e) end)

return xpcall(function() error() end, function(e) return e == nil end)

return xpcall(function() error("x") end, function() return 1, 2, 3 end)

return xpcall(function() error("x") end, function() end)

return xpcall(error, function(e) return e end)

return pcall(xpcall)

return pcall(xpcall, error)

local seen return xpcall(function() local x = 1 seen = function() return x end x = 2 error() end, function() return seen() end)

local x = 1 local function inc() x = x + 1 end xpcall(function() inc() error() end, function() inc() end) inc() x = x + 10 inc() return x

return pcall(function() return pcall(error, "in") end)

return pcall(function() local ok, e = pcall(error, "in", 0) error(e .. "out", 0) end)

local t = {} for i = 1, 3 do local ok, e = pcall(function() if i == 2 then error("two", 0) end return i end) t[i] = e end return t

local function f(n) if n == 0 then error("deep", 0) end f(n - 1) end return pcall(f, 100)

local function f(n) if n == 0 then return "end" end return f(n - 1) end return f(10000)

local function f() return f() + 1 end local ok, e = pcall(f) return ok, type(e)

return pcall(table.insert)

return assert(1, 2, 3)

return pcall(assert, false)

return pcall(assert, nil, "m")

return pcall(assert)

return pcall(function() assert(false) end)

return pcall(function() assert(nil, "message") end)

return (assert("x"))

local co = coroutine.create(function(a, b) local c = coroutine.yield(a + b) local d, e = coroutine.yield(c * 2) return d + e end) return coroutine.resume(co, 1, 2)

local co = coroutine.create(function(a, b) local c = coroutine.yield(a + b) local d, e = coroutine.yield(c * 2) return d + e end) local t = {coroutine.resume(co, 1, 2)} t[3], t[4] = coroutine.resume(co, 10) t[5], t[6] = coroutine.resume(co, 3, 4) t[7], t[8] = coroutine.resume(co) return t, coroutine.status(co)

local co = coroutine.wrap(function(...) local n = select("#", ...) while true do n = n + select("#", coroutine.yield(n)) end end) return co(1, nil, nil), co(), co(nil), co(1, 2)

local co = coroutine.wrap(function() return 1, nil, 3, nil end) return co()

local co = coroutine.wrap(function() coroutine.yield() end) return select("#", co()), select("#", co())

local co = coroutine.wrap(function() end) co() return pcall(co)

local co = coroutine.create(function() error("x") end) return coroutine.resume(co)

local co = coroutine.create(function() error({1}) end) return coroutine.resume(co)

local co = coroutine.create(function() error() end) return coroutine.resume(co)

local co = coroutine.create(function() local x = nil return x.y end) local ok = coroutine.resume(co) return ok, coroutine.status(co), coroutine.resume(co)

return pcall(coroutine.wrap(function() error("x") end))

return pcall(coroutine.wrap(function() error({1}) end))

local co co = coroutine.create(function() return coroutine.status(co), coroutine.resume(co) end) return coroutine.resume(co)

local co co = coroutine.wrap(function() return pcall(co) end) return co()

local a, b a = coroutine.create(function() return coroutine.resume(b) end) b = coroutine.create(function() return coroutine.status(a), coroutine.resume(a) end) return coroutine.resume(a)

return coroutine.running()

return type(coroutine.wrap(function() return coroutine.running() end)())

local co co = coroutine.create(function() return coroutine.running() == co end) return coroutine.resume(co)

return pcall(coroutine.yield)

return coroutine.resume(coroutine.create(function() return pcall(coroutine.yield, 1) end))

return coroutine.resume(coroutine.create(function() table.sort({3, 2, 1}, function(a, b) coroutine.yield() end) end))

return coroutine.resume(coroutine.create(function() return setmetatable({}, {__index = function() coroutine.yield() end}).x end))

return coroutine.resume(coroutine.create(function() for i in function() coroutine.yield() end do end end))

local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end end) end local t = {} for i, s in gen(4) do t[i] = s end return t

local function walk(t) if type(t) == "table" then for _, v in ipairs(t) do walk(v) end else coroutine.yield(t) end end local out = {} for v in coroutine.wrap(function() walk{1, {2, {3, 4}, 5}, {{6}}} end) do out[#out + 1] = v end return out

local co = coroutine.wrap(function() local inner = coroutine.wrap(function() coroutine.yield(1) coroutine.yield(2) end) coroutine.yield(inner()) coroutine.yield(inner() * 10) end) return co(), co()

local log = {} local function task(name, n) return coroutine.create(function() for i = 1, n do log[#log + 1] = name .. i coroutine.yield() end end) end local tasks = {task("a", 2), task("b", 3)} while #tasks > 0 do for i = #tasks, 1, -1 do coroutine.resume(tasks[i]) if coroutine.status(tasks[i]) == "dead" then table.remove(tasks, i) end end end return table.concat(log, " ")

local co = coroutine.create(function(...) return ... end) return coroutine.resume(co, nil, nil)

local co = coroutine.create(function() return coroutine.yield(coroutine.yield(1)) end) local a = {coroutine.resume(co)} local b = {coroutine.resume(co, "x")} local c = {coroutine.resume(co, "y", "z")} return a, b, c

local co = coroutine.wrap(function() local t = {coroutine.yield(1, 2, 3)} return #t, t[1] end) local a, b, c = co() return a, b, c, co("p", "q")

local x = coroutine.wrap(function() local ok, e = pcall(error, "in") coroutine.yield(e) return "done" end) return x(), x()

local co = coroutine.create(function() return coroutine.yield(1) end) local a, b = {coroutine.resume(co)}, coroutine.status(co) return a, b, {coroutine.resume(co, 5, nil, 6)}, coroutine.status(co), coroutine.resume(co)

local co = coroutine.wrap(function() return coroutine.yield(1) end) return co(), co(5), pcall(co)

local function f() return coroutine.yield(1) end local co = coroutine.wrap(function() local x, y = f() return y, x end) return co(), co(5, 6)

local function f() return coroutine.yield(1) end local co = coroutine.wrap(function() return f() end) return co(), co(5, 6)

local function f() return coroutine.yield(1) end local co = coroutine.wrap(function() return f(), 7 end) return co(), co(5, 6)

local function f() return coroutine.yield(1) end local function g() return f() end local co = coroutine.wrap(function() local t = {g()} return #t, t[2], coroutine.yield() end) return co(), co(5, 6)

local co = coroutine.wrap(function() local a, b, c = coroutine.yield() local d = coroutine.yield(a, b, c) return d, a, b, c end) co() return co(1), co(1, 2, 3, 4)

local co = coroutine.wrap(function() local x, y, z = 7, 8, 9 x, y, z = coroutine.yield() return x, y, z end) co() return co()

local co = coroutine.wrap(function() local x, y, z = 7, 8, 9 x, y, z = coroutine.yield() return x, y, z end) co() return co(1, 2)

local co = coroutine.wrap(function() return (coroutine.yield()) end) co() return co(1, 2)

local co = coroutine.wrap(function() local t = {0, coroutine.yield(), 0, coroutine.yield()} return t end) co() co() return co(1, 2)

local co = coroutine.wrap(function() print = nil if coroutine.yield() then return "yes" else return "no" end end) co() return co()

local co = coroutine.wrap(function() return 1 + coroutine.yield() * 2 end) co() return co(4)

local co = coroutine.wrap(function(...) return select("#", ...), select("#", coroutine.yield(...)) end) return select("#", co(nil, nil)), co()

local co = coroutine.wrap(function() for i, v in ipairs{"a", "b"} do coroutine.yield(v) end return "c" end) return co(), co(), co()

local co = coroutine.wrap(function() local function r(n) if n > 0 then coroutine.yield(n) r(n - 1) end end r(3) return "end" end) return co(), co(), co(), co()

local function tail(n) if n == 0 then return coroutine.yield("bottom") end return tail(n - 1) end local co = coroutine.wrap(function() return tail(50) end) return co(), co("up")

local co = coroutine.wrap(function() return pcall(error, coroutine.yield(1)) end) return co(), co("e")

return pcall(coroutine.resume, 5)

return pcall(coroutine.status)

return pcall(coroutine.wrap, print)

return pcall(coroutine.create)

local function f(...) return ... end return f()

local function f(...) return ... end return (f(1, 2, 3))

local function f(...) return ... end return f(1, 2, 3), f(4, 5)

local function f(...) return ... end return {f(1, nil, 3)}, {f(1, 2), f(3, 4)}, {f(1, 2), nil}

local function f(...) local a, b, c = ... return c, b, a end return f(1, 2)

local function f(a, ...) return select("#", ...), a end return f(), f(1), f(1, nil), f(1, nil, nil)

local function f(...) return select(2, ...) end return f("a", "b", "c")

local function f(...) return select(-1, ...) end return f("a", "b", "c")

local function f(...) return select(-4, ...) end return pcall(f, "a", "b", "c")

local function f(...) return select(0, ...) end return pcall(f, "a")

local function f(...) return select(4, ...) end return f("a", "b", "c")

local function f(...) return select("#", ...) end return f(nil, nil, nil)

local function f(...) return select("#") end return f(1, 2)

return select("#x", 1, 2)

local function f(...) local t = {...} return #t, t end return f(1, 2, 3)

local function f(...) return (select("#", ...)) end return f(unpack({1, 2, nil, 4}, 1, 4))

local function f(...) return arg end return type(f(1))

local function f(...) local arg = {n = select("#", ...), ...} return arg.n, arg[1] end return f(5, nil)

return (function(...) return ... end)(1, 2)

return select("#", unpack({}, 1, 100))

return unpack({1, 2, 3}, 2)

return unpack({1, 2, 3}, 2, 3)

return unpack({1, 2}, 0, 3)

return unpack({1, 2}, -1, 1)

return unpack({}, 5, 4)

return pcall(unpack, {}, 1, 1e7)

local t = {} for i = 1, 5000 do t[i] = i end return select("#", unpack(t)), (select(5000, unpack(t)))

local t = {} for i = 1, 200 do t[i] = i end local function f(...) return select("#", ...) end return f(unpack(t)), f(1, unpack(t))

return setmetatable({}, {__index = function(t, k) return k .. "!" end}).abc

return setmetatable({}, {__index = {a = 5}}).a, setmetatable({}, {__index = {a = 5}}).b

local t = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v * 2) end}) t.x = 5 t.x = 7 return t.x

local log = {} local t = setmetatable({}, {__newindex = log}) t.x = 5 return t.x, log.x

return setmetatable({}, {__call = function(self, a, b) return a + b end})(1, 2)

return pcall(setmetatable({}, {__call = 5}))

return #setmetatable({1, 2}, {__len = function() return 10 end})

return tostring(setmetatable({}, {__tostring = function() return "me" end}))

return pcall(tostring, setmetatable({}, {__tostring = function() return 5 end}))

return pcall(tostring, setmetatable({}, {__tostring = function() error("x", 0) end}))

return pcall(tostring, setmetatable({}, {__tostring = 5}))

return getmetatable(setmetatable({}, {__metatable = "locked"}))

return pcall(setmetatable, setmetatable({}, {__metatable = "locked"}), {})

return pcall(setmetatable, {}, 5)

return pcall(setmetatable, {})

return pcall(setmetatable, 5, {})

local mt = {} local t = setmetatable({}, mt) return getmetatable(t) == mt, setmetatable(t, nil) == t, getmetatable(t)

local mt = {__eq = function(a, b) return true end} local a, b = setmetatable({}, mt), setmetatable({}, mt) return a == b, a ~= b, rawequal(a, b), a == {}, a == 1

local mt = {__lt = function(a, b) return a.v < b.v end} local a, b = setmetatable({v = 1}, mt), setmetatable({v = 2}, mt) return a < b, a > b, a <= b, a >= b

local mt = {__le = function(a, b) return a.v <= b.v end} local a, b = setmetatable({v = 1}, mt), setmetatable({v = 2}, mt) return a <= b, a >= b, pcall(function() return a < b end)

local a, b = setmetatable({}, {__lt = function() return true end}), setmetatable({}, {__lt = function() return true end}) return pcall(function() return a < b end)

local mt = {__concat = function(a, b) return (type(a) == "table" and "T" or a) .. (type(b) == "table" and "T" or b) end} local t = setmetatable({}, mt) return t .. "x", "x" .. t, t .. t, 1 .. t, "a" .. "b" .. t .. "c" .. "d"

local mt = {__unm = function() return "neg" end} return -setmetatable({}, mt)

local mt = {} for _, e in ipairs{"add", "sub", "mul", "div", "mod", "pow"} do mt["__" .. e] = function(a, b) return e, type(a), type(b) end end local t = setmetatable({}, mt) return t + 1, 1 - t, t * "x", "x" / t, t % nil, nil ^ t

local t = setmetatable({}, {__index = function(t, k) return rawget(t, k) end}) return t.x, t[1]

local a = setmetatable({}, {__index = setmetatable({}, {__index = setmetatable({}, {__index = {deep = 1}})})}) return a.deep

local t = {} setmetatable(t, {__index = t}) return pcall(function() return t.x end)

local t = {} setmetatable(t, {__newindex = t}) return pcall(function() t.x = 1 end)

local A = {} A.__index = A function A.new(v) return setmetatable({v = v}, A) end function A:get() return self.v end local B = setmetatable({}, {__index = A}) B.__index = B function B.new(v) return setmetatable(A.new(v), B) end function B:get2() return self:get() * 2 end local b = B.new(5) return b:get(), b:get2()

local t = {} rawset(t, "x", 1) return rawget(t, "x"), rawget(setmetatable({}, {__index = {x = 1}}), "x")

return rawequal("a", "a"), rawequal({}, {}), rawequal(1, "1"), rawequal(0/0, 0/0)

return pcall(rawset, {}, nil, 1)

return pcall(rawset, {}, 1)

return pcall(rawget, "x", 1)

local t = {} for i = 1, 3 do t[#t + 1] = i end return t

local t = {} for i = 3, 1, -1 do t[#t + 1] = i end return t

local t = {} for i = 1, 2, 0.25 do t[#t + 1] = i end return t

local t = {} for i = 1, 0 do t[#t + 1] = i end return #t

local t = {} for i = 1, 3 do t[#t + 1] = i i = i * 10 end return t

local t = {} for k in next, {10, 20} do t[#t + 1] = k end return t

local t = {} for k, v, w in next, {10, 20} do t[#t + 1] = k + v end return t

local t = {} for k in next, {10, 20}, nil do t[#t + 1] = k end return t

local t = {} for k in next, {10, 20}, 1 do t[#t + 1] = k end return t

local function f() return {10, 20} end local t = {} for k, v in next, f() do t[#t + 1] = v end return t

local function f() return {10, 20} end local t = {} for k in next, f() do t[#t + 1] = k end return t

local function f() return {10, 20} end local t = {} for k in next, (f()) do t[#t + 1] = k end return t

local n = 0 local t = {} for a in function() n = n + 1 if n < 4 then return n end end do t[#t + 1] = a end return t

local n = 0 local t = {} for a, b in function(s, c) n = n + 1 if n < 4 then return n, s == nil and c end end do t[#t + 1] = {a, b} end return t

local x, y = 1, 2 for k, v in next, {10} do local z = 5 for k2, v2 in next, {20} do y = y + v2 + z end x = x + v end return x, y

local a, b, c = 1, 2, 3 a, b, c = c, a, b return a, b, c

local a, b = 1, 2 a, b = b, a + b a, b = b, a + b return a, b

local a, b = 1, 2 local function f() return a end a, b = 10, f() return a, b

local a, b = 1, 2 local function f() a = a + 100 return a end a, b = f(), a return a, b

local i, t = 1, {} i, t[i] = i + 1, 20 return i, t

local i, t = 1, {} t[i], i = 20, i + 1 return i, t

local t = {} t[1], t = 5, {7} return t

local t = {} local u = t t, t[1] = {7}, 5 return t, u

local t = {1, 2, 3} local i, j = 1, 3 t[i], t[j] = t[j], t[i] return t

local t = {1, 2, 3} local i, j = 1, 3 t[i], t[j], i, j = t[j], t[i], j, i return t, i, j

local a, b = 1, 2 a, b = (function() return 5, 6 end)() return a, b

local a, b, c = 1, 2, 3 a, b, c = 9, (function() return a, b end)() return a, b, c

local a, b, c = 1, 2, 3 a, b, c = c return a, b, c

local a, b = 1, 2 a, b = b, a, error return a, b

local a, b = 1, 2 a, b = nil, a return a, b

local a, b = 1 do local c, d = 2, 3 a, b, c, d = d, c, b, a return a, b, c, d end

local a, b = 1, 2 local function f() a, b = b, a end f() return a, b

g, h = 1, 2 g, h = h, g return g, h

local a = 1 g, a = a, 5 g, a = a, g return g, a

local t = {x = 1, y = 2} t.x, t.y = t.y, t.x return t

local t = {x = 1, y = 2} local a = 7 t.x, a, t.y = a, t.x, a return t, a

local t = setmetatable({}, {__index = function(_, k) return k end}) local a, b = 1, 2 a, b = t.x, a return a, b

local log = {} local t = setmetatable({}, {__newindex = function(_, k, v) log[#log + 1] = k .. v end}) local x t.a, x, t.b = 1, 2, 3 return log

local function f(...) local a, b = 1, 2 a, b = ... return a, b end return f(7), f(7, 8)

local function f(...) local a, b, c = 1, 2, 3 a, b, c = b, ... return a, b, c end return f(7), f(7, 8)

return 010, 08, 00, 0.5, 00.5, 0x0F, 001e1, 100

for i = 1, 3 do if i == 2 then return i end end

local s = 0 for i = 1, 10 do if i % 2 == 0 then s = s + i end end return s

local s = "" for i = 10, 1, -3 do s = s .. i .. " " end return s

local n = 0 for i = 1, math.huge do n = n + 1 if n == 5 then break end end return n

local n = 0 for i = 0.1, 1, 0.1 do n = n + 1 end return n

return pcall(function() for i = 1, 10, {} do end end)

return pcall(function() for i = "a", 10 do end end)

return pcall(function() for i in 5 do end end)

return pcall(function() for i in nil do end end)

local t = {} for k, v in next, {10, 20} do t[k] = v + 1 end return t

local t = {} for w in ("a b c"):gmatch("%a") do t[#t + 1] = w end return t

local s = 0 for _, v in pairs{1, 2, x = 3, [10] = 4} do s = s + v end return s

local t = {a = 1, b = 2, c = 3} for k in pairs(t) do t[k] = nil end return next(t)

local t = {1, 2, 3, 4} for k in pairs(t) do t[k] = nil end return next(t), #t

local t = {a = 1, b = 2, 5} for k, v in pairs(t) do t[k] = v + 1 end return t

local t = {} for i, v in ipairs{1, 2, nil, 4} do t[#t + 1] = v end return t

local t = {1, 2, 3} local n = 0 for i, v in ipairs(t) do n = n + 1 if i == 1 then t[4] = 4 end end return n

local function iter(t, i) i = i + 1 if t[i] then return i, t[i] end end local s = "" for i, v in iter, {"a", "b"}, 0 do s = s .. i .. v end return s

local t = {} for a, b, c, d in (function() local n = 0 return function() n = n + 1 if n < 3 then return n, nil, n * 2 end end end)() do t[#t + 1] = {a, b, c, d} end return t

local i = 1 while true do i = i * 2 if i > 100 then break end end return i

local i = 0 repeat i = i + 1 local done = i == 5 until done return i

local i = 0 while i < 3 do i = i + 1 end return i

do local x = 5 end return x

local x = 1 do local x = 2 end return x

local x = 1 local x = x + 1 return x

local a, b, c = 1 return a, b, c

local a, b = 1, 2, 3 return a, b

local a, b = 1, 2 a, b = b, a return a, b

local t = {} local i = 1 i, t[i] = i + 1, 20 return i, t

local t = {1, 2} t[1], t[2] = t[2], t[1] return t

local a = {} a.x, a.y = 1 return a.x, a.y

x = 5 local function f() return x end x = 6 return f(), _G.x

local t = {} t.a = {} t.a.b = {} t.a.b.c = 5 return t.a.b.c, t["a"]["b"]["c"]

return 1 and 2, nil and 1, false or 3, nil or false, 1 or error(), false and error()

return not nil, not 0, not "", not not {}

return 1 == 1.0, "1" == 1, 0 == -0, 0/0 == 0/0, {} == {}, nil == false

return 2 ^ 3 ^ 2, -2 ^ 2, 2 ^ -1, (-8) ^ (1/3) ~= (-8) ^ (1/3)

return 7 % 3, -7 % 3, 7 % -3, -7 % -3, 5.5 % 2, -5.5 % 2

return 1 / 0, -1 / 0, 0 / 0 ~= 0 / 0

return 10 / 2, 3 / 2, 1e308 * 10, -1e308 * 10

return "10" + 5, "3" * "4", "0x10" + 0, " 5 " + 0, 10 .. 20

return 1 .. "", 1.5 .. "", -0.0 .. "", 1e100 .. "", 2^53 .. ""

return "a" < "b", "a" < "B", "" < "a", "a" < "aa", "Z" < "a", "a\0b" < "a\0c", "10" < "9"

return "a" .. "b" == "ab", ("x"):rep(3) == "xxx"

return #"abc", #"", #"a\0b", -"2", - -3

return 0x10, 0xff, 1e2, .5, 3., 0xA

return [[
line]], [==[a]]b]==], "a\
b", '\65\066\0067', "\"\'", "tab\tx"

return #{1, 2, 3}, #{n = 1}, #{}, #{nil}, #{1, 2, nil}

local t = {1, 2, 3} t[#t] = nil return #t, t

local t = {} t[1] = 1 t[2] = 2 t[3] = 3 t[2] = nil t[3] = nil return #t

local t = {} for i = 1, 100 do t[i] = i end for i = 100, 51, -1 do t[i] = nil end return #t

local t = {10, 20, 30, n = 3, [5] = 50} return t[1], t[5], t.n

local t = {[1] = "a", [2] = "b", "c"} return t[1], t[2]

local t = {f = function() return 1 end, ["g h"] = 2; 3} return t.f(), t["g h"], t[1]

local t = {} t[1.0] = "a" t[2^53] = "b" return t[1], t[2^53], t["1"]

local t = {} t[-1] = 1 t[0] = 2 t[1.5] = 3 return t[-1], t[0], t[1.5]

local t = {} t["1"] = "s" t[1] = "n" return t["1"], t[1]

local t = {} t[true] = 1 t[print] = 2 return t[true], t[print], t[false]

local k = {} local t = {[k] = 1} return t[k], t[{}]

local t = {1, 2, 3} table.insert(t, 4) table.insert(t, 1, 0) table.insert(t, 3, 1.5) return t

local t = {} for i = 1, 10 do table.insert(t, 1, i) end return t

local t = {1, 2, 3} return table.remove(t, 1), table.remove(t), table.remove(t), table.remove(t), #t

local t = {1, 2, 3, 4, 5} table.remove(t, 3) table.remove(t, 1) return t

local q = {} for i = 1, 20 do q[#q + 1] = i if i % 3 == 0 then table.remove(q, 1) end end return q

local t = {} table.insert(t, "a") t[#t] = nil table.insert(t, 1, "b") table.insert(t, 1, "c") return t

local t = {5, 3, 1} for i = 1, 5 do table.insert(t, 1, i) t[#t] = nil end return t

return pcall(table.insert, {}, 1, 2, 3)

return pcall(table.insert, {})

return pcall(table.insert, nil, 1)

return table.concat{}, table.concat{1}, table.concat({1, 2, "x"}, ", "), table.concat({1, 2, 3}, "-", 2), table.concat({1, 2, 3}, "-", 2, 2), table.concat({1, 2, 3}, "-", 3, 2)

return pcall(table.concat, {1, {}, 3})

return pcall(table.concat, {1, 2}, ",", 1, 3)

return table.concat({1, 2}, 0)

local t = {5, 2, 8, 1, 9, 3} table.sort(t) return t

local t = {5, 2, 8, 1, 9, 3} table.sort(t, function(a, b) return a > b end) return t

local t = {"b", "a", "C", "10", "9"} table.sort(t) return t

local t = {} for i = 1, 500 do t[i] = (i * 7919) % 1009 end table.sort(t) for i = 2, #t do if t[i - 1] > t[i] then return i end end return "sorted"

local t = {} for i = 1, 300 do t[i] = i end table.sort(t, function(a, b) return a > b end) for i = 2, #t do if t[i - 1] < t[i] then return i end end return "sorted"

return pcall(table.sort, {3, "x", 1})

return pcall(table.sort, {{}, {}})

return pcall(table.sort, {3, 2, 1}, function() error("cmp", 0) end)

return pcall(table.sort, {3, 2, 1}, 5)

local mt = {__lt = function(a, b) return a.v < b.v end} local t = {} for _, v in ipairs{3, 1, 2} do t[#t + 1] = setmetatable({v = v}, mt) end table.sort(t) return t[1].v, t[2].v, t[3].v

local t = {} table.sort(t) return t

local t = {"only"} table.sort(t, function() error() end) return t

return table.maxn{1, 2, [10] = 3, [2.5] = 1}, table.maxn{}, table.maxn{[-1] = 1}, table.maxn{[1e10] = 1}

local s = 0 table.foreach({1, 2, x = 3}, function(k, v) s = s + v end) return s, table.foreachi({"a", "b"}, function(i, v) if i == 2 then return v end end)

return math.huge, -math.huge, math.pi

return math.floor(-3.5), math.ceil(-3.5), math.floor(3), math.abs(-2), math.max(1, 5, 3), math.min(2, -1)

return math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), math.fmod(-6, 2), math.fmod(5, math.huge)

return math.modf(3.7), math.modf(-3.7), math.modf(5), math.modf(math.huge), math.modf(-math.huge)

return math.frexp(8), math.frexp(0), math.frexp(-0.3), math.frexp(1e300)

return math.ldexp(0.5, 4), math.ldexp(1, -1074), math.ldexp(1, 2000)

return math.sqrt(16), math.sqrt(-1) ~= math.sqrt(-1), math.exp(1), math.log(10), math.log10(1000), math.pow(2, 10)

return math.deg(math.pi), math.rad(180), math.sin(1), math.cos(1), math.tan(1), math.atan2(1, -1)

local r = math.random() return r >= 0 and r < 1

for i = 1, 100 do local r = math.random(6) if r < 1 or r > 6 or r ~= math.floor(r) then return r end end return "in range"

for i = 1, 100 do local r = math.random(-2, 2) if r < -2 or r > 2 or r ~= math.floor(r) then return r end end return "in range"

return math.random(1), math.random(3, 3), math.random(-5, -5)

return pcall(math.random, 0)

return pcall(math.random, 2, 1)

return pcall(math.random, 1, 2, 3)

return pcall(math.random, "x")

return pcall(math.random, {}, 1)

math.randomseed(42) local a = {math.random(100), math.random(100)} math.randomseed(42) return a[1] == math.random(100) and a[2] == math.random(100)

return pcall(math.randomseed)

return pcall(math.max)

return pcall(math.floor)

return pcall(math.floor, "x")

return math.floor("3.7"), math.max("10", 9)

return tostring(nil), tostring(true), tostring(12), tostring("x"), tostring(-0.5), tostring(1e15), tostring(2^31)

return tonumber("10"), tonumber(""), tonumber("  "), tonumber("1e1"), tonumber("0x1p4"), tonumber("10", 2), tonumber("ff", 16), tonumber("zz", 36), tonumber("8", 8), tonumber(10, 16), tonumber(nil)

return pcall(tonumber)

return pcall(tonumber, {}, 16)

return pcall(tonumber, "1", 99)

return type(nil), type(1), type("x"), type({}), type(print), type(coroutine.create(function() end)), pcall(type)

return next({}), next({5}), next({5}, 1), next({a = 1})

return pcall(next, 5)

return pcall(pairs)

return pcall(ipairs, "x")

return type(next), select("#", pairs({})), select("#", ipairs({}))

local f, t, z = ipairs({7}) return f(t, z), f(t, 1)

local f, t, z = pairs({7}) return f(t, z), f(t, 1)

return os.time{year = 2024, month = 1, day = 1, hour = 0}, os.time{year = 2024, month = 1, day = 1}

return pcall(os.time, {year = 2024})

return pcall(os.time, 5)

return os.date("!%Y-%m-%d %H:%M:%S", 0), os.date("!%a, %d %b %Y %H:%M:%S", 1e9)

return os.date("!*t", 1e9)

return os.difftime(10, 5), os.difftime(5), type(os.clock()), type(os.time())

return pcall(os.date, {})

return os.date("", 0), os.date("!", 0), os.date("*tx", 0).year

local f = load(function() return nil end) return type(f)

local pieces = {"return ", "1 ", "+ 2"} local i = 0 return load(function() i = i + 1 return pieces[i] end)()

local pieces = {"return ", "", "1"} local i = 0 return pcall(load(function() i = i + 1 return pieces[i] end))

return load(function() return {} end)

return load(function() error("in reader", 0) end)

local i = 0 local f, e = load(function() i = i + 1 if i == 1 then return "x = = 1" end end, "=name") return f, type(e)

local i = 0 return load(function() i = i + 1 if i == 1 then return "return ..." end end)(1, 2)

local i = 0 return pcall(load(function() i = i + 1 if i == 1 then return "error('x')" end end, "=name"))

local i = 0 return pcall(load(function() i = i + 1 if i == 1 then return "error('x')" end end, "@file.lua"))

local i = 0 return pcall(load(function() i = i + 1 if i == 1 then return "error('x')" end end, "some source"))

local i = 0 return pcall(load(function() i = i + 1 if i == 1 then return "error('x')" end end, "some source\nof two lines"))

local i = 0 return pcall(load(function() i = i + 1 if i == 1 then return "error('x')" end end))

return pcall(load)

return pcall(load, 5.5 and {})

local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(15)

local function fact(n) return n <= 1 and 1 or n * fact(n - 1) end return fact(20), fact(170)

local function map(t, f) local out = {} for i, v in ipairs(t) do out[i] = f(v) end return out end return map({1, 2, 3}, function(x) return x * x end)

local memo = setmetatable({}, {__mode = "k"}) local k = {} memo[k] = 1 return memo[k]

local t = setmetatable({}, {__index = table}) t:insert("a") t:insert("b") return t:concat(",")

local s = "x" return s:upper(), ("y"):upper(), #s, s.len

local s = "abc" return s.foo, pcall(function() return s.foo.bar end)

return pcall(function() local s = "abc" s.x = 1 end)

return ("%d"):format(3), ("x"):rep(2)

local a <const> = 1

goto done

x = = 1

return return

for i = 1 do end

local function f( return end

if x then

return 1,

"unfinished

break

return ...

local t = {...} return #t

;;

local f = function(a, b, ...) return a, b, select("#", ...) end return f(1), f(1, 2, 3, 4)

return (function() end)(), (function() return nil end)(), ((function() return 1, 2 end)())

return {(function() return 1, 2, 3 end)()}, {(function() return 1, 2, 3 end)(), 10}, {((function() return 1, 2, 3 end)())}

local function f() return 1, 2, 3 end local a, b, c, d = f() local e, g = (f()) local h, i, j = 0, f() return a, b, c, d, e, g, h, i, j

local function f() return 1, 2, 3 end return f(), f(), (f())

local function f(t) t = t or {} t.n = (t.n or 0) + 1 return t end return f().n, f(f()).n

local t = {n = 0} function t:add(k) self.n = self.n + k return self end return t:add(1):add(2).n

local t = {a = {b = {}}} function t.a.b.f(x) return x end function t.a.b:g(x) return self == t.a.b, x end return t.a.b.f(1), t.a.b:g(2)

return type(_G), _G._G == _G, _VERSION

local ok, e = pcall(function()
  error("line two")
end)
return e

local function lvl(n) return function() error("at", n) end end
local a = {}
for i = 0, 2 do
  local _, e = pcall(function()
    lvl(i)()
  end)
  a[i + 1] = e
end
return a

local function check(v) if type(v) ~= "number" then error("number expected, got " .. type(v), 2) end end
local ok, e = pcall(function()
  check(1)
  check("x")
end)
return e

local function f(...) return ... end local function g(a) a = a and f(a) return a end return g(5)

local function f(...) return ... end local function g(a) a = a or f(a) return a end return g(false)

local function f(...) return ... end local function g(a) a = (f(a)) return a end return g(5)

local function f(...) return ... end local function g(a) a = f(a) return a end return g(5)

local function f(...) return ... end local function g(a) a = a and (f(a)) return a end return g(5)

local function f(...) return ... end local function g(a) a = a and (f(a, 1, 2)) return a end return g(5)

local function f(...) return ... end local function g(a) a = a and (f(1, 2, 3)) or 7 return a end return g(5)

local function f(...) return ... end local function g(a) a = (f(1, 2, 3)) or 7 return a end return g(5)

local function f(...) return ... end local function g(a) a = ((f(1, 2, 3))) return a end return g(5)

local function f(...) return ... end local function g(a, b) b = (f(a, b)) return a, b end return g(5, 6)

local function f(...) return ... end local function g(a, b) a = (f(a, b)) return a, b end return g(5, 6)

local function f(...) return ... end local function g(a, b) b = b:rep(2) return a, b end return g(5, "x")

local function f(...) return ... end local function g(a, b) b = (b:rep(2)) return a, b end return g(5, "x")

local function f(...) return ... end local function g(a, b) b = (b:gsub("x", "y")) return a, b end return g(5, "x")

local function f(...) return ... end local function g(s) s = (s:gsub("x", "y")) return s end return g("x")

local function f(...) return ... end local function g(s) s = (string.gsub(s, "x", "y")) return s end return g("x")

local function f(...) return ... end local function g(s) s = s and (string.gsub(s, "x", "y")) or 1 return s end return g("x")

local function f(...) return ... end local function g(s) s = {f(s)} return s end return g("x")

local function f(...) return ... end local function g(s) s = s .. f(s) return s end return g("x")

local function f(...) return ... end local function g(s) s = #s + f(s) return s end return g("3")

local function f(...) return ... end local function g(s) s = -f(s) return s end return g("3")

local function f(...) return ... end local function g(s) s = not f(s) return s end return g("3")

local function f(...) return ... end local function g(s) s = f(s) == s return s end return g("3")

local function f(...) return ... end local function g(s) s = f(s).x return s end return g({x = 1})

local function f(...) return ... end local function g(s) s = s[f(1)] return s end return g({1})

local function f(...) return ... end local function g(s) s = f{s, s} return s end return g(1)

local function f(...) return ... end local function g(s) s = (f{s, s}) return s end return g(1)

local function f(...) return ... end local function g(s) s = function() return s end return s() end return type(g(1))

local function f(...) return ... end local function g(...) local a = (f(...)) return a end return g(1, 2)

local function g(s) s = s + s s = s * s return s end return g(2)

local function g(s) s = {s, s} return s end return g(2)

local function g(s) s = {a = s, b = {s}} return s end return g(2)

local function g(s) s = s == 2 and s or s return s end return g(2)

local function g(s) s = (s and s) return s end return g(2)

local function g(s) s = s .. s .. s return s end return g(2)

local x = {1} x = {x, x[1]} return x

local x = 5 x = {x, x + 1, y = x} return x

local x = 5 x = x and {x, x + 1, y = x} return x

local x = {a = {b = 7}} x = x.a.b return x

local x = {a = {b = 7}} x = x.a and x.a.b return x

local x = {f = function(self, a) return a, self.k end, k = 3} x = x:f(x.k) return x

local x = {f = function(self, a) return a, self.k end, k = 3} x = (x:f(x.k)) return x

local x = "ab" x = x:rep(#x) return x

local x = 1 x = -x + x return x

local x = 1 x = not x or x return x

local n = 0 for k in pairs{1, 2} do break end return n

local n = 0 for k in pairs{1, 2} do n = n + 1 break end return n

local n = 0 for k in pairs{1, 2} do while false do n = 10 end n = n + 1 end return n

local n = 0 for k in pairs{1, 2} do if false then n = 10 end end return n

local n = 0 for k in pairs{1, 2} do if false then n = 10 else n = n + 1 end end return n

local n = 0 for k in pairs{1, 2} do if not true then n = 10 end n = n + 1 end return n

local n = 0 for k in pairs{1, 2} do if false and k then n = 10 end n = n + 1 end return n

local n = 0 for k in pairs{1, 2} do for k in pairs{1, 2} do if false then n = 10 end n = n + 1 end end return n

local n = 0 for k = 1, 2 do if false then n = 10 end n = n + 1 end return n

local n = 0 while n < 2 do if false then n = 10 end n = n + 1 end return n

local n = 0 repeat if false then n = 10 end n = n + 1 until n > 2 return n

local n = 0 if n then if false then n = 10 end n = n + 1 end return n

local n = 0 if n == 1 then n = 5 else if false then n = 10 end n = n + 1 end return n

local n = 0 for k in pairs{1, 2} do if true then n = n + 1 end end return n

local n = 0 for k in pairs{1, 2} do local a, b, c if false then n = 10 end n = n + 1 end return n

local n = 0 for k in pairs{1, 2} do do break end end return n

local n = 0 for k in pairs{1, 2} do do do end end end return n

local n = 0 for k in pairs{1, 2} do local function f() return k end break end return n

local n = 0 while true do break end return n

local n = 0 repeat break until false return n

local n = 0 for i = 1, 3 do break end return n

local n = 0 while true do if true then break end end return n

local n = 0 for k in pairs{1, 2} do if true then break end end return n

local n = 0 for k in pairs{1, 2} do repeat break until true n = n + 1 end return n

local n = 0 for k in pairs{1, 2} do repeat do break end until true n = n + 1 end return n

local n = 0 for k in pairs{1, 2} do while true do break end n = n + 1 end return n

local n = 0 for k in next, {1, 2} do local a = false and k n = n + 1 end return n

local n = 0 for k in next, {1, 2} do n = nil and k or n + 1 end return n

local n = 0 for k in next, {1, 2} do if (false and k) == false then n = n + 1 end end return n

local n = 0 while n < 3 do local a = nil and n n = n + 1 end return n

local n = 0 repeat local a = false and n n = n + 1 until n > 2 return n

local n = 0 for k in next, {1, 2} do local a, b = true or k, 1 n = n + b end return n

local v = 2 v = not 1 and 3 return v

local v, x = 2, 5 v = not x and 3 return v

local v, x = 2, 5 v = not x and not x return v

local function f(x) return x end local v = 2 v = f(false) and 3 return v

local function f(x) return x end local v = 2 v = f(nil) and f(3) return v

local function f(x) return x end local v = 2 v = f(nil) or f(3) return v

local function f(x) return x end local v = 2 v = f(1) and f(nil) or f(false) return v

local function f(x) return x end local v = 2 v = v and f(false) return v

local function f(x) return x end local v = 2 v = v or f(false) return v

local function f(x) return x end local v = 2 v = v == 2 and f(false) return v

local function f(x) return x end local v = 2 v = v == 3 and f(false) return v

local function f(v) v = type(v) == "table" and v.x return v end return f(5), f({x = 1}), f({})

local t = {} local v = 2 v = t.x and t.x.y return v

local t = {} local v = 2 v = t.x and t.x.y or 7 return v

local t = {x = {y = 3}} local v = 2 v = t.x and t.x.y return v

local v, w = 2, 3 v, w = not v and w, not w or v return v, w

g = nil local v = 2 v = g and 1 return v

local u = nil local function f() local v = 2 v = u and 1 return v end return f()

local u = 3 local function f() u = not u and 1 return u end return f(), u

local v = 1 v = (not v and 2) return v

local v = 1 v = (v and false) or nil return v

local a, b = 1, 2 a, a = b return a

local a, b = 1, 2 a, a, b = 's' return a, b

local a = 1 a, a = 5, 6 return a

local a = 1 a, a = nil, 6 return a
