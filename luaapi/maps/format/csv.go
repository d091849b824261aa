package format

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"luamilter/luaapi/lint"
)

// readCSV reads an entry from each record (RFC 4180). Where a column is named, the first record has the names.
func readCSV(text string, o Options, add func(Entry) error) error {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.ReuseRecord, r.Comment = -1, true, '#'
	key, value, names := column(o.Key, 1), column(o.Value, 2), isNamed(o)
	for {
		record, err := r.Read()
		if err == io.EOF {
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return Error{bad.Line, bad.Err}
		}
		if err != nil {
			return err
		}
		line, _ := r.FieldPos(0)
		if names {
			names = false
			if key, err = named(record, o.Key, key, line); err != nil {
				return err
			}
			if value, err = named(record, o.Value, value, line); err != nil {
				return err
			}
			continue
		}
		if key > len(record) {
			return wrong(line, "there are %d columns, and the key is in column %d", len(record), key)
		}
		e := Entry{Key: strings.TrimSpace(record[key-1]), Line: line}
		if value <= len(record) {
			e.Value = strings.TrimSpace(record[value-1])
		}
		if e.Key == "" {
			return wrong(line, "column %d, the key, is empty", key)
		}
		if err := add(e); err != nil {
			return err
		}
	}
}

// isNamed reports whether a column is given by its name.
func isNamed(o Options) bool {
	return o.Key != "" && column(o.Key, 0) == 0 || o.Value != "" && column(o.Value, 0) == 0
}

// column returns the number of a column, def if it is not given as one.
func column(s string, def int) int {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return n
	}
	return def
}

// named finds a column by its name in the first record.
func named(record []string, name string, def, line int) (int, error) {
	if name == "" || column(name, 0) > 0 {
		return def, nil
	}
	names := slices.Clone(record)
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	if i := slices.Index(names, name); i >= 0 {
		return i + 1, nil
	}
	if near := lint.Nearest(name, names); near != "" {
		return 0, wrong(line, "there is no column %s; did you mean %s?", name, near)
	}
	return 0, wrong(line, "there is no column %s; there is %s", name, strings.Join(names, ", "))
}
