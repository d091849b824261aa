-- driver.lua: run a workload in a Lua of its own and print its sum and the CPU time that it took, in microseconds.
--   lua5.1 driver.lua material.lua WORKLOAD.lua RUNS
local material, workload, runs = arg[1], arg[2], tonumber(arg[3])
local run = assert(loadfile(workload))(dofile(material))

collectgarbage()
local start = os.clock()
local sum = run(runs)
local spent = os.clock() - start
io.write(string.format("%.0f %.0f\n", sum, spent * 1e6))
