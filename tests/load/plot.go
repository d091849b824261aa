package main

import (
	"fmt"
	"math"
	"os"

	"luamilter/load/svg"
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
	c := &canvas{svg.New(plotWidth, height, "CPU time a message: "+p.title), p.colours()}
	c.Text(16, 28, "start", `font-size="18" font-weight="bold"`, "CPU time a message")
	c.Text(16, 50, "start", `fill="#555555"`, p.title)
	y := plotTop
	for _, g := range p.groups {
		c.group(g, y, p.reference)
		y += g.height()
	}
	c.Text((plotLeft+plotWidth-plotRight)/2, y+4, "middle", "", "CPU us a message; each workload has a scale of its own")
	return c.End()
}

func (g group) height() int { return groupHead + len(g.bars)*barPitch + groupFoot }

// colours gives each filter the colour that it has in all groups.
func (p *plot) colours() map[string]string {
	all := map[string]string{}
	for _, g := range p.groups {
		for _, b := range g.bars {
			if all[b.filter] == "" {
				all[b.filter] = svg.Colour(len(all))
			}
		}
	}
	return all
}

// canvas is SVG that is being written.
type canvas struct {
	*svg.Canvas
	colours map[string]string // by filter
}

// group draws a workload whose upper edge is at y.
func (c *canvas) group(g group, y int, reference string) {
	c.Text(16, y+14, "start", `font-weight="bold"`, g.what)
	y += groupHead
	bottom := y + len(g.bars)*barPitch
	step, ticks := svg.Scale(g.most())
	at := func(v float64) int { // where a value is
		return plotLeft + int(math.Round(v/(step*float64(ticks))*(plotWidth-plotLeft-plotRight)))
	}
	for i := range ticks + 1 {
		v := float64(i) * step
		c.Line(at(v), y, at(v), bottom+4, "#dddddd")
		c.Text(at(v), bottom+18, "middle", `font-size="11" fill="#555555"`, fmt.Sprintf("%g", svg.Round(v)))
	}
	for i, b := range g.bars {
		c.bar(b, y+i*barPitch+(barPitch-barHeight)/2, at, reference)
	}
	c.Line(plotLeft, y, plotLeft, bottom+4, "#333333")
}

// bar draws a filter, with a thin line for its range.
func (c *canvas) bar(b bar, y int, at func(float64) int, reference string) {
	middle := y + barHeight/2
	c.Text(plotLeft-8, middle+5, "end", "", b.filter)
	c.Print(`<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", plotLeft, y, at(b.cpu)-plotLeft, barHeight, c.colours[b.filter])
	c.Line(at(b.least), middle, at(b.most), middle, "#000000")
	label := known(b.cpu)
	if b.ratio > 0 && b.filter != reference {
		label += fmt.Sprintf(" (%.2f x %s)", b.ratio, reference)
	}
	c.Text(max(at(b.cpu), at(b.most))+6, middle+5, "start", "", label)
}

// most returns the largest value of a group.
func (g group) most() float64 {
	most := 0.0
	for _, b := range g.bars {
		most = max(most, b.cpu, b.most)
	}
	return most
}
