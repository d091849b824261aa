A part: here the first attachment, list.txt.

--- type
local kind = part.type                    --> text/plain

--- extension
if part.extension == "exe" then
  return reject("5.7.1", "programs are not accepted")
end

--- parts
local whole = msg.parts[1]
for _, inner in ipairs(whole.parts) do
  print(inner.type)                       --> multipart/alternative; text/plain; application/zip
end

--- content
part:content()                            --> first\r\nsecond

--- text
part:text()                               --> first\r\nsecond

--- sha256
part:sha256():sub(1, 8)                   --> d930e679

--- entries
for _, entry in ipairs(msg.attachments[2]:entries({ depth = 2 })) do
  print(entry.path, entry.size)           --> setup.exe, 14
end

--- header
part:header("Content-Disposition")        --> attachment; filename=list.txt
