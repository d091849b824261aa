package date

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Parse reads a time as strptime does in the C locale, with the conversions that Format writes. What the layout does not say is 1970-01-01
// 00:00:00; without %z, %Z or %s the time is one in that time zone. A blank in the layout is any number of them, or none; the day of the
// week must be one but does not count. It is an error if the text does not fit, or names a day that there is not.
func Parse(layout, text string, loc *time.Location) (time.Time, error) {
	p := parser{rest: text, year: 1970, month: 1, day: 1, loc: loc}
	if err := p.layout(layout); err != nil {
		return time.Time{}, fmt.Errorf("%.60q does not fit %q: %w", text, layout, err)
	}
	if p.rest = strings.TrimLeft(p.rest, " \t\r\n"); p.rest != "" {
		return time.Time{}, fmt.Errorf("%.60q does not fit %q: %.20q is left", text, layout, p.rest)
	}
	return p.time(text)
}

// parser is what was read so far.
type parser struct {
	rest                     string
	year, month, day         int
	hour, minute, second     int
	yearDay                  int // 0 if not said
	century, yearOfIt        int
	haveCentury, haveTwo, pm bool
	twelve                   bool // the hour is one of %I
	unix                     *int64
	loc                      *time.Location
}

func (p *parser) layout(layout string) error {
	for layout != "" {
		c := layout[0]
		switch {
		case c == '%' && len(layout) > 1:
			if err := p.conversion(layout[1]); err != nil {
				return err
			}
			layout = layout[2:]
			continue
		case strings.IndexByte(" \t\r\n", c) >= 0:
			p.rest = strings.TrimLeft(p.rest, " \t\r\n")
		case p.rest == "" || p.rest[0] != c:
			return fmt.Errorf("%q was expected at %.20q", c, p.rest)
		default:
			p.rest = p.rest[1:]
		}
		layout = layout[1:]
	}
	return nil
}

// number is a conversion that reads a number.
type number struct {
	digits, least, most int
	into                *int
}

// numbers returns what a conversion reads, if it is a number.
func (p *parser) numbers(verb byte) (number, bool) {
	switch verb {
	case 'Y':
		return number{4, 0, 9999, &p.year}, true
	case 'C':
		p.haveCentury = true
		return number{2, 0, 99, &p.century}, true
	case 'y':
		p.haveTwo = true
		return number{2, 0, 99, &p.yearOfIt}, true
	case 'm':
		return number{2, 1, 12, &p.month}, true
	case 'd', 'e':
		return number{2, 1, 31, &p.day}, true
	case 'H', 'k':
		p.twelve = false
		return number{2, 0, 23, &p.hour}, true
	case 'I', 'l':
		p.twelve = true
		return number{2, 1, 12, &p.hour}, true
	case 'M':
		return number{2, 0, 59, &p.minute}, true
	case 'S':
		return number{2, 0, 60, &p.second}, true
	case 'j':
		return number{3, 1, 366, &p.yearDay}, true
	}
	return number{}, false
}

// inTermsOf returns the layout that a conversion is short for, "" for none.
func inTermsOf(verb byte) string {
	switch verb {
	case 'c':
		return "%a %b %e %H:%M:%S %Y"
	case 'D', 'x':
		return "%m/%d/%y"
	case 'F':
		return "%Y-%m-%d"
	case 'r':
		return "%I:%M:%S %p"
	case 'R':
		return "%H:%M"
	case 'T', 'X':
		return "%H:%M:%S"
	case 'n', 't':
		return " "
	}
	return ""
}

func (p *parser) conversion(verb byte) error {
	if long := inTermsOf(verb); long != "" {
		return p.layout(long)
	}
	if n, ok := p.numbers(verb); ok {
		return p.number(n)
	}
	switch verb {
	case 'a', 'A':
		_, err := p.name("weekday", 7, func(i int) string { return time.Weekday(i).String() })
		return err
	case 'b', 'B', 'h':
		i, err := p.name("month", 12, func(i int) string { return time.Month(i + 1).String() })
		p.month = i + 1
		return err
	case 'p', 'P':
		i, err := p.name("AM or PM", 2, func(i int) string { return [...]string{"AM", "PM"}[i] })
		p.pm = i == 1
		return err
	case 's':
		return p.seconds()
	case 'z':
		return p.offset()
	case 'Z':
		return p.zone()
	case '%':
		return p.layout("%")
	}
	return fmt.Errorf("%%%c cannot be read", verb)
}

// number reads a number of at most so many digits, with blanks before it.
func (p *parser) number(n number) error {
	p.rest = strings.TrimLeft(p.rest, " ")
	end := 0
	for end < len(p.rest) && end < n.digits && '0' <= p.rest[end] && p.rest[end] <= '9' {
		end++
	}
	value, err := strconv.Atoi(p.rest[:end])
	if err != nil || value < n.least || value > n.most {
		return fmt.Errorf("a number from %d to %d was expected at %.20q", n.least, n.most, p.rest)
	}
	*n.into, p.rest = value, p.rest[end:]
	return nil
}

// name reads one of some names, whole or its first three letters, in any case.
func (p *parser) name(what string, count int, name func(int) string) (int, error) {
	for i := range count {
		full := name(i)
		for _, s := range [...]string{full, full[:min(3, len(full))]} {
			if len(p.rest) >= len(s) && strings.EqualFold(p.rest[:len(s)], s) {
				p.rest = p.rest[len(s):]
				return i, nil
			}
		}
	}
	return 0, fmt.Errorf("a %s was expected at %.20q", what, p.rest)
}

// seconds reads the seconds since 1970.
func (p *parser) seconds() error {
	digits := strings.TrimLeft(p.rest, "-0123456789")
	n, err := strconv.ParseInt(p.rest[:len(p.rest)-len(digits)], 10, 48)
	if err != nil {
		return fmt.Errorf("seconds were expected at %.20q", p.rest)
	}
	p.unix, p.rest = &n, digits
	return nil
}

// offset reads Z, +hh, +hhmm or +hh:mm.
func (p *parser) offset() error {
	if strings.HasPrefix(p.rest, "Z") {
		p.loc, p.rest = time.UTC, p.rest[1:]
		return nil
	}
	wrong := fmt.Errorf("an offset such as +0200 was expected at %.20q", p.rest)
	if p.rest == "" || p.rest[0] != '+' && p.rest[0] != '-' {
		return wrong
	}
	sign, hours, minutes := p.rest[0], 0, 0
	p.rest = p.rest[1:]
	if p.number(number{2, 0, 24, &hours}) != nil {
		return wrong
	}
	p.rest = strings.TrimPrefix(p.rest, ":")
	if p.rest != "" && '0' <= p.rest[0] && p.rest[0] <= '9' && p.number(number{2, 0, 59, &minutes}) != nil {
		return wrong
	}
	seconds := 60 * (60*hours + minutes)
	if sign == '-' {
		seconds = -seconds
	}
	p.loc = time.FixedZone("", seconds)
	return nil
}

// zone reads UTC, GMT or Z; other names mean different zones to different people.
func (p *parser) zone() error {
	for _, name := range [...]string{"UTC", "GMT", "Z"} {
		if rest, ok := strings.CutPrefix(p.rest, name); ok {
			p.loc, p.rest = time.UTC, rest
			return nil
		}
	}
	return fmt.Errorf("UTC or GMT was expected at %.20q; other names of zones are ambiguous", p.rest)
}

// time puts together what was read.
func (p *parser) time(text string) (time.Time, error) {
	if p.unix != nil {
		return time.Unix(*p.unix, 0).In(p.loc), nil
	}
	switch {
	case p.haveCentury:
		p.year = 100*p.century + p.yearOfIt
	case p.haveTwo && p.yearOfIt < 69: // POSIX, strptime
		p.year = 2000 + p.yearOfIt
	case p.haveTwo:
		p.year = 1900 + p.yearOfIt
	}
	if p.twelve {
		p.hour %= 12
		if p.pm {
			p.hour += 12
		}
	}
	if p.yearDay > 0 {
		p.month, p.day = 1, p.yearDay
	}
	t := time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, p.second, 0, p.loc)
	if p.yearDay == 0 && t.Day() != p.day && p.second < 60 || p.yearDay > 0 && t.Year() != p.year {
		return time.Time{}, fmt.Errorf("%.60q is a day that there is not", text)
	}
	return t, nil
}
