--- check
local r, why = spamc.check(msg, { timeout = 4 })
if not r then
  log.warn("SpamAssassin has no opinion", { why = why })
elseif r.spam then
  msg:add_header("X-Spam-Status", "Yes, score=" .. r.score .. " tests=" .. table.concat(r.symbols, ","))
end
print(r.score, r.symbols) --> 6.2, {HTML_MESSAGE, URI_HEX}
