package lua_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi/date"
)

const dateScript = `
local function field(t, ...)
  local s = {}
  for i = 1, select("#", ...) do s[i] = tostring(t[select(i, ...)]) end
  return table.concat(s, " ")
end
local dst = { [1] = false, [2] = true }
for line in io.lines() do
  local kind, rest = line:match("^(%a) (.*)$")
  if kind == "f" then
    local layout, seconds = rest:match("^(%S+) (%S+)$")
    io.write(hex(os.date(unhex(layout), tonumber(seconds))), "\n")
  elseif kind == "s" then
    io.write(field(os.date("*t", tonumber(rest)), "year", "month", "day", "hour", "min", "sec", "wday", "yday", "isdst"), "\n")
  else
    local n = {}
    for w in rest:gmatch("%S+") do n[#n + 1] = tonumber(w) end
    local t = { year = n[1], month = n[2], day = n[3], hour = n[4], min = n[5], sec = n[6], isdst = dst[n[7]] }
    local seconds = os.time(t)
    io.write(seconds and ("%d"):format(seconds) or "nil", "\n")
  end
end`

func inZones(t *testing.T, test func(t *testing.T, zone string, loc *time.Location)) {
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(zone, func(t *testing.T) { test(t, zone, loc) })
	}
}

// TestDateFormat compares Format with os.date.
func TestDateFormat(t *testing.T) {
	greenwich := time.FixedZone("GMT", 0) // what glibc calls the zone of "!"
	inZones(t, func(t *testing.T, zone string, loc *time.Location) {
		r := rand.New(rand.NewPCG(5, 4))
		var layouts, want, questions []string
		for range 5000 {
			seconds := anySeconds(r)
			layout, in := dateLayout(r), loc
			question := layout
			if r.IntN(4) == 0 && !strings.Contains(layout, "%s") { // on purpose: package date
				question, in = "!"+layout, greenwich
			}
			at, ok := date.At(float64(seconds), in)
			if !ok {
				t.Fatalf("At refuses %d", seconds)
			}
			layouts = append(layouts, layout)
			want = append(want, hexOf(date.Format(layout, at)))
			questions = append(questions, fmt.Sprintf("f %s %d", hexOf(question), seconds))
		}
		for i, answer := range ask(t, zone, dateScript, questions) {
			if answer != want[i] {
				t.Errorf("Format(%q), %s: %s, lua5.1 says %s", layouts[i], questions[i], want[i], answer)
			}
		}
	})
}

// TestDateSplit compares Split with os.date("*t").
func TestDateSplit(t *testing.T) {
	inZones(t, func(t *testing.T, zone string, loc *time.Location) {
		r := rand.New(rand.NewPCG(5, 5))
		var got, questions []string
		for range 2000 {
			seconds := anySeconds(r)
			at, _ := date.At(float64(seconds), loc)
			f := date.Split(at)
			got = append(got, fmt.Sprint(f.Year, f.Month, f.Day, f.Hour, f.Min, f.Sec, f.Weekday, f.YearDay, f.DST == date.Summer))
			questions = append(questions, fmt.Sprint("s ", seconds))
		}
		for i, answer := range ask(t, zone, dateScript, questions) {
			if answer != got[i] {
				t.Errorf("Split of %s is %s, lua5.1 says %s", questions[i], got[i], answer)
			}
		}
	})
}

// TestDateUnix compares Fields.Unix with os.time.
func TestDateUnix(t *testing.T) {
	inZones(t, func(t *testing.T, zone string, loc *time.Location) {
		r := rand.New(rand.NewPCG(5, 6))
		var fields []date.Fields
		var questions []string
		for range 5000 {
			f := anyFields(r)
			fields = append(fields, f)
			questions = append(questions, fmt.Sprint("t ", f.Year, f.Month, f.Day, f.Hour, f.Min, f.Sec, int(f.DST)))
		}
		either := 0
		for i, answer := range ask(t, zone, dateScript, questions) {
			got, ok := fields[i].Unix(loc)
			if ok && strconv.FormatInt(got, 10) == answer || got == -1 && answer == "nil" {
				continue
			}
			want, _ := strconv.ParseInt(answer, 10, 64)
			extra := int64(fields[i].Sec - min(max(fields[i].Sec, 0), 59)) // passes after what the clocks show
			if ok && fields[i].DST == date.Unknown && changing(got-extra, want-extra, loc) {
				either++ // on purpose: package date
				continue
			}
			t.Errorf("%+v is %d, %v, lua5.1 says %s", fields[i], got, ok, answer)
		}
		t.Logf("%d of %d are near a change of the clocks, and differ", either, len(fields))
	})
}

// changing reports whether two answers are one apart by what the clocks were changed between them.
func changing(a, b int64, loc *time.Location) bool {
	_, offsetA := time.Unix(a, 0).In(loc).Zone()
	_, offsetB := time.Unix(b, 0).In(loc).Zone()
	return offsetA != offsetB && (a-b == int64(offsetA-offsetB) || a-b == int64(offsetB-offsetA))
}

func anySeconds(r *rand.Rand) int64 {
	switch r.IntN(6) {
	case 0: // the first weeks of a year, where weeks are counted differently
		return time.Date(1900+r.IntN(300), time.January, r.IntN(20)-9, r.IntN(24), r.IntN(60), 0, 0, time.UTC).Unix()
	case 1:
		return r.Int64N(2e12) - 1e12
	case 2:
		return (r.Int64N(3e14) - 15e13) >> r.IntN(40) // in year 5,900,000 glibc loses count of its summers
	}
	return r.Int64N(8e9) - 4e9 // 1843 to 2096
}

func dateLayout(r *rand.Rand) string {
	const conversions = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%fiJKLNqQvo+-_0^#: 1"
	layout := "x"
	for range r.IntN(6) {
		layout += someOf(r, "abYZ:, \xe9%", 2)
		if strings.HasSuffix(layout, "%") {
			layout += "%"
		}
		layout += "%" + string(rune(conversions[r.IntN(len(conversions))]))
	}
	return layout + []string{"", "%", "abc"}[r.IntN(3)]
}

// anyFields returns fields of which some are out of range, and some ask for the other time than the clocks show.
func anyFields(r *rand.Rand) date.Fields {
	f := date.Fields{
		Year: 1970 + r.IntN(120), Month: 1 + r.IntN(12), Day: 1 + r.IntN(31),
		Hour: r.IntN(24), Min: r.IntN(60), Sec: r.IntN(60), DST: date.DST(max(0, r.IntN(5)-2)),
	}
	off := func(field *int, by int) {
		if r.IntN(4) == 0 {
			*field = r.IntN(2*by+1) - by
		}
	}
	if f.DST == date.Unknown {
		off(&f.Year, 30000)
	}
	off(&f.Month, 50)
	off(&f.Day, 1000)
	off(&f.Hour, 10000)
	off(&f.Min, 100000)
	off(&f.Sec, 10000000)
	return f
}
