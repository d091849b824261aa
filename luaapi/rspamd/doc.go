// Package rspamd asks Rspamd what it thinks of a message. It knows no Lua.
//
//	c, err := rspamd.New("http://127.0.0.1:11333", 5*time.Second)
//	result, err := c.Check(ctx, &rspamd.Message{IP: "192.0.2.1", From: "a@example.com", Content: r, Size: n})
//
// The message goes to /checkv2 with what is known of its envelope in header fields; the answer is JSON.
// https://rspamd.com/doc/architecture/protocol.html
package rspamd
