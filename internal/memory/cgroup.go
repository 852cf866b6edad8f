package memory

import (
	"io/fs"
	"path"
	"strings"
)

// group says where one version's files of a control group are, and what they are called
// (torvalds/linux Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst).
type group struct {
	limits  []string // files with a limit each
	used    string   // bytes in use, page cache included
	reclaim []string // keys of memory.stat: page cache, which the kernel takes back before it ends anybody
}

var (
	version1 = group{limits: []string{"memory.limit_in_bytes"}, used: "memory.usage_in_bytes", reclaim: []string{"total_inactive_file", "total_active_file"}}
	// Above memory.high nobody is ended, but everybody is slowed down until it is of no use.
	version2 = group{limits: []string{"memory.max", "memory.high"}, used: "memory.current", reclaim: []string{"inactive_file", "active_file"}}
)

// noLimit1 is from which number on version 1 means none: it has no word for it, only the largest number of pages.
const noLimit1 = 1 << 60

// groups are the limits of the process's control group and of every one above it, as far up as this mount shows them.
func groups(root fs.FS) (list []Bound) {
	own, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return nil // no control groups here
	}
	mounts, err := fs.ReadFile(root, "proc/self/mountinfo")
	if err != nil {
		return nil
	}
	for line := range strings.SplitSeq(string(own), "\n") {
		// hierarchy:controllers:path, and of version 2 "0::path"
		parts := strings.SplitN(line, ":", 3)
		if len(parts) != 3 {
			continue
		}
		files, kind := version1, "cgroup"
		if parts[0] == "0" && parts[1] == "" {
			files, kind = version2, "cgroup2"
		} else if !hasWord(parts[1], "memory") {
			continue
		}
		for _, m := range mountsOf(string(mounts), kind) {
			list = append(list, m.bounds(root, files, parts[2])...)
		}
	}
	return list
}

// mount is where a hierarchy of control groups, or the part of it below a group, can be seen.
type mount struct{ top, place string }

// mountsOf finds them in mountinfo (proc_pid_mountinfo(5)): fields 4 and 5 are root and place, those after a lone hyphen
// the kind, the source and the options, in which version 1 names its controllers.
func mountsOf(mountinfo, kind string) (list []mount) {
	for line := range strings.SplitSeq(mountinfo, "\n") {
		before, after, ok := strings.Cut(line, " - ")
		fields, about := strings.Fields(before), strings.Fields(after)
		if !ok || len(fields) < 5 || len(about) < 3 || about[0] != kind {
			continue
		}
		if kind == "cgroup" && !hasWord(about[2], "memory") {
			continue
		}
		list = append(list, mount{top: unescape.Replace(fields[3]), place: unescape.Replace(fields[4])})
	}
	return list
}

// unescape is what mountinfo writes for characters that end a field or a line.
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// bounds are those of a group and of the groups above it. In a container the mount's top may be the group itself, or the
// path one that only the host knows: then the place itself is looked at.
func (m mount) bounds(root fs.FS, files group, own string) (list []Bound) {
	below := path.Clean("/" + own)
	if top := path.Clean("/" + m.top); top != "/" {
		rest, ok := strings.CutPrefix(below, top)
		if ok && (rest == "" || rest[0] == '/') {
			below = "/" + strings.TrimPrefix(rest, "/")
		} else {
			below = "/"
		}
	}
	for {
		dir := strings.TrimPrefix(path.Join(m.place, below), "/")
		if fs.ValidPath(dir) {
			list = append(list, files.bounds(root, dir, below)...)
		}
		if below == "/" {
			return list
		}
		below = path.Dir(below)
	}
}

// bounds are the limits of one group.
func (g group) bounds(root fs.FS, dir, name string) (list []Bound) {
	for _, file := range g.limits {
		limit, ok := count(root, path.Join(dir, file))
		if !ok || limit >= noLimit1 { // version 2 writes "max" for none
			continue
		}
		used, _ := count(root, path.Join(dir, g.used))
		cache := int64(0)
		for _, key := range g.reclaim {
			cache += stat(root, path.Join(dir, "memory.stat"), key)
		}
		list = append(list, Bound{Limit: limit, Room: limit - max(0, used-cache), Who: file + " of the control group " + name})
	}
	return list
}

func count(root fs.FS, file string) (int64, bool) {
	content, err := fs.ReadFile(root, file)
	if err != nil {
		return 0, false // the top group of version 2 has no limit
	}
	return number(string(content))
}

// stat is one number of a memory.stat.
func stat(root fs.FS, file, key string) int64 {
	content, err := fs.ReadFile(root, file)
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(content), "\n") {
		if name, value, ok := strings.Cut(line, " "); ok && name == key {
			n, _ := number(value)
			return min(n, noLimit1)
		}
	}
	return 0
}

// hasWord tells whether one of the words between commas is word.
func hasWord(list, word string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one == word {
			return true
		}
	}
	return false
}
