// Package svg draws plots: texts, lines, and axes with round numbers.
package svg

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
)

// Canvas is a picture that is being drawn. Lengths are in pixels, from the upper left corner.
type Canvas struct{ bytes.Buffer }

// New returns a white canvas with a title.
func New(width, height int, title string) *Canvas {
	c := &Canvas{}
	c.Print(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="sans-serif" font-size="13">`+"\n", width, height)
	c.Print(`<title>%s</title>`+"\n", escape(title))
	c.Print(`<rect width="100%%" height="100%%" fill="#ffffff"/>` + "\n")
	return c
}

// End completes the picture and returns it as the content of a file.
func (c *Canvas) End() []byte {
	c.Print("</svg>\n")
	return c.Bytes()
}

// Print writes SVG.
func (c *Canvas) Print(format string, args ...any) { fmt.Fprintf(c, format, args...) }

// Text writes a text; anchor is "start", "middle" or "end", the point where x is.
func (c *Canvas) Text(x, y int, anchor, style, text string) {
	c.Print(`<text x="%d" y="%d" text-anchor="%s" %s>%s</text>`+"\n", x, y, anchor, style, escape(text))
}

// Line draws a line.
func (c *Canvas) Line(x1, y1, x2, y2 int, colour string) {
	c.Print(`<path d="M%d %dL%d %d" stroke="%s"/>`+"\n", x1, y1, x2, y2, colour)
}

// Point is a place on a canvas.
type Point struct{ X, Y int }

// Curve draws lines from point to point.
func (c *Canvas) Curve(points []Point, colour string) {
	c.Print(`<path fill="none" stroke-width="2" stroke="%s" d="`, colour)
	letter := 'M'
	for _, p := range points {
		c.Print("%c%d %d", letter, p.X, p.Y)
		letter = 'L'
	}
	c.Print(`"/>` + "\n")
}

// escape makes a text fit between tags.
func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes everything
	return b.String()
}

// Colour returns the i-th of some colours that people tell apart also if they see few.
func Colour(i int) string {
	palette := [...]string{"#7f7f7f", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9"}
	return palette[i%len(palette)]
}

// Scale chooses the ticks of an axis: a round step, and how many of it hold the largest value.
func Scale(most float64) (step float64, ticks int) {
	if most <= 0 {
		return 1, 1
	}
	const atMost = 6
	power := math.Pow(10, math.Floor(math.Log10(most/atMost)))
	for _, factor := range []float64{1, 2, 5, 10} {
		step = factor * power
		if ticks = int(math.Ceil(most/step - 1e-9)); ticks <= atMost {
			break
		}
	}
	return step, ticks
}

// Round takes away what binary fractions add to a tick.
func Round(v float64) float64 { return math.Round(v*1e6) / 1e6 }
