--- request
local question = "request=smtpd_access_policy\nclient_address=" .. conn.ip .. "\nsender=" .. conn.sender .. "\n\n"
local answer, why = socket.request{ address = "127.0.0.1:10023", send = question, line = true }
print(answer or why) --> action=DUNNO
