// Package smtp speaks to mail servers as a client: it asks whether a recipient is known, and hands over notices. It knows no Lua.
//
//	c := smtp.New(smtp.Options{Hello: "mx.example.com", Timeout: 5 * time.Second})
//	verdict, err := c.Verify(ctx, &smtp.Question{Host: "192.0.2.25:25", Recipient: "user@example.com"})
//	err = c.Deliver(ctx, "127.0.0.1:25", &smtp.Mail{From: "", To: []string{"admin@example.com"}, Content: text})
//
// Verify says MAIL and RCPT and leaves. What the server says of a recipient is remembered, six hours if it is known and ten minutes if not, so
// that a server is not asked for each message; a 4xx is no opinion and is not remembered. Addresses in the own domains are never asked
// about: their server would be the one that asks.
//
// Package smtp is for servers nearby: it does not look for MX records, and does not encrypt.
package smtp
