package config

import (
	"fmt"
	"time"

	"luamilter/luaapi/date"
)

// How long MTAs wait unless they are told otherwise: Postfix for the answer to a command (milter_command_timeout in postconf(5)), and
// Sendmail for the end of a message, whatever keep-alives come (E: in INPUT_MAIL_FILTER). Postfix waits as long from the last keep-alive on.
const (
	commandPatience = 30 * time.Second
	messagePatience = 5 * time.Minute
)

// Warnings returns what is allowed but will hardly do what is wanted: a line for each, with its origin.
func (c *Config) Warnings() []string {
	var all []string
	warn := func(key, format string, args ...any) {
		from := c.origin(key)
		all = append(all, (&Error{Origin: from.name, Line: from.line, Key: key, Problem: fmt.Sprintf(format, args...)}).Error())
	}
	if t := c.Limits.CommandTime; t >= commandPatience {
		warn("limits.command_time", "%s is longer than an MTA waits: Postfix gives up after 30s (milter_command_timeout), Sendmail after 10s or what T=R: says", date.FormatDuration(t))
	}
	if t := c.Limits.MessageTime; t >= messagePatience {
		warn("limits.message_time", "%s is longer than an MTA waits: Sendmail gives up after 5m or what T=E: says, Postfix after 300s without a keep-alive (milter_content_timeout)", date.FormatDuration(t))
	}
	if t := c.DNS.Timeout * time.Duration(min(c.DNS.Tries, 1000)); t >= c.Limits.CommandTime {
		key := "dns.timeout"
		if c.origin(key).name == OriginDefault && c.origin("dns.tries").name != OriginDefault {
			key = "dns.tries"
		}
		warn(key, "dns.timeout times dns.tries is %s: hooks end before, after limits.command_time (%s), and then on_error decides", date.FormatDuration(t), date.FormatDuration(c.Limits.CommandTime))
	}
	if memory := c.Limits.Memory; memory > 0 && c.Spool.After > memory/4 {
		key := "spool.after"
		if c.origin(key).name == OriginDefault {
			key = "limits.memory"
		}
		warn(key, "a body of %s never finds room in memory: collected messages get a quarter of limits.memory (%s), so it is refused again and again", c.Spool.After, memory)
	}
	if from := c.origin("listen"); from.name != OriginDefault && len(c.top.scripts) == 0 && len(c.named) > 0 {
		warn("listen", "it has no effect, because there are no scripts at the top; it belongs below a [listener.NAME]")
	}
	return all
}
