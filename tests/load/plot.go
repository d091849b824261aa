package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"os"
)

// plot is a picture of the CPU time a message.
type plot struct {
	title     string // how it was measured
	reference string // the filter that ratios are to; "" for none
	groups    []group
}

// group is a workload in the plot. It has a scale of its own, since workloads differ by more than filters.
type group struct {
	what string
	bars []bar
}

// bar is a filter in a workload.
type bar struct {
	filter           string
	cpu, least, most float64 // microseconds a message
	ratio            float64 // to the reference, 0 if there is none
}

// Pixels.
const (
	plotWidth  = 860
	plotLeft   = 130 // room for the names
	plotRight  = 190 // room for what stands at a bar
	plotTop    = 74  // room for the title
	barHeight  = 18
	barPitch   = 24
	groupHead  = 26 // for its name
	groupFoot  = 40 // for its axis
	axisBottom = 20 // for what the axes are of
)

// Colours that people tell apart also if they see few.
var palette = []string{"#7f7f7f", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9"}

// save writes the plot into a file.
func (p *plot) save(path string) error {
	if err := os.WriteFile(path, p.svg(), 0o644); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	return nil
}

// svg returns the plot as a file of its own.
func (p *plot) svg() []byte {
	height := plotTop + axisBottom
	for _, g := range p.groups {
		height += g.height()
	}
	c := &canvas{colours: p.colours()}
	c.print(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="sans-serif" font-size="13">`+"\n", plotWidth, height)
	c.print(`<title>CPU time a message: %s</title>`+"\n", escape(p.title))
	c.print(`<rect width="100%%" height="100%%" fill="#ffffff"/>` + "\n")
	c.text(16, 28, "start", `font-size="18" font-weight="bold"`, "CPU time a message")
	c.text(16, 50, "start", `fill="#555555"`, p.title)
	y := plotTop
	for _, g := range p.groups {
		c.group(g, y, p.reference)
		y += g.height()
	}
	c.text((plotLeft+plotWidth-plotRight)/2, y+4, "middle", "", "CPU us a message; each workload has a scale of its own")
	c.print("</svg>\n")
	return c.Bytes()
}

func (g group) height() int { return groupHead + len(g.bars)*barPitch + groupFoot }

// colours gives each filter the colour that it has in all groups.
func (p *plot) colours() map[string]string {
	all := map[string]string{}
	for _, g := range p.groups {
		for _, b := range g.bars {
			if all[b.filter] == "" {
				all[b.filter] = palette[len(all)%len(palette)]
			}
		}
	}
	return all
}

// canvas is SVG that is being written.
type canvas struct {
	bytes.Buffer
	colours map[string]string // by filter
}

func (c *canvas) print(format string, args ...any) { fmt.Fprintf(c, format, args...) }

// text writes a text; anchor is "start", "middle" or "end", the point where x is.
func (c *canvas) text(x, y int, anchor, style, text string) {
	c.print(`<text x="%d" y="%d" text-anchor="%s" %s>%s</text>`+"\n", x, y, anchor, style, escape(text))
}

func (c *canvas) line(x1, y1, x2, y2 int, colour string) {
	c.print(`<path d="M%d %dL%d %d" stroke="%s"/>`+"\n", x1, y1, x2, y2, colour)
}

// escape makes a text fit between tags.
func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a buffer takes everything
	return b.String()
}

// group draws a workload whose upper edge is at y.
func (c *canvas) group(g group, y int, reference string) {
	c.text(16, y+14, "start", `font-weight="bold"`, g.what)
	y += groupHead
	bottom := y + len(g.bars)*barPitch
	step, ticks := scale(g.most())
	at := func(v float64) int { // where a value is
		return plotLeft + int(math.Round(v/(step*float64(ticks))*(plotWidth-plotLeft-plotRight)))
	}
	for i := range ticks + 1 {
		v := float64(i) * step
		c.line(at(v), y, at(v), bottom+4, "#dddddd")
		c.text(at(v), bottom+18, "middle", `font-size="11" fill="#555555"`, fmt.Sprintf("%g", round(v)))
	}
	for i, b := range g.bars {
		c.bar(b, y+i*barPitch+(barPitch-barHeight)/2, at, reference)
	}
	c.line(plotLeft, y, plotLeft, bottom+4, "#333333")
}

// bar draws a filter, with a thin line for its range.
func (c *canvas) bar(b bar, y int, at func(float64) int, reference string) {
	middle := y + barHeight/2
	c.text(plotLeft-8, middle+5, "end", "", b.filter)
	c.print(`<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", plotLeft, y, at(b.cpu)-plotLeft, barHeight, c.colours[b.filter])
	c.line(at(b.least), middle, at(b.most), middle, "#000000")
	label := known(b.cpu)
	if b.ratio > 0 && b.filter != reference {
		label += fmt.Sprintf(" (%.2f x %s)", b.ratio, reference)
	}
	c.text(max(at(b.cpu), at(b.most))+6, middle+5, "start", "", label)
}

// most returns the largest value of a group.
func (g group) most() float64 {
	most := 0.0
	for _, b := range g.bars {
		most = max(most, b.cpu, b.most)
	}
	return most
}

// scale chooses the ticks of an axis: a round step, and how many of it hold the largest value.
func scale(most float64) (step float64, ticks int) {
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

// round takes away what binary fractions add to a tick.
func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }
