package file

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

var (
	sha256Text = regexp.MustCompile(`^[0-9a-f]{64}$`)
	commitText = regexp.MustCompile(`^[0-9a-f]{40}$`)
	hubText    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$`)
	refText    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)
)

// DataFile is where the records of a split lie: beside the task file, at an address, or in a data set of the hub.
type DataFile struct {
	// File is a path relative to the task file, or with Hub one of the repository.
	File string
	// URL is an https address.
	URL string
	// Hub is a data set's id, org/name, and Revision a commit of it, or before it is pinned a branch or tag, "" for main.
	Hub, Revision string
	// SHA256 and Rows pin the file's content, "" and 0 where they do not.
	SHA256 string
	Rows   int
	Line   int
}

// Remote says whether the records lie elsewhere than beside the task file.
func (d DataFile) Remote() bool { return d.URL != "" || d.Hub != "" }

// Name is the file as messages and results call it.
func (d DataFile) Name() string {
	switch {
	case d.URL != "":
		return strings.TrimPrefix(d.URL, "https://")
	case d.Hub != "" && d.Revision != "":
		return d.Hub + "@" + d.Revision + "/" + d.File
	case d.Hub != "":
		return d.Hub + "/" + d.File
	}
	return d.File
}

// Unfixed says what the entry lacks to name one content for ever, "" where it lacks nothing.
func (d DataFile) Unfixed() string {
	switch {
	case d.Hub != "" && !commitText.MatchString(d.Revision):
		return "a commit as revision"
	case d.SHA256 == "":
		return "sha256"
	}
	return ""
}

// Extension is the end of the file's name that tells its format, in lower case and without .gz.
func (d DataFile) Extension() string {
	name := strings.ReplaceAll(d.File, `\`, "/")
	if u, err := url.Parse(d.URL); d.URL != "" && err == nil {
		name = u.Path
	}
	return path.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz"))
}

// data reads where the splits' records lie: a path, an address, or a mapping.
func (p *parser) data(e Entry) error {
	entries, err := p.Entries(e.Node, e.Key)
	if err != nil {
		return err
	}
	p.c.Data = map[string]DataFile{}
	for _, split := range entries {
		name := split.Key
		split.Key = join(e.Key, name)
		d := DataFile{Line: split.Line}
		v, err := p.Value(split.Node, split.Key)
		if err != nil {
			return err
		}
		switch v := v.(type) {
		case string:
			if d.File = v; strings.Contains(v, "://") {
				d.File, d.URL = "", v
			}
		case python.Object:
			if err := p.dataFile(&d, v, split); err != nil {
				return err
			}
		default:
			return p.Problem(split.Line, split.Key, "a path, an https address, or a mapping with file, url or hub is needed")
		}
		if err := p.place(d, split); err != nil {
			return err
		}
		p.c.Data[name] = d
	}
	return nil
}

// place checks where a split's records are said to lie.
func (p *parser) place(d DataFile, split Entry) error {
	bad := func(format string, a ...any) error { return p.Problem(split.Line, split.Key, format, a...) }
	switch {
	case d.URL != "" && (d.File != "" || d.Hub != ""):
		return bad("url stands alone: file and hub name other places")
	case d.Revision != "" && d.Hub == "":
		return bad("revision is of a data set of the hub, and hub is missing")
	case d.URL != "":
		u, err := url.Parse(d.URL)
		if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
			return bad("%.200q is no https address of a file", d.URL)
		}
		if strings.HasSuffix(strings.ToLower(u.Path), ".gz") {
			return bad("a compressed file is read beside the task file or from the hub, not from an address")
		}
		return nil
	case d.File == "":
		return bad("no file is named")
	}
	if clean := path.Clean(strings.ReplaceAll(d.File, `\`, "/")); clean == ".." || strings.HasPrefix(clean, "../") || path.IsAbs(clean) || len(clean) > 1 && clean[1] == ':' {
		if d.Hub != "" {
			return bad("%q lies outside the data set", d.File)
		}
		return bad("%q lies outside the task file's folder", d.File)
	}
	return nil
}

// dataFile reads a mapping.
func (p *parser) dataFile(d *DataFile, o python.Object, split Entry) error {
	for _, m := range o {
		ok, what := true, ""
		text := func(to *string, form *regexp.Regexp) {
			*to, ok = m.Value.(string)
			ok = ok && *to != "" && (form == nil || form.MatchString(*to))
		}
		switch m.Name {
		case "file":
			what = "path"
			text(&d.File, nil)
		case "url":
			what = "https address"
			text(&d.URL, nil)
		case "hub":
			what = "data set's id such as org/name"
			text(&d.Hub, hubText)
		case "revision":
			what = "commit, branch or tag"
			text(&d.Revision, refText)
		case "sha256":
			what = "digest of 64 hexadecimal digits"
			text(&d.SHA256, sha256Text)
		case "rows":
			what = "number of records"
			d.Rows, ok = m.Value.(int)
			ok = ok && d.Rows > 0
		default:
			return p.Problem(split.Line, join(split.Key, m.Name), "unknown key: there are file, url, hub, revision, sha256 and rows")
		}
		if !ok {
			return p.Problem(split.Line, join(split.Key, m.Name), "not a %s", what)
		}
	}
	return nil
}
