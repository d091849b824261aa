Arrays.

--- concat
table.concat(conn.recipients, ", ")       --> one@example.org, two@example.org

--- foreach
table.foreach({ "a", "b" }, function(i, v) return v == "b" and i or nil end) --> 2

--- foreachi
table.foreachi({ "a", "b" }, function(i, v) return v == "b" and i or nil end) --> 2

--- getn
table.getn({ "a", "b" })                  --> 2

--- insert
local t = { "a", "c" }
table.insert(t, "d")
table.insert(t, 2, "b")
print(table.concat(t))                    --> abcd

--- maxn
table.maxn({ "a", [10] = "b" })           --> 10

--- move
table.move({ "a", "b", "c" }, 2, 3, 1, {}) --> {b, c}

--- pack
local n = table.pack("a", nil).n             --> 2

--- remove
local t = { "a", "b", "c" }
table.remove(t, 1)                        --> a
table.remove(t)                           --> c

--- sort
local t = { "b", "c", "a" }
table.sort(t)
print(table.concat(t))                    --> abc
table.sort(t, function(a, b) return a > b end)
print(table.concat(t))                    --> cba

--- unpack
table.unpack({ "a", "b" })                --> a, b
