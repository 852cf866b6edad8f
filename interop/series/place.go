package series

import "strconv"

// Place is where a record stands in a file.
type Place struct {
	// Record counts from 0. Line counts from 1 and is 0 in a file that is not JSON Lines.
	Record, Line int
}

// String names the place to people.
func (p Place) String() string {
	if p.Line > 0 {
		return "line " + strconv.Itoa(p.Line)
	}
	return "record " + strconv.Itoa(p.Record)
}
