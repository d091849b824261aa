local dnss = require "dnss"
function connect(conn)
  total = 1
  type = 2
  retrun = nil
  if acept then return acept end
  os.execute("ls")
  string.spilt("a")
  io.open("x")
  log.info("x")
  local s = string
  s.lowr("X")
  printf("x")
end
