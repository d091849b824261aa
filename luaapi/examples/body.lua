The body as a string.

--- lines
local first
for line in body:lines() do
  first = first or line
end
print(first)                              --> --b1
