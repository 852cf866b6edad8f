package catalog

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/datasets/fetch"
	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// DataSet is a split with what the data folder holds of it.
type DataSet struct {
	datasets.Split
	Present []fetch.File `json:"present"`
}

// DataSets lists every form in which a split may lie below the folder dir, what is pinned of it and what is there.
func DataSets(splits []datasets.Split, dir string) (Listing, error) {
	invented, err := smokedata.Manifest()
	if err != nil {
		return Listing{}, err
	}
	entries := []DataSet{}
	rows := [][]string{{"(--data-dir " + smokedata.Name + ")", "all", "in this program", "", "invented", "", invented[0].Licence}}
	for _, split := range splits {
		e := DataSet{Split: split, Present: []fetch.File{}}
		for _, layout := range split.Layouts {
			present := fetch.Files(dir, split, layout)
			e.Present = append(e.Present, present...)
			rows = append(rows, layoutRows(split, layout, present)...)
		}
		entries = append(entries, e)
	}
	return Listing{entries, func(w io.Writer) error {
		if err := terminal.Table(w, []string{"data set", "split", "file below the data folder", "rows", "pinned", "there", "licence"}, rows); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "data folder: %s\n", textsafe.Terminal(dir))
		return err
	}}, nil
}

// manyFiles is from how many files on a layout is one row.
const manyFiles = 5

// layoutRows are a layout's rows of the table: one a file, or one where there are many.
func layoutRows(split datasets.Split, layout datasets.Layout, present []fetch.File) [][]string {
	row := func(path string, f datasets.File, here string) []string {
		return []string{split.Dataset, split.Name, path, strconv.Itoa(layout.Rows), states(f), here, split.Licence}
	}
	said := func(bytes int64, read bool) string {
		if read {
			return terminal.MiB(bytes)
		}
		return terminal.MiB(bytes) + ", not read"
	}
	if n := len(layout.Files); n >= manyFiles {
		here, total, first := "", int64(0), layout.Files[0]
		for _, p := range present {
			total += p.Bytes
		}
		if len(present) > 0 {
			here = fmt.Sprintf("%d of %d files, %s", len(present), n, said(total, present[0].Read))
		}
		return [][]string{row(fmt.Sprintf("%s and %d more", first.Path, n-1), first, here)}
	}
	var rows [][]string
	for _, f := range layout.Files {
		here := ""
		for _, p := range present {
			if p.Path == f.Path || p.Path == f.Path+".gz" {
				here = said(p.Bytes, p.Read)
			}
		}
		rows = append(rows, row(f.Path, f, here))
	}
	return rows
}

// states names what the manifest pins of a file: the original, a rebuilt or a stand-in copy, or nothing.
func states(f datasets.File) string {
	var list []string
	for _, p := range f.Pins {
		list = append(list, string(p.State))
	}
	if len(list) == 0 {
		return "no"
	}
	return strings.Join(list, ", ")
}
