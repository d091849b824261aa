The negotiation.

--- offered
function negotiate(neg)
  print(neg.offered.version)              --> 6
end

--- request_macros
function negotiate(neg)
  neg:request_macros("connect", { "daemon_name", "{client_ptr}" })
end

--- request_rejected
function negotiate(neg)
  neg:request_rejected()
end

function rcpt(conn, recipient)
  if conn.rejected then
    log.info("the MTA refused", { recipient = recipient, text = conn.rejected.text })
  end
end

--- reply
function negotiate(neg)
  neg:reply("header", false)              -- a refusal in header is given at the next reply
end

--- leading_space
function negotiate(neg)
  neg:leading_space(true)                 -- field.raw is then right to the byte
end
