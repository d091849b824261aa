Bits.

--- arshift
local yes = bit32.arshift(0x80000000, 4) == 0xF8000000--> true

--- band
bit32.band(0xFF, 0x0F)                    --> 15

--- bnot
bit32.bnot(0)                             --> 4294967295

--- bor
bit32.bor(1, 2, 4)                        --> 7

--- btest
bit32.btest(6, 2)                         --> true

--- bxor
bit32.bxor(6, 3)                          --> 5

--- extract
bit32.extract(0xAB, 4, 4)                 --> 10

--- lrotate
bit32.lrotate(0x80000000, 1)              --> 1

--- lshift
bit32.lshift(1, 8)                        --> 256

--- replace
bit32.replace(0, 5, 4, 4)                 --> 80

--- rrotate
local yes = bit32.rrotate(1, 1) == 0x80000000--> true

--- rshift
bit32.rshift(256, 8)                      --> 1
