-- answer(code) runs a piece of Lua and returns what it returns or raises, as text. lua5.1 and luamilter both run this.

local function show(v, depth)
  local kind = type(v)
  if kind == "string" then
    return "'" .. v .. "'"
  elseif kind ~= "table" then
    return kind == "number" and tostring(v) or kind == "boolean" and tostring(v) or kind
  elseif depth > 3 then
    return "{...}"
  end
  local parts = {}
  for k, x in pairs(v) do
    parts[#parts + 1] = show(k, depth + 1) .. "=" .. show(x, depth + 1)
  end
  table.sort(parts)
  return "{" .. table.concat(parts, " ") .. "}"
end

local function all(ok, ...)
  local parts = {ok and "ok" or "error"}
  for i = 1, select("#", ...) do
    parts[i + 1] = show((select(i, ...)), 0)
  end
  return table.concat(parts, " ")
end

function answer(code)
  local env = setmetatable({}, {__index = _G})
  env._G = env
  local f
  if setfenv then
    f = loadstring(code, "=c")
    if f then
      setfenv(f, env)
    end
  else
    f = load(code, "=c", "t", env)
  end
  if not f then
    return "syntax"
  end
  return all(pcall(f))
end
