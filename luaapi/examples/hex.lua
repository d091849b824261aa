Hexadecimal digits.

--- encode
hex.encode("Az")                          --> 417a

--- decode
hex.decode("417A")                        --> Az
hex.decode("4x")                          --> nil, 'x' is no hexadecimal digit
