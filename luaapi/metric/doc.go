// Package metric keeps what scripts count. It knows neither Lua nor Prometheus.
//
// A Store has a Set for each script of each listener, for as long as the process runs. A metric in it is known by its name, its kind and
// the names of its labels, and has a series for each combination of their values. A series is a few atomic numbers: to find it takes two
// look-ups and one lock for reading, and no allocation.
//
// What a script says a name means can change when the script is edited, while sessions still run the text of before. So there is a
// Version for each release of a script: in it a name means one thing, and another use of it is an error. Versions share the Set: a metric
// that both have goes on, and of one that has changed there are both.
//
// Nothing here is a reason to refuse mail but a mistake in the text of a script. What depends on the mail, such as too many different
// values of a label, costs precision only: what comes beyond the limits goes into a series of the value "other", and is counted.
package metric
