Text for replies and the log.

--- printable
printable("no: Grüße\n100%")              --> no: Gr??e 100%

--- raw
msg:add_header("X-Bytes", raw("caf\233")) -- as it is, not encoded
tostring(raw("text"))                     --> text

--- print
print("seen", conn.ip)                    --> seen, 192.0.2.1
