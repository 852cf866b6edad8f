// Package owntasks is what task files of the user's are in a run: chosen among the tasks, named in the profile and kept in the
// manifest, their data found beside them.
package owntasks

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/tasks/file"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// File is a task file of the user's.
type File struct {
	Path    string
	Content []byte
	Tasks   []*file.Task
	Groups  []*file.Group
}

// Read reads a task file, whose names must be its own. None of its data is read.
func Read(path string) (File, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	o, err := From(path, content)
	if err != nil {
		return o, err
	}
	return o, o.CheckNames()
}

// From makes a task file of its content, such as a run has kept, whatever its names are; path names it in errors and is where its data lie beside.
func From(path string, content []byte) (File, error) {
	o := File{Path: path, Content: content}
	configs, groups, err := file.ParseAll(path, content)
	if err != nil {
		return o, builtIn(err)
	}
	o.Groups = groups
	for _, c := range configs {
		t, err := file.New(c)
		if err != nil {
			return o, fmt.Errorf("%s: %w", path, err)
		}
		o.Tasks = append(o.Tasks, t)
	}
	return o, nil
}

// builtIn says of a name that a file does not have that it is one of the program's: an average over tasks of two kinds of data would
// belong to no protocol.
func builtIn(err error) error {
	var p *file.Problem
	if errors.As(err, &p) && p.Unknown != "" && slices.Contains(suite.Names(suite.Profiles()), p.Unknown) {
		return fmt.Errorf("%w: it is a name of this program, and a group averages tasks of its own file", err)
	}
	return err
}

// Name is the task's, or for several that of the file.
func (o File) Name() string {
	if len(o.Tasks) == 1 {
		return o.Tasks[0].Spec().Name
	}
	base := filepath.Base(o.Path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// Digest is that of the content, as sha256:HEX.
func (o File) Digest() string {
	sum := sha256.Sum256(o.Content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// ProfileName is the part of a profile's name that tells versions of the file apart.
func (o File) ProfileName() string {
	return Prefix + o.Name() + "@" + strings.TrimPrefix(o.Digest(), "sha256:")[:12]
}

// Prefix begins the part of a profile's name that a task file has.
const Prefix = "own:"

// IsFile says whether a word of --tasks is a file's path.
func IsFile(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}
