package luatest

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// WriteJUnit writes what became of the tests as XML that build servers read: a suite for each file.
func WriteJUnit(w io.Writer, files []File) error {
	var all junitAll
	for _, f := range files {
		all.Suites = append(all.Suites, suiteOf(&f))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	if err := out.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type junitAll struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string       `xml:"name,attr"`
	Class   string       `xml:"classname,attr"`
	File    string       `xml:"file,attr"`
	Line    int          `xml:"line,attr,omitempty"`
	Time    string       `xml:"time,attr"`
	Failure *junitReason `xml:"failure"`
	Error   *junitReason `xml:"error"`
	Skipped *junitReason `xml:"skipped"`
}

type junitReason struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func suiteOf(f *File) junitSuite {
	s := junitSuite{Name: f.Path, Time: seconds(f.Took)}
	if f.Err != nil {
		s.Tests, s.Errors = 1, 1
		s.Cases = []junitCase{{Name: "load", Class: f.Path, File: f.Path, Time: seconds(f.Took), Error: reason(f.Err.Error(), detail(f.Err))}}
		return s
	}
	for i := range f.Tests {
		t := &f.Tests[i]
		c := junitCase{Name: plainText(t.Name), Class: f.Path, File: t.Path, Line: t.Line, Time: seconds(t.Took)}
		switch t.State {
		case Failed:
			s.Failures++
			c.Failure = reason(t.Err.Error(), t.Explanation())
		case Pending:
			s.Skipped++
			c.Skipped = reason(t.Why, "")
		}
		s.Tests++
		s.Cases = append(s.Cases, c)
	}
	return s
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }

func reason(message, text string) *junitReason {
	return &junitReason{plainText(message), plainText(text)}
}

// plainText leaves out what XML cannot hold.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return '?'
		}
		return r
	}, s)
}
