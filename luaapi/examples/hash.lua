Hashes.

--- sha256
hash.sha256("abc")                        --> ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad

--- sha512
local length = #hash.sha512(msg.body)     --> 128

--- sha1
hash.sha1("abc")                          --> a9993e364706816aba3e25717850c26c9cd0d89d

--- md5
hash.md5("abc")                           --> 900150983cd24fb0d6963f7d28e17f72

--- xxh3
hash.xxh3("abc")                          --> 78af5f94892f3950

--- crc32
hash.crc32("abc")                         --> 352441c2

--- hmac
hash.hmac("sha256", "Jefe", "what do ya want for nothing?") --> 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843

--- equal
local token = hash.hmac("sha256", "secret", conn.sender):sub(1, 16)
hash.equal(token, token)                  --> true
