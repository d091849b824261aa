package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"path/filepath"

	"luamilter/daemon"
	"luamilter/engine"
	"luamilter/luaapi/lint"
)

// finding is one thing that check has to say, as --json shows it.
type finding struct {
	File     string `json:"file"`
	Line     int    `json:"line"`   // from 1, 0 if it is not known
	Column   int    `json:"column"` // in bytes from 1, 0 if it is not known
	Severity string `json:"severity"`
	Name     string `json:"name"`
	Text     string `json:"text"`
	Fix      string `json:"fix,omitempty"`

	character int    // the column in characters
	detail    string // for a terminal
}

// doesNotLoad is the name of what keeps a script from being loaded at all.
var doesNotLoad = lint.Rule{Name: "does-not-load", Severity: lint.Error, Summary: "The script cannot be compiled or loaded."}

// ofScript is for what was found in a script that can be loaded.
func ofScript(e *engine.ScriptError) finding {
	return finding{e.Path, e.Line, e.Column, e.Rank, e.Rule, e.Text, e.Hint, e.Character(), e.Detail()}
}

// broken is for a script that cannot be loaded.
func broken(path string, err error) finding {
	f := finding{File: path, Severity: doesNotLoad.Severity.String(), Name: doesNotLoad.Name, Text: err.Error(), detail: daemon.Describe(err).Error()}
	var script *engine.ScriptError
	if errors.As(err, &script) {
		f.File, f.Line, f.Column, f.Text, f.Fix, f.character = script.Path, script.Line, script.Column, script.Text, script.Hint, script.Character()
	}
	return f
}

// writeJSON writes findings, each an object on a line of its own.
func writeJSON(w io.Writer, all []finding) error {
	out := encoder(w)
	for _, f := range all {
		if err := out.Encode(f); err != nil {
			return err
		}
	}
	return nil
}

// encoder writes < and > as they are: nobody puts this into HTML.
func encoder(w io.Writer) *json.Encoder {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out
}

// The parts of SARIF 2.1.0 that findings need; the numbers are sections of the standard.
type (
	sarifLog struct { // 3.13
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct { // 3.14
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct { // 3.18
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct { // 3.19
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct { // 3.49
		ID      string      `json:"id"`
		Short   sarifText   `json:"shortDescription"`
		Default sarifConfig `json:"defaultConfiguration"`
	}
	sarifConfig struct { // 3.50
		Level string `json:"level"`
	}
	sarifResult struct { // 3.27
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifText struct { // 3.11
		Text string `json:"text"`
	}
	sarifLocation struct { // 3.28
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct { // 3.29
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct { // 3.4
		URI string `json:"uri"`
	}
	sarifRegion struct { // 3.30
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
)

// writeSARIF writes findings as one document. Each rule is in it, whether it was broken or not.
func writeSARIF(w io.Writer, all []finding) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{"luamilter", releaseName(), []sarifRule{}}}, ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	index := map[string]int{}
	for i, r := range append(lint.Rules(), doesNotLoad) {
		index[r.Name] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{r.Name, sarifText{r.Summary}, sarifConfig{r.Severity.String()}})
	}
	for _, f := range all {
		run.Results = append(run.Results, f.sarif(index[f.Name]))
	}
	out := encoder(w)
	out.SetIndent("", "  ")
	return out.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func (f *finding) sarif(index int) sarifResult {
	text := f.Text
	if f.Fix != "" {
		text += "; " + f.Fix
	}
	at := sarifPhysical{Artifact: sarifArtifact{uri(f.File)}}
	if f.Line > 0 {
		at.Region = &sarifRegion{f.Line, f.character}
	}
	return sarifResult{f.Name, index, f.Severity, sarifText{text}, []sarifLocation{{at}}}
}

// uri is a path as a URI, relative where the path is.
func uri(path string) string {
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
	}
	return u.String()
}
