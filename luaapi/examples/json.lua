JSON.

--- null
local answer = json.decode("[1, null]")
print(answer[2] == json.null)             --> true

--- decode
local answer = json.decode('{"score": 7.5, "symbols": ["A", "B"]}')
print(answer.score, #answer.symbols)      --> 7.5, 2
json.decode("{")                          --> nil, no JSON in line 1, column 2: a name in double quotes was expected, but the text ends

--- encode
json.encode({ to = conn.recipients, size = 10 }) --> {"size":10,"to":["one@example.org","two@example.org"]}

--- array
json.encode({ names = json.array({}) })   --> {"names":[]}
