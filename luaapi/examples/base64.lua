Base64.

--- encode
base64.encode("Hello")                    --> SGVsbG8=
base64.encode("\255\254", { url = true }) --> __4

--- decode
base64.decode("SGVsbG8=")                 --> Hello
base64.decode("SGVs bG8")                 --> nil, no base64: ' ' at byte 5
base64.decode("SGVs bG8", { lenient = true }) --> Hello
