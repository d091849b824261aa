package dns

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	wire "github.com/miekg/dns"
)

// told makes a Fake that knows lists: the answers for 192.0.2.1, by zone.
func told(t *testing.T, zones map[string]string) *Fake {
	t.Helper()
	f := NewFake()
	for zone, answers := range zones {
		var err error
		switch {
		case answers == "":
		case answers == "fails":
			err = f.Fail("1.2.0.192."+zone, A, errors.New("no answer in time"))
		default:
			var records []Record
			for _, a := range strings.Fields(answers) {
				records = append(records, Record{Value: a})
			}
			err = f.Set("1.2.0.192."+zone, A, records...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestLists(t *testing.T) {
	codes := map[string]string{"127.0.0.2": "spam", "127.0.*.9": "any", "127.0.4.*": "four"}
	for _, c := range []struct {
		name, answers string
		codes         map[string]string
		want          string
	}{
		{"not listed", "", nil, "0 of [], 1 asked"},
		{"listed", "127.0.0.2", nil, "1 of [{l.example 127.0.0.2  1}], 1 asked"},
		{"listed, with a meaning", "127.0.0.2", codes, "1 of [{l.example 127.0.0.2 spam 1}], 1 asked"},
		{"a code that is no hit", "127.0.0.3", codes, "0 of [], 1 asked"},
		{"one of several codes", "127.0.0.3 127.0.0.2", codes, "1 of [{l.example 127.0.0.2 spam 1}], 1 asked"},
		{"any number", "127.0.77.9", codes, "1 of [{l.example 127.0.77.9 any 1}], 1 asked"},
		{"two forms fit", "127.0.4.9", codes, "1 of [{l.example 127.0.4.9 four 1}], 1 asked"},
		{"it refuses", "127.255.255.254", nil, "0 of [], 0 asked, list l.example: it answers 127.255.255.254 and so refuses to be asked: by these name servers, without an account, or so often"},
		{"it refuses, whatever the table says", "127.255.255.254", map[string]string{"127.255.255.254": "x"}, "0 of [], 0 asked, list l.example: it answers 127.255.255.254 and so refuses to be asked: by these name servers, without an account, or so often"},
		{"it is misused", "127.0.0.1", nil, "0 of [], 0 asked, list l.example: it answers 127.0.0.1, which means that it refuses to be asked or is misused (RFC 5782 section 2.1)"},
		{"the domain was sold", "203.0.113.5", nil, "0 of [], 0 asked, list l.example: it answers 203.0.113.5; no list answers so: it may have ended, or the name servers answer instead of it"},
		{"rubbish and a hit", "203.0.113.5 127.0.0.2", nil, "1 of [{l.example 127.0.0.2  1}], 1 asked"},
		{"it does not answer", "fails", nil, "0 of [], 0 asked, list l.example: look up A of 1.2.0.192.l.example: no answer in time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := told(t, map[string]string{"l.example": c.answers})
			l := CheckLists(context.Background(), f, AskedIP(netip.MustParseAddr("192.0.2.1")), []List{{"l.example", 1, c.codes}}, 0)
			if got := listingText(l); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func listingText(l Listing) string {
	text := fmt.Sprintf("%v of %v, %d asked", l.Score, l.Hits, l.Asked)
	for _, err := range l.Errs {
		text += ", " + err.Error()
	}
	return text
}

func TestSeveralLists(t *testing.T) {
	f := told(t, map[string]string{"a.example": "127.0.0.2", "b.example": "", "c.example": "127.0.0.4", "good.example": "127.0.0.2", "d.example": "fails"})
	lists := []List{{"a.example", 2, nil}, {"b.example", 4, nil}, {"c.example", 1.5, nil}, {"good.example", -3, nil}, {"d.example", 1, nil}}
	l := CheckLists(context.Background(), f, AskedIP(netip.MustParseAddr("192.0.2.1")), lists, 0)
	if got := listingText(l); got != "0.5 of [{a.example 127.0.0.2  2} {c.example 127.0.0.4  1.5} {good.example 127.0.0.2  -3}], 4 asked, list d.example: look up A of 1.2.0.192.d.example: no answer in time" {
		t.Error(got)
	}
}

// The first hit is enough: nobody waits for a list that does not answer.
func TestFirstHitEnds(t *testing.T) {
	s := startServer(t)
	rr, _ := wire.NewRR("1.2.0.192.fast.example. 60 A 127.0.0.2")
	s.records = append(s.records, rr)
	s.does("1.2.0.192.slow.example", func(wire.ResponseWriter, *wire.Msg) {})
	r := resolver(t, nil, s) // which would wait for seconds; the test of the whole binary would time out
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l := CheckLists(ctx, r, AskedIP(netip.MustParseAddr("192.0.2.1")), []List{{"slow.example", 1, nil}, {"fast.example", 1, nil}}, 1)
	if got := listingText(l); got != "1 of [{fast.example 127.0.0.2  1}], 1 asked" {
		t.Error(got)
	}
}

func TestListedDomains(t *testing.T) {
	f := NewFake()
	if err := f.Set("xn--bcher-kva.example.dbl.example", A, Record{Value: "127.0.1.2"}); err != nil {
		t.Fatal(err)
	}
	lists := []List{{"dbl.example", 1, nil}}
	for domain, hits := range map[string]int{"bücher.example": 1, "BÜCHER.example.": 1, "example.com": 0, strings.Repeat("a.", 125) + "a": 0} {
		what, err := AskedDomain(domain)
		if err != nil {
			t.Fatal(err)
		}
		if l := CheckLists(context.Background(), f, what, lists, 1); len(l.Hits) != hits || l.Asked != 1 {
			t.Errorf("%.30s: %s", domain, listingText(l))
		}
	}
	if _, err := AskedDomain("no domain"); err == nil {
		t.Error("a domain with a blank in it was taken")
	}
	six := AskedIP(netip.MustParseAddr("2001:db8::1"))
	if six.prefix != "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2" {
		t.Error(six)
	}
}

func TestCheckCode(t *testing.T) {
	for code, fine := range map[string]bool{"127.0.0.2": true, "127.*.*.*": true, "127.0.*.2": true, "127.0.0": false, "*": false, "1.2.3.4": false, "*.0.0.2": false, "127.0.0.2*": true, "": false, "::1": false} {
		if err := CheckCode(code); (err == nil) != fine {
			t.Errorf("%q: %v", code, err)
		}
	}
}
