-- rspamdgrey.lua: for rspamd, which puts off only messages that are in doubt: all are.
rspamd_config.LOOKUPS_DOUBT = {
  callback = function() return true end,
  score = 5, description = "in doubt", group = "lookups",
}
