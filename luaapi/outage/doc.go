// Package outage notices when a server that scripts ask begins to fail, and when it works again, so that the log has a line for each and not one
// for every message in between. It knows neither logs nor servers.
//
//	o := outage.Outage{What: "clamd at 127.0.0.1:3310", Tell: func(n outage.Note) { ... }}
//	o.Failed(err) // after each question
//	o.Worked()
//
// An outage begins with some failures in a row, as many as have the server left alone (Enough); one that fails now and then is not told of. It ends
// when there was an answer after the last failure, and a while has passed since that (Calm): a server that wavers does not fill the log, and one
// that is asked nothing more is told of as well.
package outage
