--- scan
local verdict, name = clamav.scan(msg)
if verdict == "infected" then
  return reject("5.7.1", "infected with " .. printable(name))
elseif not verdict then
  log.warn("not scanned", { why = name }) -- clamd is away: the mail passes
end
print(verdict) --> clean
