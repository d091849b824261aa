// Package recorded plays recorded connections of MTAs (package record) to scripts, and compares what they answer now with what was answered then.
//
//	p := recorded.NewPlayer(program, log)
//	defer p.Close()
//	result, err := p.Play(ctx, recording)
//	for _, d := range result.Differences { ... }
//
// # What is played
//
// The scripts get the offer of the recorded MTA, and then its packets in their order, with its macros; what they have negotiated away now is left
// out. What they want now and had negotiated away then is not there to be played: that is a warning.
//
// # What is compared
//
// What counts for the SMTP client and for the message: each reply to a command of the connection or about a recipient, and of each message the
// verdict with its reply, and the changes. That scripts accept now and had no opinion then makes no difference, nor at which stage of a message
// the same verdict is given. After a difference that ends a message or the connection, the rest of that is not played: the MTA would have
// gone another way, which nobody has recorded.
package recorded
