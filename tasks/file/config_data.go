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
