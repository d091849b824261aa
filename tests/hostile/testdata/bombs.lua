-- bombs.lua: what a script must not do, each under a name. MAIL FROM:<NAME@bomb.example> sets one off in mail, and
-- <NAME@eom.bomb.example> in eom.

local bombs = {}

-- Time

function bombs.loop() while true do end end
function bombs.loop_in_pcall() while true do pcall(function() while true do end end) end end
function bombs.loop_in_handler() xpcall(error, function() while true do end end) end
function bombs.loop_of_errors() while true do pcall(error, "x") end end
function bombs.loop_of_goto() ::again:: goto again end
function bombs.loop_in_coroutine() coroutine.wrap(function() while true do end end)() end
function bombs.loop_of_coroutines() while true do coroutine.wrap(function() for i = 1, 100 do end end)() end end
function bombs.loop_of_yields() local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end end
function bombs.loop_in_sort() local t = {} for i = 1, 1000 do t[i] = i end table.sort(t, function() while true do end end) end
function bombs.loop_in_gsub() (("a"):rep(1000)):gsub("a", function() while true do end end) end
function bombs.loop_in_metamethod() local t = setmetatable({}, { __index = function() while true do end end }) return t.x end
function bombs.loop_in_tostring() tostring(setmetatable({}, { __tostring = function() while true do end end })) end
function bombs.loop_in_iterator() for _ in function() return 1 end do end end
function bombs.loop_of_next() local t = { a = 1 } while true do for k in pairs(t) do t[k] = 1 end end end

function bombs.pattern_lazy() return (("a"):rep(3000)):find(".-.-.-.-.-b") end
function bombs.pattern_greedy() return (("a"):rep(30000)):find("(.*)(.*)(.*)b") end
function bombs.pattern_classes() return (("a "):rep(20000)):match("^(%s*.-%s*)*(%s*.-)%s*x$") end
function bombs.pattern_balance() return (("("):rep(200000)):find("%b()") end
function bombs.pattern_backreference() return (("a"):rep(20000)):find("(.-)%1%1b") end
function bombs.pattern_optional() local n = 30000 return (("a"):rep(n)):find(("a?"):rep(n) .. ("a"):rep(n)) end
function bombs.pattern_long() return (("a"):rep(1000)):find(("(.-)"):rep(30) .. "b") end
function bombs.pattern_frontier() return (("a "):rep(300000)):gsub("%f[%w]%w+.-%f[%z]", "") end
function bombs.pattern_many() for i = 1, 1e7 do (""):find("a" .. i .. "b*") end end
function bombs.gmatch_in_gmatch() local s = ("a"):rep(100000) for a in s:gmatch("a") do for b in s:gmatch("a") do end end end

-- Memory: strings

function bombs.double() local s = "x" while true do s = s .. s end end
function bombs.double_in_pcall() local s = ("x"):rep(1e6) while true do pcall(function() s = s .. s end) end end
function bombs.join_many()
  local s = ("x"):rep(1e6)
  while true do s = s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s end
end
function bombs.keep_joined() local t, s = {}, ("x"):rep(1e6) while true do t[#t + 1] = s .. #t end end
function bombs.rep() return ("x"):rep(1e10) end
function bombs.rep_of_rep() local s = "x" while true do s = s:rep(100) end end
function bombs.keep_reps() local t = {} while true do t[#t + 1] = ("x"):rep(1e6 + #t) end end
function bombs.gsub() return (("x"):rep(1e6)):gsub("", ("y"):rep(1e6)) end
function bombs.gsub_captures() return (("x"):rep(1e5)):gsub("(.+)", ("%1"):rep(1e5)) end
function bombs.gsub_function() local s = ("y"):rep(1e6) return (("x"):rep(1e6)):gsub("x", function() return s end) end
function bombs.format() local s = ("x"):rep(1e6) return (("%s"):rep(200)):format(unpack((function() local t = {} for i = 1, 200 do t[i] = s end return t end)())) end
function bombs.concat() local t, s = {}, ("x"):rep(1e6) for i = 1, 1e4 do t[i] = s end return table.concat(t) end
function bombs.concat_separator() local t = {} for i = 1, 1e5 do t[i] = "" end return table.concat(t, ("x"):rep(1e6)) end
function bombs.reverse_upper() local t, s = {}, ("x"):rep(1e6) while true do t[#t + 1] = s:reverse():upper() end end
function bombs.bytes() return (("x"):rep(5e6)):byte(1, -1) end
function bombs.chars() local t = {} for i = 1, 250 do t[i] = 65 end local s = {} while true do s[#s + 1] = string.char(unpack(t)):rep(1000) end end
function bombs.big_error() error(("x"):rep(5e7)) end
function bombs.big_errors() local t = {} while true do local ok, e = pcall(error, ("x"):rep(1e6 + #t)) t[#t + 1] = e end end
function bombs.raised_errors() local t, s = {}, ("x"):rep(1e6) while true do local ok, e = pcall(function() error(s) end) t[#t + 1] = e end end
function bombs.big_names() local s = ("\0"):rep(1e6) while true do pcall(function() _G[s] = 1 end) pcall(require, s) pcall(function() reject(s) end) end end
function bombs.bodies(conn, msg) local t = {} while true do t[#t + 1] = (msg and msg.body or "") .. ("x"):rep(1e6) end end
function bombs.compile() return load("return " .. ("{"):rep(1e6)) end
function bombs.compile_long() return load("return " .. ("1 + "):rep(1e6) .. "1") end
function bombs.compile_many() while true do load("local a = {} return function() return a end") end end
function bombs.compile_pieces() return load(function() return "x = 1 " end) end

-- Memory: tables

function bombs.grow() local t = {} while true do t[#t + 1] = {} end end
function bombs.grow_keys() local t = {} local i = 0 while true do i = i + 1 t["key" .. i] = i end end
function bombs.grow_numbers() local t = {} for i = 1, 1e9 do t[i] = i end end
function bombs.grow_nested() local t = {} while true do t = { t, t, a = t, b = {} } end end
function bombs.grow_closures() local t = {} while true do local x = {} t[#t + 1] = function() return x end end end
function bombs.grow_coroutines() local t = {} while true do t[#t + 1] = coroutine.create(function() coroutine.yield() end) end end
function bombs.grow_running() local t = {} while true do local co = coroutine.create(function() coroutine.yield() end) coroutine.resume(co) t[#t + 1] = co end end
function bombs.far() local t = {} t[67108863] = 1 end
function bombs.far_often() local all = {} while true do local t = {} t[1048575] = 1 all[#all + 1] = t end end
function bombs.far_rawset() local all = {} while true do local t = {} rawset(t, 1048575, 1) all[#all + 1] = t end end
function bombs.far_insert() local all = {} while true do local t = {} table.insert(t, 1048575, 1) all[#all + 1] = t end end
function bombs.far_constructor() local all = {} local n = 1048575 while true do all[#all + 1] = { [n] = 1 } end end
function bombs.unpack() return unpack({}, 1, 1e9) end
function bombs.unpack_varargs() local function f(...) return f(1, ...) end return f() end
function bombs.sort() local t = {} for i = 1, 1e6 do t[i] = i % 7 end table.sort(t, function(a, b) return true end) end
function bombs.conn_grow(conn) local t = {} conn.big = t for i = 1, 1e6 do t[i] = { i } end end
function bombs.conn_text(conn) conn.big = {} for i = 1, 60 do conn.big[i] = ("x"):rep(1e6) .. i end end
function bombs.connection_text(conn) local c = conn.connection c.big = c.big or {} for i = 1, 100 do c.big[#c.big + 1] = ("x"):rep(1e5) .. #c.big end end

local hoard = {}
function bombs.hoard() for i = 1, 2000 do hoard[#hoard + 1] = ("x"):rep(1e4) .. #hoard end end

-- Depth

function bombs.recursion() local function f() return 1 + f() end return f() end
function bombs.recursion_in_pcall() local function f() pcall(f) return 1 end return f() end
function bombs.recursion_of_index() local t t = setmetatable({}, { __index = function(_, k) return t[k .. "x"] end }) return t.x end
function bombs.recursion_of_concat() local t t = setmetatable({}, { __concat = function(a) return a .. a end }) return t .. t end
function bombs.recursion_of_tostring() local t t = setmetatable({}, { __tostring = function() return tostring(t) end }) return tostring(t) end
function bombs.recursion_of_equality() local a, b = {}, {} local m = { __eq = function() return a == b end } setmetatable(a, m) setmetatable(b, m) return a == b end
function bombs.recursion_of_calls() local t = setmetatable({}, {}) getmetatable(t).__call = function(self) return 1 + self() end return t() end
function bombs.recursion_of_gsub() local function f() return (("x"):gsub("x", f)) end return f() end
function bombs.recursion_of_sort() local function f() table.sort({ 1, 2 }, f) return true end return f() end
function bombs.recursion_of_coroutines() local function f() return coroutine.wrap(f)() end return f() end
function bombs.recursion_in_coroutines()
  local function deep(n, f) if n == 0 then return f() end return 1 + deep(n - 1, f) end
  local function f() return deep(1500, function() return coroutine.wrap(f)() end) end
  return f()
end
function bombs.recursion_of_handlers() local function f(e) return xpcall(error, f) end return f() end
function bombs.recursion_of_load() local function f() return load(f) end return f() end

-- Nonsense

function bombs.nothing() local x = nil return x.y end
function bombs.wrong_result() return 550 end
function bombs.error_table() error(setmetatable({}, { __tostring = function() error("again") end })) end
function bombs.error_nil() error() end
function bombs.global() typo = 1 end
function bombs.log_flood() for i = 1, 200 do log.info(("x"):rep(1e6)) end end
function bombs.break_strings() for k in pairs(string) do string[k] = nil end local x = ("x"):upper() end
function bombs.break_globals() for k in pairs(_G) do _G[k] = nil end local x = pairs({}) end
function bombs.break_metatable() setmetatable(_G, nil) end

function mail(conn, sender)
  local name = sender:match("^([%w_]+)@bomb%.example$")
  if name then return bombs[name](conn) end
  return continue
end

function eom(conn, msg)
  local name = conn.sender:match("^([%w_]+)@eom%.bomb%.example$")
  if name then return bombs[name](conn, msg) end
end

