// Package smokedata is the data set smoke, which the binary carries: about forty questions a task in the schemas of the
// fourteen benchmarks, invented by this project. They show that a build works and move when it breaks; they measure
// nothing, and no number on them compares with a published one.
//
// The files in data are what the command generate writes; they pass through the same readers as the benchmarks' own.
package smokedata

//go:generate go run ./generate

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/swallow-eval/swallow-eval/datasets"
)

// Name is what users call the data set.
const Name = "smoke"

//go:embed data
var files embed.FS

// Open returns the data set.
func Open() (*datasets.Dir, error) {
	splits, err := Manifest()
	if err != nil {
		return nil, err
	}
	data, err := fs.Sub(files, "data")
	if err != nil {
		return nil, err
	}
	return datasets.OpenFS(data, "the data set "+Name, splits), nil
}

// Manifest returns the splits of the data set.
func Manifest() ([]datasets.Split, error) {
	text, err := files.ReadFile("data/manifest.json")
	if err != nil {
		return nil, err
	}
	var splits []datasets.Split
	if err := json.Unmarshal(text, &splits); err != nil {
		return nil, fmt.Errorf("the manifest of the data set %s: %w", Name, err)
	}
	return splits, nil
}
