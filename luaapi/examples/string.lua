Strings.

--- byte
string.byte("AB", 1, 2)                   --> 65, 66

--- char
string.char(65, 66)                       --> AB

--- find
local text = "size=123"
text:find("%d+")                          --> 6, 8
text:find("(%a+)=")                       --> 1, 5, size
text:find("=", 1, true)                   --> 5, 5

--- format
string.format("%s: %d of %.1f%%", "part", 2, 99.5) --> part: 2 of 99.5%

--- gfind
for word in string.gfind("one two", "%a+") do print(word) end --> one; two

--- gmatch
for user, domain in ("a@x, b@y"):gmatch("(%w+)@(%w+)") do print(user, domain) end --> a, x; b, y

--- gsub
string.gsub("a-b-c", "-", "+")            --> a+b+c, 2
string.gsub("user@example.com", "^(.-)@(.*)$", "%2: %1") --> example.com: user, 1

--- len
string.len("Grüße")                       --> 7

--- lower
string.lower("Example.COM")               --> example.com

--- match
string.match("user@example.com", "@(.*)$") --> example.com
string.match("nobody", "@(.*)$")          --> nil

--- rep
string.rep("ab", 3)                       --> ababab

--- reverse
string.reverse("abc")                     --> cba

--- sub
string.sub("example", 3)                  --> ample
string.sub("example", -2, -1)             --> le

--- upper
string.upper("size=1")                    --> SIZE=1
