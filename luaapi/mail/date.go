package mail

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"luamilter/luaapi/fieldvalue"
)

// ParseDate reads a date as mail has it (RFC 5322 section 3.3), also in the older and wrong forms of real mail: without seconds, with a
// year of two digits or the name of a time zone, as asctime writes it, as ISO 8601 has it, with comments, the parts in another order. The
// day of the week does not count. Without a time zone, or with one that nobody knows (-0000, single letters), the time is taken for UTC.
func ParseDate(value string) (time.Time, error) {
	d := dateParts{year: -1, day: -1, hour: -1}
	for field := range strings.FieldsFuncSeq(withoutComments(fieldvalue.Unfold(value)), func(r rune) bool { return r == ' ' || r == '\t' || r == ',' }) {
		if err := d.take(field); err != nil {
			return time.Time{}, err
		}
	}
	return d.time()
}

// maxDate is more than any date has.
const maxDate = 200

// withoutComments makes blanks of comments.
func withoutComments(s string) string {
	out := make([]byte, 0, min(len(s), maxDate))
	depth := 0
	for i := 0; i < len(s) && len(out) < maxDate; i++ {
		switch c := s[i]; {
		case c == '\\' && depth > 0:
			i++
		case c == '(':
			depth++
			out = append(out, ' ')
		case c == ')' && depth > 0:
			depth--
		case depth == 0:
			out = append(out, c)
		}
	}
	return string(out)
}

// dateParts are what was found of a date, -1 or 0 for what was not.
type dateParts struct {
	year, day    int
	month        time.Month
	hour         int
	minute       int
	second       int
	offset       int // seconds east of UTC
	zoned        bool
	digitsOfYear int
	afternoon    string // AM or PM
}

// take finds out what a part of a date is, by its looks: all orders are in use.
func (d *dateParts) take(s string) error {
	if date, clock, ok := cutISO(s); ok {
		if clock == "" {
			return d.takeDate(date)
		}
		if err := d.takeDate(date); err != nil {
			return err
		}
		return d.takeClock(clock)
	}
	switch c := s[0]; {
	case strings.ContainsRune(s, ':') && isDigit(c), strings.Count(s, ".") == 2 && isDigit(c):
		return d.takeClock(s)
	case isDigit(c) && strings.Count(s, "-") == 2:
		return d.takeDate(s)
	case isDigit(c):
		return d.takeNumber(s)
	case (c == '+' || c == '-') && len(s) > 1:
		return d.takeOffset(s)
	}
	return d.takeWord(s)
}

// cutISO takes apart 2024-01-02 and 2024-01-02T03:04:05Z.
func cutISO(s string) (date, clock string, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return "", "", false
	}
	if len(s) == 10 {
		return s, "", true
	}
	return s[:10], s[11:], s[10] == 'T' || s[10] == 't'
}

// takeDate reads 2-Jan-2024 and 2024-01-02.
func (d *dateParts) takeDate(s string) error {
	parts := strings.Split(s, "-")
	if len(parts[0]) == 4 && len(parts) == 3 {
		if month, ok := number(parts[1]); ok && month >= 1 && month <= 12 {
			d.month = time.Month(month)
			if err := d.takeNumber(parts[2]); err != nil {
				return err
			}
			return d.takeNumber(parts[0])
		}
	}
	for _, part := range parts {
		if part == "" {
			return fmt.Errorf("%q is no part of a date", shown(s))
		}
		if err := d.take(part); err != nil {
			return err
		}
	}
	return nil
}

// takeNumber reads the day or the year.
func (d *dateParts) takeNumber(s string) error {
	n, ok := number(s)
	switch {
	case !ok:
		return fmt.Errorf("%q is no part of a date", shown(s))
	case len(s) <= 2 && d.day < 0:
		d.day = n
	case d.year < 0 && len(s) <= 4:
		d.year, d.digitsOfYear = n, len(s)
	case len(s) == 4 && d.year >= 0:
		return fmt.Errorf("there are two years, %d and %s", d.year, s)
	default:
		return fmt.Errorf("the number %q is too much", shown(s))
	}
	return nil
}

// takeClock reads 15:04, 15:04:05 and 15.04.05, with a fraction or a zone behind it.
func (d *dateParts) takeClock(s string) error {
	end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != ':' && r != '.' })
	if end < 0 {
		end = len(s)
	}
	clock, rest := s[:end], s[end:]
	if strings.Contains(clock, ":") {
		clock, _, _ = strings.Cut(clock, ".") // a fraction of a second
	}
	parts := strings.FieldsFunc(clock, func(r rune) bool { return r == ':' || r == '.' })
	values := [3]int{}
	if len(parts) < 2 || len(parts) > 3 || d.hour >= 0 {
		return fmt.Errorf("%q is no time of day", shown(s))
	}
	for i, part := range parts {
		n, ok := number(part)
		if !ok || len(part) > 2 {
			return fmt.Errorf("%q is no time of day", shown(s))
		}
		values[i] = n
	}
	d.hour, d.minute, d.second = values[0], values[1], values[2]
	if d.hour > 24 || d.minute > 59 || d.second > 60 {
		return fmt.Errorf("%q is no time of day", shown(s))
	}
	if rest != "" {
		return d.take(rest)
	}
	return nil
}

// takeOffset reads +0100, +01:00, +100 and +1. The first one counts.
func (d *dateParts) takeOffset(s string) error {
	digits := strings.Replace(s[1:], ":", "", 1)
	n, ok := number(digits)
	if !ok || len(digits) > 4 {
		return fmt.Errorf("%q is no time zone", shown(s))
	}
	if len(digits) <= 2 {
		n *= 100
	}
	if n%100 > 59 {
		return fmt.Errorf("%q is no time zone", shown(s))
	}
	if !d.zoned {
		d.offset, d.zoned = (n/100*60+n%100)*60, true
		if s[0] == '-' {
			d.offset = -d.offset
		}
	}
	return nil
}

// zones are those that RFC 5322 section 4.3 knows, and some more of the kind, in hours east of UTC.
var zones = map[string]int{
	"ut": 0, "gmt": 0, "utc": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
	"wet": 0, "west": 1, "cet": 1, "cest": 2, "met": 1, "mest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "bst": 1,
}

const months, weekdays = "janfebmaraprmayjunjulaugsepoctnovdec", "sunmontuewedthufrisat"

// takeWord reads the name of a month, a day of the week, or a time zone.
func (d *dateParts) takeWord(s string) error {
	word := strings.ToLower(strings.Trim(s, `."'`))
	if len(word) >= 3 {
		if i := strings.Index(months, word[:3]); i%3 == 0 {
			d.month = time.Month(i/3 + 1)
			return nil
		}
	}
	if hours, ok := zones[word]; ok {
		if !d.zoned {
			d.offset, d.zoned = hours*3600, true
		}
		return nil
	}
	for _, name := range []string{"utc", "gmt"} {
		if rest, ok := strings.CutPrefix(word, name); ok && len(rest) > 1 && (rest[0] == '+' || rest[0] == '-') {
			return d.takeOffset(rest)
		}
	}
	switch {
	case word == "am" || word == "pm":
		d.afternoon = word
	case len(word) == 1 || len(word) >= 3 && strings.Index(weekdays, word[:3])%3 == 0 || d.day >= 0 && d.hour >= 0:
		// a zone that nobody knows, a day of the week, or words at the end
	case d.day >= 0:
		return fmt.Errorf("%q is no month; the names are English, such as Jan", shown(s))
	default: // a day of the week in another language
	}
	return nil
}

// time puts the parts together.
func (d *dateParts) time() (time.Time, error) {
	switch {
	case d.day < 0:
		return time.Time{}, fmt.Errorf("the date has no day")
	case d.month == 0:
		return time.Time{}, fmt.Errorf("the date has no month")
	case d.year < 0:
		return time.Time{}, fmt.Errorf("the date has no year")
	case d.hour < 0:
		return time.Time{}, fmt.Errorf("the date has no time of day")
	}
	hour := d.hour
	if d.afternoon == "pm" && hour < 12 {
		hour += 12
	} else if d.afternoon == "am" && hour == 12 {
		hour = 0
	}
	year := fullYear(d.year, d.digitsOfYear)
	if last := time.Date(year, d.month+1, 0, 0, 0, 0, 0, time.UTC).Day(); d.day < 1 || d.day > last {
		return time.Time{}, fmt.Errorf("%s %d has no day %d", d.month, year, d.day)
	}
	return time.Date(year, d.month, d.day, hour, d.minute, d.second, 0, time.FixedZone("", d.offset)), nil
}

// fullYear makes four digits of two or three (RFC 5322 section 4.3).
func fullYear(year, digits int) int {
	switch {
	case digits <= 2 && year < 50:
		return year + 2000
	case digits <= 3:
		return year + 1900
	}
	return year
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number reads up to nine digits.
func number(s string) (int, bool) {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// shown is foreign text that is fit for an error.
func shown(s string) string { return strings.ToValidUTF8(s[:min(len(s), 60)], "?") }
