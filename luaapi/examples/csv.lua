Tables as text.

--- decode
local rows = csv.decode("name;delay\nexample.com;5m\n", { separator = ";", header = true })
print(rows[1].name, rows[1].delay)        --> example.com, 5m

--- encode
csv.encode({ { "Example, Sales", 12 } })  --> "Example, Sales",12\r\n
