-- block_attachments.lua: refuse messages with programs in them, also in archives and under other names.

local cfg = settings {
  extensions = { "exe", "scr", "js", "vbs", "bat", "cmd", "com", "msi", "lnk", "hta" },
  types = { "application/vnd.microsoft.portable-executable" },
}

local extensions, types = {}, {}
for _, extension in ipairs(cfg.extensions) do extensions[extension] = true end
for _, kind in ipairs(cfg.types) do types[kind] = true end

local function refuse(name)
  return reject("5.7.1", printable("attachments such as " .. name .. " are not accepted"))
end

function eom(conn, msg)
  for _, part in ipairs(msg.parts) do
    if extensions[part.extension] or types[part.real_type] then
      return refuse(part.visible_name ~= "" and part.visible_name or part.real_type)
    end
    if part.is_archive then
      for _, entry in ipairs(part:entries()) do
        if extensions[entry.name:lower():match("%.(%w+)$") or ""] then
          return refuse(entry.name)
        end
      end
    end
  end
end
