function recpt(conn, recipient) end
function envfrom(conn, sender) end
function on_data(conn) end
endofheaders = function(conn, headers) end
local function body(conn, chunk) end
eom = 5
header = "x"
function dispatch(conn) return recipient(conn) end
function recipient(conn) return dispatch(conn) end
function connect(conn, host, ip) end
function helo(conn) end
function helo(conn, name) end
local function setup()
  function abort(conn) end
end
function unknown(conn) setup() end
function end_of_message(conn, msg) end
