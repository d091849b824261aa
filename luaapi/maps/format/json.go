package format

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// readJSON reads an array of keys, an object of keys and values, or an array of objects, of which o names the members.
func readJSON(text string, o Options, add func(Entry) error) error {
	j := &jsonList{Decoder: json.NewDecoder(strings.NewReader(text)), text: text, options: o, add: add}
	j.UseNumber()
	err := j.list()
	var bad *json.SyntaxError
	if errors.As(err, &bad) {
		at := int(j.InputOffset()) // its own offset counts from where a value begins
		rest := strings.TrimLeft(text[at:], ",: \t\r\n")
		return Error{j.line(int64(len(text) - len(rest))), err}
	}
	return err
}

// jsonList is a list that is being read.
type jsonList struct {
	*json.Decoder
	text    string
	options Options
	add     func(Entry) error
	counted int64 // how far lines are counted
	lines   int   // up to there
}

// line returns the line of an offset, none of which is before the last one.
func (j *jsonList) line(offset int64) int {
	offset = min(max(offset, j.counted), int64(len(j.text)))
	j.lines += strings.Count(j.text[j.counted:offset], "\n")
	j.counted = offset
	return j.lines + 1
}

func (j *jsonList) list() error {
	begin, err := j.Token()
	if err != nil {
		return fmt.Errorf("an array or an object was expected: %w", err)
	}
	switch begin {
	case json.Delim('['):
		err = j.array()
	case json.Delim('{'):
		err = j.object()
	default:
		return wrong(j.line(j.InputOffset()), "an array or an object was expected, not %v", begin)
	}
	if err != nil {
		return err
	}
	_, err = j.Token() // the closing bracket
	return err
}

func (j *jsonList) object() error {
	for j.More() {
		key, err := j.Token()
		if err != nil {
			return err
		}
		var value any
		if err := j.Decode(&value); err != nil {
			return err
		}
		if err := j.entry(key, value); err != nil {
			return err
		}
	}
	return nil
}

func (j *jsonList) array() error {
	for j.More() {
		var item any
		if err := j.Decode(&item); err != nil {
			return err
		}
		var value any
		key := item
		if object, ok := item.(map[string]any); ok {
			if j.options.Key == "" {
				return wrong(j.line(j.InputOffset()), "an item is an object: say with the option key which of its members is the key")
			}
			key, value = object[j.options.Key], object[j.options.Value]
		}
		if err := j.entry(key, value); err != nil {
			return err
		}
	}
	return nil
}

// entry adds an entry of scalar values.
func (j *jsonList) entry(key, value any) error {
	line := j.line(j.InputOffset())
	k, ok := scalar(key)
	if !ok || k == "" {
		return wrong(line, "a key is %s; a text was expected", jsonKind(key))
	}
	v, ok := scalar(value)
	if !ok {
		return wrong(line, "the value of %s is %s; a text, a number or a boolean was expected", k, jsonKind(value))
	}
	return j.add(Entry{Key: k, Value: v, Line: line})
}

// scalar returns a value as text; null is "".
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	}
	return "", false
}

func jsonKind(v any) string {
	switch v.(type) {
	case nil:
		return "missing"
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	}
	return "empty"
}
