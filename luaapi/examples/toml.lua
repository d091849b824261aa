TOML.

--- decode
local lists = toml.decode('[block]\nnames = ["a.example", "b.example"]')
print(#lists.block.names)                 --> 2
