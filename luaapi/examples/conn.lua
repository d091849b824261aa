Facts of conn that are more than a text.

--- connection
function eom(conn, msg)
  local all = conn.connection
  all.messages = (all.messages or 0) + 1  --> 1
end

--- recipients
for _, recipient in ipairs(conn.recipients) do
  print(recipient)                        --> one@example.org; two@example.org
end

--- macros
local queue = conn.macros.i               --> 4F1A2B
local kind = conn.macros["{auth_type}"]   --> PLAIN

--- tls
local version = conn.tls and conn.tls.version  --> TLSv1.3

--- auth
if conn.auth then
  print(conn.auth.user)                   --> sales@example.com
end

--- rejected
function negotiate(neg)
  neg:request_rejected()
end

function rcpt(conn, recipient)
  if conn.rejected then
    conn.connection.unknown = (conn.connection.unknown or 0) + 1
  end
end
