package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// largestFile is how many bytes of a configuration are read: far more than anybody writes.
const largestFile = 1 << 20

// Load reads a file over the defaults. What is wrong with its content is returned as Errors, all at once, or the one mistake of syntax
// because of which nothing more can be told.
func Load(file string) (*Config, error) {
	text, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	whole, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("find the folder of %s: %w", file, err)
	}
	return parse(file, filepath.Dir(whole), text)
}

func read(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, largestFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > largestFile {
		return nil, fmt.Errorf("%s has more than %d bytes, it cannot be a configuration", file, largestFile)
	}
	return text, nil
}

// parse reads the text of a file. Relative paths begin at folder.
func parse(file, folder string, text []byte) (*Config, error) {
	var document map[string]any
	if err := toml.Unmarshal(text, &document); err != nil {
		return nil, syntaxError(file, text, err)
	}
	d := &reading{config: Default(), file: file, folder: folder, places: findPlaces(text)}
	d.config.file = file
	d.top(document)
	if err := d.errs.orNil(); err != nil {
		return nil, err
	}
	return d.config, nil
}

// reading is a file on its way into a configuration.
type reading struct {
	config *Config
	file   string
	folder string
	places *places
	errs   Errors
}

// at returns where a key is.
func (d *reading) at(p path) source {
	name := p.String()
	return source{origin: origin{name: d.file, line: d.places.keys[name]}, elements: d.places.elements[name], folder: d.folder}
}

func (d *reading) fail(p path, format string, args ...any) {
	d.errs = append(d.errs, fault(d.at(p).origin, p.String(), format, args...))
}

// top goes over the keys and tables at the top.
func (d *reading) top(values map[string]any) {
	for name, value := range values {
		p := path{name}
		if !isTable(name) {
			d.key(p, value)
			continue
		}
		inner, ok := value.(map[string]any)
		switch {
		case !ok && isWild(name):
			d.fail(p, "want a table [%s.NAME], got %s", name, typeName(value))
		case !ok:
			d.fail(p, "want a table [%s], got %s", name, typeName(value))
		case isWild(name):
			d.named(p, inner)
		default:
			d.section(p, inner)
		}
	}
}

// section goes over the keys of a table that holds keys.
func (d *reading) section(p path, values map[string]any) {
	for name, value := range values {
		d.key(p.with(name), value)
	}
}

// named goes over the tables of [listener] or [script].
func (d *reading) named(p path, values map[string]any) {
	for name, value := range values {
		inner, ok := value.(map[string]any)
		switch {
		case !ok:
			d.fail(p.with(name), "want a table [%s.NAME] with this in it, got %s", p[0], typeName(value))
		case p[0] == tableScript:
			d.config.script(name)
			d.section(p.with(name), inner)
		default:
			if problem := checkName(name); problem != "" {
				d.fail(p.with(name), "%s", problem)
				continue
			}
			d.config.listener(name)
			d.section(p.with(name), inner)
		}
		d.config.origins[p.with(name).String()] = d.at(p.with(name)).origin
	}
}

// key takes one key. What is reserved for no other purpose in [script.NAME] is a setting of the script.
func (d *reading) key(p path, value any) {
	e, instance := find(p)
	switch {
	case e != nil:
		d.errs = append(d.errs, d.config.assign(e, instance, value, d.at(p))...)
	case p[0] == tableScript && len(p) == 3:
		d.setting(p, value)
	default:
		d.fail(p, "%s", unknownKey(p))
	}
}

// setting keeps a setting of a script as it is, because only the script knows what it wants.
func (d *reading) setting(p path, value any) {
	if holdsDate(value) {
		d.fail(p, "a script cannot get a date or time; write it as a string in quotes")
		return
	}
	from := d.at(p).origin
	d.config.script(p[1]).settings[p[2]] = Setting{Value: value, Line: from.line}
	d.config.origins[p.String()] = from
}

// holdsDate reports whether a value is a date or time, or has one in it.
func holdsDate(value any) bool {
	switch v := value.(type) {
	case string, int64, float64, bool:
		return false
	case []any:
		for _, element := range v {
			if holdsDate(element) {
				return true
			}
		}
		return false
	case map[string]any:
		for _, element := range v {
			if holdsDate(element) {
				return true
			}
		}
		return false
	}
	return true
}

// checkName checks the name of a listener, which stands in logs and metrics.
func checkName(name string) (problem string) {
	switch {
	case name == defaultListener:
		return `the listener "default" is the listen and scripts at the top of the file; choose another name`
	case name == "" || strings.Contains(bareOrQuoted(name), `"`):
		return "the name of a listener is made of letters, digits, - and _"
	}
	return ""
}
