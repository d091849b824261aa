package engine

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestCacheFindsOutOnce has several connections want the same at a time: one finds it out, while the others wait for it.
func TestCacheFindsOutOnce(t *testing.T) {
	r := start(t, `
local known = require("cache").new{ ttl = "5m" }
local time = require "time"
function mail(conn, sender)
  local value = known:get("key", function()
    log.info("found out")
    time.sleep(0.1)
    return { conn.id }
  end)
  log.info("has " .. #value)
  return continue
end`)
	var wg sync.WaitGroup
	for range 8 {
		m := r.mta()
		wg.Go(func() {
			if answer := m.do("mail sender@example.com"); answer != "continue" {
				t.Error(answer)
			}
		})
	}
	wg.Wait()
	said := r.said()
	slices.Sort(said)
	equal(t, "log", said, []string{"found out", "has 1", "has 1", "has 1", "has 1", "has 1", "has 1", "has 1", "has 1"})
}

// TestCacheGoesOnAfterAnError has the one that finds it out fail: the others find it out themselves.
func TestCacheGoesOnAfterAnError(t *testing.T) {
	r := start(t, `
local known = require("cache").new{ ttl = "5m" }
local time = require "time"
function mail(conn, sender)
  return reject(known:get("key", function()
    time.sleep(0.1)
    if sender == "bad@example.com" then error("no luck") end
    return "good"
  end))
end`)
	bad, good := r.mta(), r.mta()
	var wg sync.WaitGroup
	wg.Go(func() {
		if answer := bad.do("mail bad@example.com"); !strings.HasPrefix(answer, "tempfail") && answer != "reject 550 5.7.1 good" {
			t.Error(answer)
		}
	})
	wg.Go(func() {
		if answer := good.do("mail good@example.com"); answer != "reject 550 5.7.1 good" {
			t.Error(answer)
		}
	})
	wg.Wait()
}
