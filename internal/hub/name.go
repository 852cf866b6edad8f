package hub

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxElement = 255  // bytes of a name within a folder, on every common file system
	maxName    = 1024 // bytes of a whole path
)

// CheckName accepts a slash-separated file name of a repository that stays inside whatever folder it is joined to, on
// every operating system and not only on this one: a cache is shared and copied. It refuses empty, "." and ".."
// elements, absolute paths, drive letters and streams (:), UNC paths and backslashes, control characters, invalid
// UTF-8, elements above 255 bytes or ending in a dot or space, and the device names of Windows (CON, NUL, COM1 ...).
// The rules follow huggingface_hub PR 4540 and add to them.
func CheckName(name string) error {
	if why := unsafeName(name); why != "" {
		return fmt.Errorf("%w: file name %.120q %s", ErrName, name, why)
	}
	return nil
}

func unsafeName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case len(name) > maxName:
		return fmt.Sprintf("is longer than %d bytes", maxName)
	case !utf8.ValidString(name):
		return "is not UTF-8"
	case strings.ContainsRune(name, '\\'):
		return "holds a backslash"
	case strings.ContainsRune(name, ':'):
		return "holds a colon"
	case strings.HasPrefix(name, "/"):
		return "is absolute"
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return "holds a control character"
		}
	}
	for element := range strings.SplitSeq(name, "/") {
		if why := unsafeElement(element); why != "" {
			return why
		}
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return "leaves its folder"
	}
	return ""
}

func unsafeElement(element string) string {
	switch {
	case element == "":
		return "has an empty element"
	case element == "." || element == "..":
		return "has an element " + element
	case len(element) > maxElement:
		return fmt.Sprintf("has an element longer than %d bytes", maxElement)
	case strings.HasSuffix(element, ".") || strings.HasSuffix(element, " "):
		return "has an element that ends in a dot or space"
	}
	stem, _, _ := strings.Cut(element, ".")
	switch strings.ToUpper(strings.TrimRight(stem, " ")) {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$",
		"COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "COM¹", "COM²", "COM³",
		"LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT¹", "LPT²", "LPT³":
		return "is a device name of Windows"
	}
	return ""
}

// foldName maps names that a case-insensitive file system takes for one another to the same string.
func foldName(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
			least = min(least, o)
		}
		return least
	}, name)
}

// checkID accepts the ids the hub gives out: "name" or "org/name" of letters, digits, "-", "_" and ".". Without "--" in
// it the name of the folder in the cache belongs to one id only.
func checkID(id string) error {
	bad := func(why string) error { return fmt.Errorf("%w: repository id %.120q %s", ErrName, id, why) }
	parts := strings.Split(id, "/")
	if len(parts) > 2 {
		return bad("has more than one slash")
	}
	if strings.Contains(id, "--") || strings.Contains(id, "..") {
		return bad("holds -- or ..")
	}
	for _, part := range parts {
		if part == "" || len(part) > 96 {
			return bad("has a part that is empty or longer than 96 characters")
		}
		for _, c := range []byte(part) {
			if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
				return bad("may hold letters, digits, -, _ and . only")
			}
		}
		if strings.Trim(part, "-.") != part {
			return bad("has a part that begins or ends with - or .")
		}
	}
	if strings.HasSuffix(id, ".git") {
		return bad("ends in .git")
	}
	return nil
}

// CommitOf is the commit in the path of a file in the hub's cache, which ends in snapshots/<commit>/<file>.
func CommitOf(name, file string) string {
	return path.Base(strings.TrimSuffix(filepath.ToSlash(name), "/"+file))
}
