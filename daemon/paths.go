package daemon

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"luamilter/config"
	"luamilter/system"
)

// scriptPaths returns the scripts of listeners, each once.
func scriptPaths(listeners []config.Listener) []string {
	var paths []string
	for _, l := range listeners {
		paths = append(paths, l.Scripts...)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// trusted returns what decides what the daemon does: the configuration, the scripts of listeners, and every Lua file below their folders,
// any of which they may require.
func trusted(c *config.Config, listeners []config.Listener) []string {
	paths := scriptPaths(listeners)
	if file := c.File(); file != "" {
		paths = append(paths, file)
	}
	seen := state{}
	for _, script := range scriptPaths(listeners) {
		seen.tree(filepath.Dir(script), maxDepth)
	}
	for path, s := range seen {
		if !s.folder && strings.HasSuffix(path, ".lua") {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// owner returns who but root may own the scripts: the user that the daemon becomes, or whoever tries a script of their own with sudo.
func owner(c *config.Config) string {
	if c.User == "" && c.File() == "" {
		return os.Getenv("SUDO_USER")
	}
	return c.User
}

// paths are the files that the daemon needs besides what every mail filter does.
func (d *Daemon) paths() system.Paths {
	var p system.Paths
	c, listeners := d.inUse()
	seen := state{}
	for _, script := range scriptPaths(listeners) {
		p.Read = append(p.Read, filepath.Dir(script))
		seen.add(script)
		seen.tree(filepath.Dir(script), maxDepth)
	}
	if file := c.File(); file != "" {
		p.Read = append(p.Read, filepath.Dir(file))
		seen.add(file)
	}
	for _, pattern := range c.Patterns() {
		p.Read = append(p.Read, fixedFolder(pattern))
	}
	p.Read = append(p.Read, c.MapFolders()...)
	if folder := copiesFolder(c); folder != "" {
		p.Write = append(p.Write, folder)
	}
	for _, file := range c.GeoFiles() {
		p.Read = append(p.Read, filepath.Dir(file))
		seen.add(file)
	}
	for _, s := range seen {
		if s.target != "" { // what counts for the kernel is where a link leads to
			p.Read = append(p.Read, folderOf(s.target))
		}
	}
	for _, s := range d.sockets {
		if s.spec.Network == "unix" { // its file is removed at the end
			p.Write = append(p.Write, filepath.Dir(s.spec.Address))
		}
	}
	p.Write = append(p.Write, d.spool.Path())
	if dir := c.Outbox.Dir; dir != "" {
		if _, err := os.Stat(dir); err != nil { // it is made later
			dir = filepath.Dir(dir)
		}
		p.Write = append(p.Write, dir)
	}
	if d.records != nil {
		p.Write = append(p.Write, d.records.Path())
	}
	write, read := servicePaths(c)
	p.Write, p.Read = append(p.Write, write...), append(p.Read, read...)
	if d.admin != nil {
		p.Write = append(p.Write, filepath.Dir(d.admin.Addr().String()))
	}
	if program, err := os.Executable(); err == nil {
		p.Run = append(p.Run, filepath.Dir(program))
	}
	for _, list := range []*[]string{&p.Read, &p.Write, &p.Run} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return p
}

// fixedFolder is the folder of a pattern, or the last one on the way to it that is no pattern itself: others may come below that.
func fixedFolder(pattern string) string {
	folder := filepath.Dir(pattern)
	for strings.ContainsAny(folder, `*?[\`) {
		folder = filepath.Dir(folder)
	}
	return folder
}

// folderOf is the path itself if it is a folder.
func folderOf(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path
	}
	return filepath.Dir(path)
}
