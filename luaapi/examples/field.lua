A header field: here the Subject.

--- name
local name = field.name                   --> Subject

--- value
local value = field.value                 --> =?utf-8?q?Gr=C3=BC=C3=9Fe?= from Example

--- decoded
local text = field.decoded                --> Grüße from Example

--- change
field:change("Greetings")                 --> true
msg:header("Subject")                     --> Greetings

--- delete
field:delete()                            --> true
field:delete()                            --> false
