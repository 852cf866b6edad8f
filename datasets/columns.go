package datasets

import "github.com/swallow-eval/swallow-eval/internal/parquet"

// Column says where one field of a row lies in a Parquet file and what it must be. A column that is not there or is
// something else is an error; columns that no Column names are not read.
type Column = parquet.Column

// Kind is what a column of a Parquet file must hold and how it is written into a row.
type Kind = parquet.Kind

// The kinds, as package internal/parquet describes them.
const (
	Text     = parquet.Text
	Integer  = parquet.Integer
	Texts    = parquet.Texts
	Integers = parquet.Integers
	Object   = parquet.Object
	Objects  = parquet.Objects
	Zipped   = parquet.Zipped
)

// same are columns that have the same name in the file and in the row.
func same(kind Kind, names ...string) []Column {
	columns := make([]Column, len(names))
	for i, name := range names {
		columns[i] = Column{Field: name, Source: name, Kind: kind}
	}
	return columns
}
