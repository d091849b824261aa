package main

import (
	"fmt"
	"math"
	"time"

	"luamilter/load"
	"luamilter/load/svg"
)

// Pixels of the plot.
const (
	benchWidth  = 860
	benchHeight = 460
	benchLeft   = 80
	benchRight  = 30
	benchTop    = 90
	benchBottom = 60
)

// latencyPlot draws for each milter how many messages take longer than a time: from half of them to one in a hundred thousand.
func latencyPlot(r *report) []byte {
	const nines = 5
	c := svg.New(benchWidth, benchHeight, "Latency: "+r.shape)
	c.Text(16, 28, "start", `font-size="18" font-weight="bold"`, "Latency of messages")
	c.Text(16, 48, "start", `fill="#555555"`, r.shape)
	most := 0.0
	for _, t := range r.targets {
		total := t.Total()
		most = max(most, millis(total.Latencies.Quantile(1-math.Pow10(-nines))))
	}
	step, ticks := svg.Scale(most)
	y := func(ms float64) int {
		return benchHeight - benchBottom - int(ms/(step*float64(ticks))*(benchHeight-benchTop-benchBottom))
	}
	x := func(share float64) int {
		return benchLeft + int(-math.Log10(1-share)/nines*(benchWidth-benchLeft-benchRight))
	}
	for i := range ticks + 1 {
		v := float64(i) * step
		c.Line(benchLeft, y(v), benchWidth-benchRight, y(v), "#dddddd")
		c.Text(benchLeft-8, y(v)+4, "end", `font-size="11" fill="#555555"`, fmt.Sprintf("%g ms", svg.Round(v)))
	}
	for _, share := range []float64{0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999} {
		c.Line(x(share), benchTop, x(share), benchHeight-benchBottom+4, "#dddddd")
		c.Text(x(share), benchHeight-benchBottom+20, "middle", `font-size="11" fill="#555555"`, fmt.Sprintf("%g %%", svg.Round(share*100)))
	}
	c.Text((benchLeft+benchWidth-benchRight)/2, benchHeight-16, "middle", "", "share of the messages that take no longer")
	for i, t := range r.targets {
		drawLatencies(c, t, svg.Colour(i+1), nines, x, y)
		c.Text(benchLeft+10, benchTop-22+16*i, "start", fmt.Sprintf(`fill="%s" font-weight="bold"`, svg.Colour(i+1)), t.Name)
	}
	return c.End()
}

// drawLatencies draws the curve of one milter, as far as there are messages enough for it.
func drawLatencies(c *svg.Canvas, t *load.Target, colour string, nines float64, x func(float64) int, y func(float64) int) {
	const points = 40 // for each nine
	total := t.Total()
	var curve []svg.Point
	for i := range int(nines)*points + 1 {
		rest := math.Pow(10, -float64(i)/points)
		if rest*float64(total.Latencies.Total()) < 1 {
			break
		}
		curve = append(curve, svg.Point{X: x(1 - rest), Y: y(millis(total.Latencies.Quantile(1 - rest)))})
	}
	c.Curve(curve, colour)
}

func millis(d time.Duration) float64 { return float64(d) / 1e6 }
