package fetch

import (
	"fmt"
	"os"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/folders"
)

// Open opens the folder of benchmark files that the user named, and says which it is. Where none was named it is the user's own, which
// is made if it is not there, and bring, unless nil, puts into it what is missing; nothing is put into a folder that was named. Files
// that differ from their pins are read as allowUnpinned says, as by datasets.OpenAs.
func Open(splits []datasets.Split, named string, allowUnpinned bool, bring func(dir string) error) (d *datasets.Dir, dir string, err error) {
	if dir, err = folders.Data(named); err != nil {
		return nil, "", err
	}
	if named == "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, "", fmt.Errorf("data folder: %w", err)
		}
		if bring != nil {
			if err := bring(dir); err != nil {
				return nil, "", err
			}
		}
	}
	d, err = datasets.OpenAs(splits, dir, allowUnpinned)
	return d, dir, err
}
