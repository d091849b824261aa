// Package outbox delivers later, and until then keeps on disk, what scripts do not want to wait for: webhooks, notices. It knows no Lua.
//
//	box, err := outbox.Open(outbox.Options{Dir: dir, Size: 10000, Keep: 24 * time.Hour, Kinds: map[string]outbox.Deliver{"http": post}})
//	id, err := box.Put("http", payload)
//	box.Run(ctx) // delivers, until ctx ends
//
// Each item is a file, written and synced before Put returns; it is removed when it was delivered. So what was put survives a crash, and may be
// delivered twice after one. Delivery is tried again after 5 seconds, then after twice as long each time, up to 15 minutes, until Keep is
// over. What was not tried (ErrNotTried), since somebody knows that nobody would answer, is tried again after 5 seconds. What is refused for good (ErrFinal) is dropped at once.
//
// Several processes may put into one folder, and one of them delivers, which is the one that has the lock: during a hand-over from one daemon to
// the next nothing is delivered twice. A file that cannot be read is set aside, with .bad at the end of its name.
package outbox
