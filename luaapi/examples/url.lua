URLs.

--- find
for _, u in ipairs(url.find("See https://Example.com/a, or www.example.org.")) do
  print(u.url)                            --> https://example.com/a; http://www.example.org/
end

--- find_html
local link = url.find_html('<a href="https://example.net/">www.example.com</a>')[1]
print(link.host, link.text, link.notes[1]) --> example.net, www.example.com, shown

--- parse
local u = url.parse("https://bank.example@login.example.co.uk/?id=1")
print(u.host, u.domain, u.user, u.notes[1]) --> login.example.co.uk, example.co.uk, bank.example, user

--- normalize
url.normalize("HTTP:\\\\0xC0.0.02.1:80/a/../b") --> http://192.0.2.1/b

--- refang
url.refang("hxxps://example[.]com")       --> https://example.com

--- escape
url.escape("a b&c")                       --> a%20b%26c

--- unescape
url.unescape("a%20b")                     --> a b
