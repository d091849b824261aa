Expressions that are looked for together.

--- match
local re = require "re"
local names = { "lottery", "invoice" }
local words = re.set(names, "i")
for _, i in ipairs(words:match("An Invoice")) do print(names[i]) end --> invoice
