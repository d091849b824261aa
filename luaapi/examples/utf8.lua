UTF-8.

--- charpattern
for char in ("aß"):gmatch(utf8.charpattern) do print(char) end --> a; ß

--- char
utf8.char(71, 252)                        --> Gü

--- codepoint
utf8.codepoint("Gü", 1, -1)               --> 71, 252

--- codes
for place, code in utf8.codes("aß") do print(place, code) end --> 1, 97; 2, 223

--- len
utf8.len("Grüße")                         --> 5
utf8.len("caf\233")                       --> nil, 4

--- offset
utf8.offset("Grüße", 4)                   --> 5
