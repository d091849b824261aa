// Package asked is what scripts ask of others while stored mail is played to them.
//
// A replay asks nobody, unless it is told to: so it needs no network, and tells no server of old mail. Every lookup then
// fails as when its server is away, so that the script's own on_error decides. Live, the services of a configuration are asked, but for what would
// do something: requests other than GET and HEAD. What is sent later, mail and webhooks, is never sent.
//
// Asker.Begin gives the services of one message with a Log beside them, which has afterwards what was asked, and what came of it.
package asked
