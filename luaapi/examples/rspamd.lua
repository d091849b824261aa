--- check
local r, why = rspamd.check(msg)
if not r then
  log.warn("rspamd has no opinion", { why = why })
elseif r.action == "reject" then
  return reject("5.7.1", r.text or "this looks like spam")
elseif r.action == "add header" then
  msg:add_header("X-Spam", "Yes")
end
print(r.action, r.score, r.symbols.BAYES_SPAM.score) --> add header, 7.5, 5.1
