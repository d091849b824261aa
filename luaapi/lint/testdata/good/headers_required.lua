-- headers_required.lua: mail must have a date, a sender and one subject.
local required = { "From", "Date", "Message-ID" }

function eoh(conn, headers)
  for _, name in ipairs(required) do
    if headers:count(name) == 0 then
      return reject("5.6.0", "no " .. name .. " header field")
    end
  end
  if headers:count("Subject") > 1 then
    return reject("5.6.0", "more than one Subject")
  end
  for i = 1, #headers do
    local field = headers[i]
    if #field.value > 4000 then
      return reject("5.6.0", "field " .. printable(field.name) .. " is too long")
    end
  end
end
