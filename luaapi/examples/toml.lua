TOML.

--- decode
local lists = toml.decode('[block]\nnames = ["a.example", "b.example"]')
print(#lists.block.names)                 --> 2

--- encode
local text = toml.encode({ limit = 10, block = { names = { "a.example", "b.example" } } })
print(text:match("limit = %d+"))          --> limit = 10
print(text:match("%[block%]\n(.-)\n"))    --> names = ["a.example", "b.example"]
