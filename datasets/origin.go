package datasets

import (
	"net/url"
	"path"
	"strings"
)

// Origin is how the original of a file is had.
type Origin struct {
	URL string
	// Pin is what vouches for it; nil where no digest is known.
	Pin *Pin
	// MaxSize bounds it where the pin knows no size, in bytes.
	MaxSize int64
	// Repo, Revision and Path are where the hub for data sets has it; empty for other places.
	Repo, Revision, Path string
}

// Origin returns how the file is had as it is, and whether it can be: a member of an archive, or a copy that was put together
// from elsewhere, cannot.
func (f File) Origin() (o Origin, ok bool) {
	if f.URL == "" || f.Member != "" {
		return o, false
	}
	o = Origin{URL: f.URL, MaxSize: f.limit()}
	for _, p := range f.Pins {
		if p.State == Official {
			o.Pin = &p
			break
		}
	}
	for _, p := range f.Pins {
		if o.Pin == nil && p.State == Rebuilt && serves(f) { // a copy that is published as it is
			o.Pin = &p
		}
	}
	if o.Pin == nil && (len(f.Pins) > 0 || !serves(f)) {
		return o, false
	}
	o.Repo, o.Revision, o.Path = hubPlace(f.URL)
	return o, true
}

// Origins returns the origins of all files of a layout, whether all are pinned, and whether there is one for each.
func (l Layout) Origins() (origins []Origin, pinned, ok bool) {
	pinned = true
	for _, f := range l.Files {
		o, ok := f.Origin()
		if !ok {
			return nil, false, false
		}
		pinned = pinned && o.Pin != nil
		origins = append(origins, o)
	}
	return origins, pinned, true
}

// serves tells whether the address is of the file itself: several files name what they were made from.
func serves(f File) bool {
	u, err := url.Parse(f.URL)
	return err == nil && path.Base(u.Path) == path.Base(f.Path)
}

// hubPlace takes an address of the hub apart: <hub>/datasets/<org>/<name>/resolve/<revision>/<path>.
func hubPlace(address string) (repo, revision, file string) {
	rest, ok := strings.CutPrefix(address, hubDatasets)
	id, rest, ok2 := strings.Cut(rest, "/resolve/")
	revision, file, ok3 := strings.Cut(rest, "/")
	revision, err := url.PathUnescape(revision)
	if !ok || !ok2 || !ok3 || err != nil {
		return "", "", ""
	}
	return id, revision, file
}
