// Package outage notices when a server that scripts ask begins to fail, and when it works again, so that the log has a line for each and not one
// for every message in between. It knows neither logs nor servers.
//
//	o := outage.Outage{What: "clamd at 127.0.0.1:3310", Tell: func(n outage.Note) { ... }}
//	o.Failed(err) // after each question
//	o.Worked()
//
// An outage begins with some failures in a row, as many as have the server left alone (Enough); one that fails now and then is not told of. It ends
// with the first answer after a while without failures (Calm): a server that wavers does not fill the log.
package outage
