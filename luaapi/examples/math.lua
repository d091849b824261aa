Numbers.

--- abs
math.abs(-2)                              --> 2

--- acos
math.acos(1)                              --> 0

--- asin
math.asin(0)                              --> 0

--- atan
math.atan(0)                              --> 0

--- atan2
math.atan2(0, 1)                          --> 0

--- ceil
math.ceil(1.2)                            --> 2

--- cos
math.cos(0)                               --> 1

--- cosh
math.cosh(0)                              --> 1

--- deg
math.deg(math.pi)                         --> 180

--- exp
math.exp(0)                               --> 1

--- floor
math.floor(-1.2)                          --> -2

--- fmod
math.fmod(-5, 3)                          --> -2

--- frexp
math.frexp(8)                             --> 0.5, 4

--- ldexp
math.ldexp(0.5, 4)                        --> 8

--- log
math.log(1)                               --> 0

--- log10
math.log10(1000)                          --> 3

--- max
math.max(1, 3, 2)                         --> 3

--- min
math.min(1, 3, 2)                         --> 1

--- mod
math.mod(5, 3)                            --> 2

--- modf
math.modf(1.5)                            --> 1, 0.5

--- pow
math.pow(2, 10)                           --> 1024

--- rad
local yes = math.rad(180) == math.pi      --> true

--- random
local yes = math.random(6) <= 6           --> true

--- randomseed
math.randomseed(42)
local first = math.random(1000)
math.randomseed(42)
print(math.random(1000) == first)         --> true

--- sin
math.sin(0)                               --> 0

--- sinh
math.sinh(0)                              --> 0

--- sqrt
math.sqrt(16)                             --> 4

--- tan
math.tan(0)                               --> 0

--- tanh
math.tanh(0)                              --> 0
