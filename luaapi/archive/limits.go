package archive

import "time"

// Limits bounds what a listing may cost, an archive and everything inside it together. A field that is 0 or less means the one of Defaults,
// except Depth, where it means that archives in the archive are not looked into.
type Limits struct {
	Depth   int           // how many archives deep to look: 1 looks into archives in the archive
	Entries int           // how many entries to list
	Bytes   int64         // how many bytes to unpack, or to take for names
	Ratio   int           // how many times larger than its packed form content may get before it is given up; judged beyond 1 MiB
	Time    time.Duration // how long to look, in wall time
}

// Defaults returns the limits that fit a mail filter:
//
//   - Depth 3: mail gateways and forwarding wrap an archive once or twice; what is deeper was made to be missed.
//   - Entries 10,000: a source tree or an office document with many pictures; some 5 MB of memory.
//   - Bytes 64 MiB: what a mail may have as attachments after base64 is below 50 MB at most sites, and nested archives hardly shrink.
//   - Ratio 250: text shrinks to a tenth, spreadsheets and logs to a hundredth; deflate cannot do more than 1032, and zeros do that.
//   - Time 4 s: half of what a hook may take by default.
func Defaults() Limits {
	return Limits{Depth: 3, Entries: 10_000, Bytes: 64 << 20, Ratio: 250, Time: 4 * time.Second}
}

func (l Limits) filled() Limits {
	d := Defaults()
	if l.Depth < 0 {
		l.Depth = 0
	}
	if l.Entries <= 0 {
		l.Entries = d.Entries
	}
	if l.Bytes <= 0 {
		l.Bytes = d.Bytes
	}
	if l.Ratio <= 0 {
		l.Ratio = d.Ratio
	}
	if l.Time <= 0 {
		l.Time = d.Time
	}
	return l
}

const (
	// maxWindow is the largest dictionary that a decoder gets, in bytes: that of xz -9 and 7z's ultra.
	maxWindow = 64 << 20
	// windowsPerByte is how many bytes all dictionaries together may have for each of Limits.Bytes: each is cleared memory, which takes time.
	windowsPerByte = 16
	// ratioFrom is from how many bytes on content is judged by its ratio.
	ratioFrom = 1 << 20
	// maxName is how many bytes of a name are kept.
	maxName = 4096
	// maxProblems is how many problems the listing or an entry keeps.
	maxProblems = 50
)
