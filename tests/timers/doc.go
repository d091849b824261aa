// Package timers tests timers of scripts in real daemons: several that share a Redis, one of them killed, without the Redis, and one that hands over.
package timers
