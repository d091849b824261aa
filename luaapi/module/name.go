package module

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// maxName is longer than any path that a file system takes.
const maxName = 1024

// File returns the file of a module, relative to the script's folder and with slashes: a/b.lua for a.b.
func File(name string) string { return strings.ReplaceAll(name, ".", "/") + ".lua" }

// CheckName says what is wrong with a module's name, and how it was probably meant. Names are letters, digits, _ and - in parts joined
// by dots.
func CheckName(name string) error {
	if name == "" {
		return errors.New("the name of the module is empty")
	}
	if len(name) > maxName {
		return fmt.Errorf("the name of the module has %d bytes", len(name))
	}
	why := complaint(name)
	if why == "" {
		return nil
	}
	text := fmt.Sprintf("%q is no name of a module: %s", name, why)
	if meant := meant(name); meant != "" {
		text += fmt.Sprintf("; write require %q", meant)
	}
	return errors.New(text)
}

// complaint is what is wrong with a name, "" for nothing.
func complaint(name string) string {
	switch {
	case path.IsAbs(name):
		return "modules are found below the script's folder, never by an absolute path"
	case strings.Contains("/"+name+"/", "/../"):
		return "modules are found below the script's folder, never above it"
	case strings.ContainsAny(name, `/\`):
		return "folders are joined by dots"
	case strings.HasSuffix(name, ".lua"):
		return "it goes without .lua"
	}
	for part := range strings.SplitSeq(name, ".") {
		if part == "" {
			return "a part between the dots is empty"
		}
		if i := strings.IndexFunc(part, odd); i >= 0 {
			return "it may have letters, digits, _ and - only"
		}
	}
	return ""
}

// odd reports what a part of a name must not have.
func odd(r rune) bool {
	return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// meant returns the name that was probably meant, "" if it is not clear. What lies outside the folder has none.
func meant(name string) string {
	file := strings.ReplaceAll(name, `\`, "/")
	if path.IsAbs(file) || strings.Contains("/"+file+"/", "/../") {
		return ""
	}
	file = strings.TrimSuffix(file, ".lua")
	parts := strings.FieldsFunc(file, func(r rune) bool { return r == '/' || r == '.' })
	if file = strings.Join(parts, "."); file == "" || complaint(file) != "" {
		return ""
	}
	return file
}
