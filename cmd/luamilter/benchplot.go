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
	benchRight  = 40
	benchTop    = 90
	benchBottom = 60
)

// latencyPlot draws for each milter how many messages take longer than a time: from half of them to one in a hundred thousand.
func latencyPlot(r *report) []byte {
	const nines = 5
	c := svg.New(benchWidth, benchHeight, "Latency: "+r.shape)
	c.Text(16, 28, "start", `font-size="18" font-weight="bold"`, "Latency of messages")
	c.Text(16, 48, "start", `fill="#555555"`, r.shape)
	low, high := decades(r)
	y := func(d time.Duration) int {
		return benchHeight - benchBottom - int((math.Log10(max(1, float64(d)))-float64(low))/float64(high-low)*(benchHeight-benchTop-benchBottom))
	}
	x := func(share float64) int {
		return benchLeft + int(-math.Log10(1-share)/nines*(benchWidth-benchLeft-benchRight))
	}
	for exponent := low; exponent <= high; exponent++ {
		d := time.Duration(math.Pow10(exponent))
		c.Line(benchLeft, y(d), benchWidth-benchRight, y(d), "#dddddd")
		c.Text(benchLeft-8, y(d)+4, "end", `font-size="11" fill="#555555"`, d.String())
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

// decades returns the powers of ten, in nanoseconds, between which all latencies are.
func decades(r *report) (low, high int) {
	low, high = 9, 1
	for _, t := range r.targets {
		total := t.Total()
		low = min(low, int(math.Floor(math.Log10(max(1, float64(total.Latencies.Quantile(0)))))))
		high = max(high, int(math.Ceil(math.Log10(max(1, float64(total.Latencies.Quantile(1)))))))
	}
	return min(low, high-1), high
}

// drawLatencies draws the curve of one milter, as far as there are messages enough for it.
func drawLatencies(c *svg.Canvas, t *load.Target, colour string, nines float64, x func(float64) int, y func(time.Duration) int) {
	const points = 40 // for each nine
	total := t.Total()
	var curve []svg.Point
	for i := range int(nines)*points + 1 {
		rest := math.Pow(10, -float64(i)/points)
		if rest*float64(total.Latencies.Total()) < 1 {
			break
		}
		curve = append(curve, svg.Point{X: x(1 - rest), Y: y(total.Latencies.Quantile(1 - rest))})
	}
	c.Curve(curve, colour)
}
