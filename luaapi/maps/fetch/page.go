package fetch

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// MaxSize is how long a list may be, in bytes.
const MaxSize = 1 << 30

// Page is a list on a web server. It is not for several goroutines at once.
type Page struct {
	URL    string
	Folder string // where its copy is kept; "" for nowhere
	Client *http.Client

	tag, modified string // what the server said of the list that was read last
}

// Get returns the list, and whether it is another one than at the last call.
func (p *Page) Get(ctx context.Context) (text string, changed bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL, nil)
	if err != nil {
		return "", false, err
	}
	r.Header.Set("User-Agent", "luamilter")
	if p.tag != "" {
		r.Header.Set("If-None-Match", p.tag)
	}
	if p.modified != "" {
		r.Header.Set("If-Modified-Since", p.modified)
	}
	answer, err := p.Client.Do(r)
	if err != nil {
		return "", false, withoutURL(err)
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusNotModified:
		return "", false, nil
	case http.StatusOK:
	default:
		return "", false, fmt.Errorf("the server says %s", answer.Status)
	}
	if text, err = readAll(answer.Body); err != nil {
		return "", false, err
	}
	p.tag, p.modified = answer.Header.Get("ETag"), answer.Header.Get("Last-Modified")
	return text, true, nil
}

// Forget has the next Get read the list whatever the server says: what was read was not good.
func (p *Page) Forget() { p.tag, p.modified = "", "" }

// withoutURL takes the URL, which may have a password in it, out of an error.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

func readAll(r io.Reader) (string, error) {
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(r, MaxSize+1))
	if err != nil {
		return "", err
	}
	if n > MaxSize {
		return "", fmt.Errorf("the list is longer than %d MiB", MaxSize>>20)
	}
	return b.String(), nil
}

// copyPath is where the copy is. The name tells nothing of the URL.
func (p *Page) copyPath() string {
	return filepath.Join(p.Folder, fmt.Sprintf("map-%x", sha256.Sum256([]byte(p.URL)))[:36])
}

// Copy returns the copy and when it was written; "" if there is none.
func (p *Page) Copy() (text string, written time.Time, err error) {
	if p.Folder == "" {
		return "", time.Time{}, nil
	}
	f, err := os.Open(p.copyPath())
	if errors.Is(err, fs.ErrNotExist) {
		return "", time.Time{}, nil
	}
	if err != nil {
		return "", time.Time{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", time.Time{}, err
	}
	r := bufio.NewReader(f)
	p.tag, _ = r.ReadString('\n')
	p.modified, _ = r.ReadString('\n')
	p.tag, p.modified = strings.TrimSpace(p.tag), strings.TrimSpace(p.modified)
	text, err = readAll(r)
	return text, info.ModTime(), err
}

// Keep writes the copy: what the server said of the list, each in a line, and the list. It takes the place of the old one at once.
func (p *Page) Keep(text string) error {
	if p.Folder == "" {
		return nil
	}
	f, err := os.CreateTemp(p.Folder, ".map-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = io.Copy(f, io.MultiReader(strings.NewReader(p.tag+"\n"+p.modified+"\n"), strings.NewReader(text)))
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), p.copyPath())
}
