A compiled expression.

--- test
local re = require "re"
local links = re.compile([[https?://\S+]])
links:test("see https://example.com/")    --> true

--- find
local re = require "re"
local size = re.compile([[size=(\d+)]], "i")
size:find("BODY=8BITMIME SIZE=123")       --> 15, 22, 123

--- match
local re = require "re"
local parts = re.compile([[^(\w+)-(\d{4})$]])
parts:match("invoice-2026")               --> invoice, 2026
parts:match("invoice")                    --> nil

--- captures
local re = require "re"
local by = re.compile([[by (?P<host>\S+)]])
print(by:captures(msg:header("Received")).host) --> mx.example.org;

--- gmatch
local re = require "re"
local pair = re.compile([[(\w+)=(\w+)]])
for name, value in pair:gmatch("a=1, b=2") do print(name, value) end --> a, 1; b, 2

--- gsub
local re = require "re"
local digits = re.compile([[\d]])
digits:gsub("call 555", "x")              --> call xxx, 3
local date = re.compile([[(\d+)\.(\d+)\.(\d+)]])
date:gsub("5.1.2026", "%3-%2-%1")         --> 2026-1-5, 1

--- split
local re = require "re"
local comma = re.compile([[\s*,\s*]])
comma:split("one, two ,three")            --> {one, two, three}
