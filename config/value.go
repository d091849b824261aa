package config

import (
	"encoding"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"luamilter/luaapi/lint"
)

// source is where a value is being read from.
type source struct {
	origin
	elements []int  // the lines of a list's elements
	folder   string // that relative paths begin at
}

// element returns where an element of a list is.
func (s source) element(i int) origin {
	if i < len(s.elements) {
		return origin{name: s.name, line: s.elements[i]}
	}
	return s.origin
}

// fromTexts turns what a flag says into what a file would say.
func (e *entry) fromTexts(c *Config, instance string, texts []string) (value any, problem string) {
	field := e.field(c, instance)
	if _, isList := field.(*[]item); isList {
		list := []any{}
		for _, text := range texts {
			list = append(list, text)
		}
		return list, ""
	}
	text := ""
	if len(texts) > 1 {
		return nil, fmt.Sprintf("it takes one value, not %d", len(texts))
	}
	if len(texts) == 1 {
		text = texts[0]
	}
	switch field.(type) {
	case *bool:
		if text != "true" && text != "false" {
			return nil, fmt.Sprintf("%q is none of true, false", text)
		}
		return text == "true", ""
	case *int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Sprintf("%q is no integer", text)
		}
		return n, ""
	}
	return text, ""
}

// assign sets a key of the configuration, or returns all that is wrong with the value.
func (c *Config) assign(e *entry, instance string, value any, from source) Errors {
	key := e.path(instance).String()
	field := e.field(c, instance)
	if list, isList := field.(*[]item); isList {
		items, errs := e.items(key, value, from)
		if len(errs) == 0 {
			*list = items
			c.origins[key] = from.origin
		}
		return errs
	}
	if problem := e.store(field, value); problem != "" {
		return Errors{fault(from.origin, key, "%s", problem)}
	}
	c.origins[key] = from.origin
	return nil
}

// items checks a list of strings.
func (e *entry) items(key string, value any, from source) ([]item, Errors) {
	list, ok := value.([]any)
	if !ok {
		return nil, Errors{fault(from.origin, key, "%s", e.unfit(value))}
	}
	var items []item
	var errs Errors
	for i, v := range list {
		at := from.element(i)
		text, ok := v.(string)
		if !ok {
			errs = append(errs, fault(at, key, "%s in the list", e.unfit(v)))
			continue
		}
		if err := e.check(text); err != nil {
			errs = append(errs, fault(at, key, "%v", err))
			continue
		}
		if e.kind == kindScripts {
			text = absolute(from.folder, text)
		}
		items = append(items, item{text, at})
	}
	return items, errs
}

// store checks a value that is no list and puts it into its field.
func (e *entry) store(field, value any) (problem string) {
	text, isText := value.(string)
	number, isNumber := value.(int64)
	switch f := field.(type) {
	case *bool:
		b, ok := value.(bool)
		if !ok {
			return e.unfit(value)
		}
		*f = b
	case *int64:
		if !isNumber {
			return e.unfit(value)
		}
		if number < e.least {
			return fmt.Sprintf("%d is too small, the least is %d", number, e.least)
		}
		*f = number
	case *string:
		if !isText {
			return e.unfit(value)
		}
		if problem := e.checkText(text); problem != "" {
			return problem
		}
		*f = text
	case encoding.TextUnmarshaler: // *Size, *Percent
		if isNumber && e.kind == kindSize {
			text, isText = strconv.FormatInt(number, 10), true
		}
		if !isText {
			return e.unfit(value)
		}
		return e.storeText(f, text)
	case *time.Duration:
		if isNumber && number == 0 {
			text, isText = "0s", true
		}
		if !isText {
			return e.unfit(value)
		}
		return e.storeDuration(f, text)
	}
	return ""
}

// storeText puts a size or a percentage into its field.
func (e *entry) storeText(field encoding.TextUnmarshaler, text string) (problem string) {
	if err := field.UnmarshalText([]byte(text)); err != nil {
		return err.Error()
	}
	if size, ok := field.(*Size); ok && int64(*size) < e.least {
		return fmt.Sprintf("%q is too small", text)
	}
	return ""
}

// storeDuration puts a duration into its field.
func (e *entry) storeDuration(field *time.Duration, text string) (problem string) {
	d, err := parseDuration(text)
	if err != nil {
		return err.Error()
	}
	if int64(d) < e.least {
		return fmt.Sprintf("%q is too short", text)
	}
	*field = d
	return ""
}

// checkText checks a string.
func (e *entry) checkText(text string) (problem string) {
	if e.choices != nil && !slices.Contains(e.choices, text) {
		problem = fmt.Sprintf("%q is none of %s", text, strings.Join(e.choices, ", "))
		if near := lint.Nearest(text, e.choices); near != "" {
			problem += ", did you mean " + near + "?"
		}
		return problem
	}
	if e.check != nil {
		if err := e.check(text); err != nil {
			return err.Error()
		}
	}
	return ""
}

// unfit says which type a key wants and which it got.
func (e *entry) unfit(value any) string {
	example := map[string]string{
		kindString:   "a string",
		kindBool:     "true or false",
		kindInteger:  "an integer",
		kindDuration: `a duration such as "30s"`,
		kindSize:     `a size such as "1GiB"`,
		kindPercent:  `a percentage such as "10%"`,
		kindSockets:  `a list of sockets such as ["inet:8891@127.0.0.1"]`,
		kindScripts:  `a list of paths such as ["scripts/*.lua"]`,
		kindPlaces:   `a list of places such as ["10.1.0.0/16"]`,
		kindDomains:  `a list of domains such as ["example.com"]`,
		kindServers:  `a list of addresses such as ["192.0.2.53"]`,
		kindChoice:   "one of " + quoted(e.choices),
	}[e.kind]
	if example == "" {
		example = "a string"
	}
	return "want " + example + ", got " + typeName(value)
}

func quoted(all []string) string {
	var out []string
	for _, s := range all {
		out = append(out, strconv.Quote(s))
	}
	return strings.Join(out, ", ")
}

// typeName names the type of a value that the TOML decoder returns.
func typeName(value any) string {
	switch value.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	}
	return "a date or time"
}

// absolute makes a path or a pattern begin at a folder, whose own name is no part of the pattern.
func absolute(folder, text string) string {
	if filepath.IsAbs(text) {
		return filepath.Clean(text)
	}
	if isPattern(text) {
		folder = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(folder)
	}
	return filepath.Join(folder, text)
}

// isPattern reports whether filepath.Glob takes a text for more than a path.
func isPattern(text string) bool { return strings.ContainsAny(text, `*?[`) }
