The header, in eoh and in eom.

--- get
headers:get("message-id")                 --> <1@example.com>
headers:get("X-Spam-Flag", 2)             --> YES

--- decoded
local subject, guessed = headers:decoded("Subject") --> Grüße from Example, false

--- raw
headers:raw("Message-ID")                 --> Message-ID: <1@example.com>

--- all
headers:all("X-Spam-Flag")                --> {NO, YES}

--- count
headers:count("X-Spam-Flag")              --> 2
headers:count()                           --> 10

--- addresses
for _, to in ipairs(headers:addresses("To")) do
  print(to.address, to.name)              --> one@example.org, nil; two@example.org, Team Two
end

--- params
local kind, params = headers:params("Content-Type")
print(kind, params.boundary)              --> multipart/mixed, b1

--- date
local sent = headers:date()               --> 1795687200
print(os.date("!%Y-%m-%d %H:%M", sent))   --> 2026-11-26 10:00

--- each
for _, field in headers:each("X-Spam-Flag") do
  print(field.value)                      --> NO; YES
end
