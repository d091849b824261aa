Regular expressions.

--- compile
local number = re.compile([[invoice\s+(\d+)]], "i") -- at the top of the script
number:match("Your Invoice 1234 is due")  --> 1234

--- set
local words = re.set({ "lottery", "^dear (friend|winner)" }, "i")
words:match("Dear Winner of the Lottery") --> {1, 2}

--- escape
local exact = re.compile("^" .. re.escape("a+b") .. "$")
exact:test("a+b")                         --> true
