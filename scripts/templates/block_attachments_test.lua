local function send(name, content)
  return session{ ip = "192.0.2.1" }:send{
    headers = { { "Subject", "hello" }, { "MIME-Version", "1.0" }, { "Content-Type", "multipart/mixed; boundary=b" } },
    body = "--b\n\nhello\n--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"" .. name .. "\"\n\n"
      .. content .. "\n--b--\n",
  }
end

describe("an attachment", function()
  it("is refused if its name is that of a program", function()
    expect(send("Invoice.PDF.exe", "MZ")):rejected("Invoice.PDF.exe")
  end)

  it("is taken if it is a text", function()
    expect(send("list.txt", "one")):unchanged()
  end)
end)
