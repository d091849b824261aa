package lua_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"luamilter/luaapi/number"
)

const numberScript = `
for line in io.lines() do
  local kind, a, b = line:match("^(%a) (%S+) ?(%d*)$")
  if kind == "t" then
    io.write(tostring(tonumber(a)), "\n")
  else
    local f = tonumber(unhex(a), tonumber(b) or 10)
    io.write(f and ("%.17g"):format(f) or "nil", "\n")
  end
end`

// TestNumberText compares Text with tostring.
func TestNumberText(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	var floats []float64
	var questions []string
	for range 15000 {
		f := anyFloat(r)
		floats = append(floats, f)
		questions = append(questions, "t "+strconv.FormatFloat(f, 'x', -1, 64))
	}
	for i, want := range ask(t, "UTC", numberScript, questions) {
		if want == "-nan" {
			want = "nan" // on purpose: package number
		}
		if got := number.Text(floats[i]); got != want {
			t.Errorf("Text(%v) = %q, lua5.1 says %q", floats[i], got, want)
		}
	}
}

// TestNumberParse compares Parse and ParseBase with tonumber.
func TestNumberParse(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 2))
	var texts, questions []string
	var bases []int
	for i := range 30000 {
		s, base := numberText(r), 10
		if i%3 == 0 {
			s, base = integerText(r), 2+r.IntN(35)
		}
		texts = append(texts, s)
		bases = append(bases, base)
		questions = append(questions, fmt.Sprintf("p %s %d", hexOf(s), base))
	}
	taken, words := 0, 0
	for i, want := range ask(t, "UTC", numberScript, questions) {
		got := "nil"
		if f, ok := number.ParseBase(texts[i], bases[i]); ok {
			got = strconv.FormatFloat(f, 'g', 17, 64)
			got = strings.TrimPrefix(strings.Replace(got, "Inf", "inf", 1), "+")
			taken++
		}
		if bases[i] == 10 && strings.ContainsAny(texts[i], "nN\x00") {
			want = "nil" // on purpose: package number
			words++
		}
		if got != want {
			t.Errorf("ParseBase(%q, %d) = %s, lua5.1 says %s", texts[i], bases[i], got, want)
		}
	}
	t.Logf("%d of %d are numbers, %d are words or have a NUL", taken, len(texts), words)
}

// anyFloat returns an integer, a decimal fraction, a power of ten and its neighbours, or 64 random bits.
func anyFloat(r *rand.Rand) float64 {
	switch r.IntN(8) {
	case 0:
		return float64(r.IntN(2001) - 1000)
	case 1:
		return float64(r.Int64()>>r.IntN(63)) * float64(1-2*r.IntN(2))
	case 2:
		return float64(r.IntN(2000001)-1000000) / math.Pow10(r.IntN(7))
	case 3:
		f := math.Pow10(r.IntN(40) - 20)
		return math.Nextafter(f, f*float64(r.IntN(3)))
	case 4: // halfway between two of fourteen digits
		return (float64(r.Int64N(1e14)) + 0.5) * math.Pow10(r.IntN(8)-4)
	case 5:
		return r.NormFloat64()
	case 6:
		special := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64, 5e-324}
		return special[r.IntN(len(special))]
	}
	return math.Float64frombits(r.Uint64())
}

// numberText returns a number in one of many ways to write it, with a mistake in every third.
func numberText(r *rand.Rand) string {
	f := anyFloat(r)
	s := ""
	switch r.IntN(8) {
	case 0:
		s = strconv.FormatFloat(f, "eEfgG"[r.IntN(5)], r.IntN(25), 64)
	case 1:
		s = strconv.FormatFloat(f, "xX"[r.IntN(2)], r.IntN(16)-1, 64)
	case 2:
		s = fmt.Sprintf([]string{"0x%x", "0X%X"}[r.IntN(2)], r.Uint64()>>r.IntN(64))
	case 3:
		s = strconv.FormatFloat(f, 'g', -1, 64)
	case 4: // exactly between two floats, and perhaps a little more
		s = strconv.FormatFloat(math.Float64frombits(r.Uint64()), 'f', 800, 64) + strings.Repeat("0", r.IntN(900)) + []string{"", "1"}[r.IntN(2)]
	case 5:
		s = strconv.Itoa(r.IntN(1000)) + "." + strconv.Itoa(r.IntN(1000))
	case 6:
		return someOf(r, "0123456789+-.eExXpPaAfF \t_nN\x00", 9)
	case 7:
		return someOf(r, "0019.eExXp+- ", 7)
	}
	return spoil(r, s)
}

func integerText(r *rand.Rand) string {
	switch r.IntN(3) {
	case 0:
		return someOf(r, "01 -+xX7zfB.", 7)
	case 1:
		return spoil(r, []string{"", "-", "0x", "-0X"}[r.IntN(4)]+strconv.FormatUint(r.Uint64()>>r.IntN(64), 2+r.IntN(35)))
	}
	return spoil(r, someOf(r, "0123456789abcdefABCDEFzZ", 22))
}

// spoil puts white space around s, or changes a byte of it, or leaves it alone.
func spoil(r *rand.Rand, s string) string {
	switch r.IntN(6) {
	case 0:
		return someOf(r, " \t\n\v\f\r", 3) + s + someOf(r, " \t\n\v\f\r", 3)
	case 1:
		at := r.IntN(len(s) + 1)
		return s[:at] + someOf(r, "+-.eExXpP_ 0gz", 2) + s[at:]
	case 2:
		return s[:r.IntN(len(s)+1)]
	}
	return s
}

// someOf returns up to n bytes of an alphabet.
func someOf(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, r.IntN(n+1))
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}
