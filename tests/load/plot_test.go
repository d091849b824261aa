package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// texts returns what stands in the text elements of an SVG file, which must be well-formed XML.
func texts(t *testing.T, svg []byte) []string {
	t.Helper()
	var all []string
	d := xml.NewDecoder(bytes.NewReader(svg))
	for inText := false; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inText = token.Name.Local == "text"
		case xml.EndElement:
			inText = false
		case xml.CharData:
			if inText {
				all = append(all, string(token))
			}
		}
	}
}

func TestPlot(t *testing.T) {
	p := plot{title: "16 connections, <unix> & TCP", reference: "c", groups: []group{
		{"w1: count", []bar{{"c", 10, 9, 11, 1}, {"luamilter", 12.5, 12, 13, 1.25}, {`"a"&<b>`, 40, 40, 40, 4}}},
		{"w2: unknown", []bar{{"c", 0, 0, 0, 0}}},
	}}
	got := texts(t, p.svg())
	all := "\n" + strings.Join(got, "\n") + "\n"
	for _, want := range []string{
		p.title, "w1: count", "w2: unknown", "luamilter", "12.5 (1.25 x c)", `"a"&<b>`, "40.0 (4.00 x c)", "10.0", "0", "30", "-",
		"CPU us a message; each workload has a scale of its own",
	} {
		if !strings.Contains(all, "\n"+want+"\n") {
			t.Errorf("%q is not in the plot:%s", want, all)
		}
	}
}

func TestRoundsAreDrawn(t *testing.T) {
	b, _, _ := ownBench(t)
	b.filters = b.filters[:1]
	b.plotFile = filepath.Join(t.TempDir(), "load.svg")
	if err := b.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(b.plotFile)
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(texts(t, svg), "\n"); !strings.Contains(all, "4 connections, unix sockets") || !strings.Contains(all, "w1: count the recipients\n") {
		t.Errorf("the plot says\n%s", all)
	}
}
