Addresses.

--- parse
local from = address.parse(msg:header("From"))
print(from.address, from.domain, from.name) --> sales@example.com, example.com, Example, Sales
address.parse("")                         --> nil, there is no address: the text is empty

--- list
for _, to in ipairs(address.list("one@example.org, Team Two <two@example.org>")) do
  print(to.address)                       --> one@example.org; two@example.org
end

--- format
address.format("Example, Sales", "sales@example.com") --> "Example, Sales" <sales@example.com>

--- domain
address.domain("Sales <sales@Example.com>") --> example.com

--- localpart
address.localpart("sales@example.com")    --> sales

--- without_extension
address.without_extension("sales+lists@example.com") --> sales@example.com

--- organizational_domain
address.organizational_domain("mail.example.co.uk") --> example.co.uk

--- ascii
address.ascii("user@bücher.example")      --> user@xn--bcher-kva.example

--- unicode
address.unicode("user@xn--bcher-kva.example") --> user@bücher.example

--- same
address.same("sales@EXAMPLE.com", "<sales@example.com>") --> true

--- is_valid
address.is_valid("sales@example.com")     --> true
local valid = address.is_valid("two words@example.com") --> false
