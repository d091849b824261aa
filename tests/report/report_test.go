// Package report opens the page of luamilter replay --html in a browser and uses it as people do.
package report

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// script has something for every part of the page.
const script = `local http = require "http"

function mail(conn, sender)
  if sender == "spam@example.org" then
    return reject("5.7.1", "not <b>you</b>")
  end
end

function eom(conn, msg)
  local subject = msg:header("Subject") or ""
  if subject:find("raise") then
    local nothing
    msg:add_header("X-Never", nothing.x)
  end
  if subject:find("change") then
    msg:add_header("X-Seen", subject)
    http.get("https://example.com/?<b>" .. subject)
    msg:replace_body(tostring(msg.body) .. "<script>window.hacked = 1</" .. "script>\r\n")
  end
end
`

// hostile are subjects that would do harm if they were markup, or deceive.
var hostile = []string{
	`<script>window.hacked = 1</script> change`,
	`</script><script>window.hacked = 1</script> change`,
	`<img src=x onerror="window.hacked = 1"> change`,
	`"'><svg onload=window.hacked=1> change`,
	"\u202egpj.exe change",
	"\xff change \x00NUL",
	`<!--<script> change`,
	"change " + strings.Repeat("long", 12_000),
}

// messages is how many there are: as many as the page must take without freezing.
const messages = 10_000

// writePage plays messages and returns where the page is.
func writePage(t *testing.T) string {
	t.Helper()
	luamilter := mta.Luamilter(t)
	dir := mta.Dir(t)
	mail := filepath.Join(dir, "mail")
	if err := os.Mkdir(mail, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i := range messages {
		sender, subject := fmt.Sprintf("a%d@example.org", i%90), fmt.Sprintf("number %d", i)
		switch {
		case i < len(hostile):
			subject = hostile[i]
		case i%10 == 1:
			sender = "spam@example.org"
		case i%100 == 2:
			subject = fmt.Sprintf("raise %d", i)
		case i%20 == 3:
			subject = fmt.Sprintf("change %d", i)
		}
		body := strings.Repeat("<i>a line</i>\n", 1+i*i%97)
		write(filepath.Join(mail, fmt.Sprintf("%05d.eml", i)), "Return-Path: <"+sender+">\nFrom: "+sender+"\nTo: b@example.net\nSubject: "+subject+"\n\n"+body)
	}
	write(filepath.Join(dir, "filter.lua"), script)
	page := filepath.Join(dir, "report.html")
	cmd := exec.Command(luamilter, "replay", "-s", "filter.lua", "--html", page, "mail")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != 1 { // errors are meant to be in it
		t.Fatalf("%v\n%s", err, out)
	}
	return page
}

// browser is a page that is open in Chromium.
type browser struct {
	t        *testing.T
	ctx      context.Context
	mu       sync.Mutex
	problems []string // what the console said, and what was asked of the network
}

// open starts Chromium with a page. It ends with the test.
func open(t *testing.T, chromium, page string) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.WindowSize(1300, 1500),
		chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	b := &browser{t: t}
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(b.listen))
	t.Cleanup(cancel)
	b.ctx = ctx
	b.do(chromedp.Navigate("file://"+page), chromedp.WaitVisible(chromedp.CSS("#row0")))
	return b
}

// listen notes whatever should not be.
func (b *browser) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, fmt.Sprint(ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		b.problems = append(b.problems, fmt.Sprintf("console.%s", ev.Type))
	case *log.EventEntryAdded:
		b.problems = append(b.problems, ev.Entry.Text)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(ev.Request.URL, "file://") || !strings.HasSuffix(ev.Request.URL, "report.html") {
			b.problems = append(b.problems, "asks for "+ev.Request.URL)
		}
	}
}

// do does things one after the other.
func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// value returns what an expression of JavaScript is.
func value[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// is fails the test if an expression is not what it should be.
func is[T comparable](b *browser, expression string, want T) {
	b.t.Helper()
	if got := value[T](b, expression); got != want {
		b.t.Errorf("%s is %v, not %v", expression, got, want)
	}
}

const (
	count = `document.getElementById("count").value`
	first = `document.querySelector("[aria-selected=true]").children[1].textContent`
	title = `document.getElementById("detail-title").textContent`
	drawn = `document.querySelectorAll(".row").length`
)

func TestPage(t *testing.T) {
	chromium := mta.NeedProgram(t, "chromium")
	b := open(t, chromium, writePage(t))

	// Only rows in view are there, wherever that is.
	is(b, count, "10,000 of 10,000")
	is(b, drawn+" < 60", true)
	b.do(chromedp.Focus(chromedp.CSS("#view")), chromedp.KeyEvent(kb.End), chromedp.WaitVisible(chromedp.CSS("#row9999")))
	is(b, first, "mail/09999.eml")
	is(b, drawn+" < 60", true)
	b.do(chromedp.KeyEvent(kb.Home), chromedp.WaitVisible(chromedp.CSS("#row0")))

	// Delivered mail is either unchanged or changed; lookups show.
	is(b, `document.querySelector(".tile.unchanged").textContent`, "8,395unchanged")
	is(b, `document.querySelector(".tile.changed").textContent`, "507changed")
	is(b, `document.getElementById("asked").textContent`, "507 http, nobody was asked")

	// Find and show.
	is(b, `document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true, cancelable: true })) || document.activeElement.id`, "find")
	b.do(chromedp.KeyEvent("number 123"))
	is(b, count, "10 of 10,000") // 123 is changed
	for range "number 123" {
		b.do(chromedp.KeyEvent(kb.Backspace))
	}
	is(b, count, "10,000 of 10,000")
	b.do(chromedp.Focus(chromedp.CSS("#state")), chromedp.KeyEvent("rejected"))
	is(b, count, "999 of 10,000")
	is(b, `[...document.querySelectorAll(".row .state")].every((e) => e.textContent === "rejected")`, true)
	b.do(chromedp.Click(chromedp.CSS(".tile.errors")))
	is(b, count, "99 of 10,000")
	b.do(chromedp.Focus(chromedp.CSS("#find")), chromedp.KeyEvent("no such message"), chromedp.WaitVisible(chromedp.CSS("#none")), chromedp.Click(chromedp.CSS("#clear")), chromedp.WaitVisible(chromedp.CSS("#row0")))
	is(b, count, "10,000 of 10,000")

	// Sort: the largest first, then the smallest.
	const size = chromedp.CSS(`#head > :nth-child(5) button`)
	b.do(chromedp.Click(size))
	is(b, `document.querySelector("[aria-sort]").getAttribute("aria-sort")`, "descending")
	is(b, first, "mail/00007.eml")
	is(b, `shown.every((r, i) => !i || shown[i - 1].size >= r.size)`, true)
	b.do(chromedp.Click(size))
	is(b, `shown.every((r, i) => !i || shown[i - 1].size <= r.size)`, true)
	b.do(chromedp.Click(chromedp.CSS(`#head > :nth-child(2) button`)))
	is(b, first, "mail/00000.eml")

	// Open a message with the keyboard, and go on to the next: nothing hostile is markup.
	b.do(chromedp.Focus(chromedp.CSS("#view")), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("#detail[open]")))
	for i := range hostile {
		is(b, title, fmt.Sprintf("mail/%05d.eml", i))
		is(b, `document.querySelectorAll("#detail .plus").length >= 2`, true)
		is(b, `document.getElementById("detail-text").textContent.includes("askedhttp GET https://example.com/?<b>")`, true)
		is(b, `document.querySelectorAll("#detail-text :is(script, img, svg, i, b)").length`, 0)
		b.do(chromedp.KeyEvent("j"))
	}
	is(b, `shown[0].subject`, hostile[0])
	is(b, `shown[5].subject`, "ÿ change")
	is(b, `shown[4].subject`, `\u{202E}gpj.exe change`)
	is(b, `document.getElementById("detail-text").textContent.includes("<i>a line</i>")`, false) // the 9th is not changed
	is(b, `typeof window.hacked`, "undefined")
	b.do(chromedp.KeyEvent("k"))
	is(b, `document.getElementById("detail-text").scrollWidth <= document.getElementById("detail-text").clientWidth`, true)
	b.do(chromedp.KeyEvent("k"), chromedp.KeyEvent("k"), chromedp.KeyEvent("k"), chromedp.KeyEvent("k"), chromedp.KeyEvent("k"))
	b.looks("detail-light")
	b.do(chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible(chromedp.CSS("#detail")))
	is(b, `document.activeElement.id`, "view")

	b.looks("light")
	dark := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, dark); err != nil {
		t.Fatal(err)
	}
	is(b, `getComputedStyle(document.body).backgroundColor`, "rgb(18, 21, 27)")
	b.looks("dark")
	b.do(chromedp.EmulateViewport(420, 900))
	is(b, `document.documentElement.scrollWidth <= 420`, true)
	b.looks("narrow")

	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		t.Errorf("the page: %s", p)
	}
}

// looks takes a screenshot, and fails the test if it is blank. With LUAMILTER_TESTS_KEEP=DIR it stays there.
func (b *browser) looks(name string) {
	b.t.Helper()
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	picture, _, err := image.Decode(bytes.NewReader(shot))
	if err != nil {
		b.t.Fatal(err)
	}
	colours := map[[3]uint32]int{}
	size := picture.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y += 3 {
		for x := size.Min.X; x < size.Max.X; x += 3 {
			red, green, blue, _ := picture.At(x, y).RGBA()
			colours[[3]uint32{red, green, blue}]++
		}
	}
	if len(colours) < 50 {
		b.t.Errorf("the screenshot %s has %d colours: is it blank?", name, len(colours))
	}
	dir := os.Getenv("LUAMILTER_TESTS_KEEP")
	if dir == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), shot, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
