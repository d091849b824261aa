// Package spamd asks SpamAssassin's spamd what it thinks of a message, by the protocol of spamc. It knows no Lua.
//
//	c, err := spamd.New("127.0.0.1:783", 5*time.Second)
//	result, err := c.Check(ctx, &spamd.Message{Content: r, Size: n})
//
// Three of its commands are used: CHECK for the score, SYMBOLS for the rules too, HEADERS for the header that SpamAssassin would give the
// message.
package spamd
