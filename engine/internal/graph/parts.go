package graph

import (
	"cmp"
	"slices"
)

// filePage is what reads past the page cache begin and end on: the blocks of disks have 512 or 4,096 bytes.
const filePage = 4096

// part is what is read of a file at a time: some panels of a matrix. Parts of a unit come in the order of the file, and a page
// that two neighbours have in common is read once.
type part struct {
	matrix      *matrix
	first, last int   // panels
	place       int   // of the first one in the unit's slot
	from, to    int64 // what they are made of in the file
	start, end  int64 // the pages that are read for it, of which the last may reach beyond the file
	carried     bool  // from lies in the page before start, which is the last one of the part before
}

// span is the bytes that are read for the part.
func (p *part) span() int { return int(p.end - p.start) }

// partBytes is how much is read at a time where the weights of a step are at least slot bytes: enough for a disk to be at work
// while the processors have other things to do, and several parts are small beside the weights.
func partBytes(slot int) int { return min(8<<20, slot/16) }

// partsOf cuts units into parts of about some bytes. Those of unit i are parts[begin[i]:begin[i+1]].
func partsOf(units []*unit, size int) (parts []part, begin []int) {
	var sources []Source
	for _, u := range units {
		begin = append(begin, len(parts))
		place := 0
		for _, x := range u.matrices {
			if !slices.Contains(sources, x.source) {
				sources = append(sources, x.source)
			}
			parts = x.parts(parts, place, size)
			place += x.packedSize()
		}
		own := parts[begin[len(begin)-1]:]
		slices.SortStableFunc(own, func(a, b part) int {
			return cmp.Or(slices.Index(sources, a.matrix.source)-slices.Index(sources, b.matrix.source), cmp.Compare(a.from, b.from))
		})
		for i := 1; i < len(own); i++ {
			if p, before := &own[i], &own[i-1]; before.matrix.source == p.matrix.source && before.end > p.start {
				p.start, p.carried = before.end, true
				p.end = max(p.end, p.start)
			}
		}
	}
	return parts, append(begin, len(parts))
}

// parts appends those of a matrix whose panels begin at a place of the slot.
func (x *matrix) parts(list []part, place, size int) []part {
	step, row := x.together(), int64(x.rowBytes())
	step *= max(1, size/(step*x.columns()*int(row)))
	for first := 0; first < x.panels(); first += step {
		p := part{matrix: x, first: first, last: min(first+step, x.panels()), place: place + first*x.panelSize()}
		p.from = x.at + int64(first*x.columns())*row
		p.to = x.at + int64(min(p.last*x.columns(), x.rows))*row
		p.start, p.end = p.from/filePage*filePage, (p.to+filePage-1)/filePage*filePage
		list = append(list, p)
	}
	return list
}

// together is the least number of panels whose rows lie in the file as they do in the model, in whatever order.
func (x *matrix) together() int {
	a, b := x.columns(), x.group
	for b != 0 {
		a, b = b, a%b
	}
	return x.group / a // the least common multiple by columns
}

// rows returns the matrix of a part's rows, given what was read from start on into buffer[filePage:], with the page before it.
func (p *part) rows(buffer []byte) *matrix {
	data := buffer[filePage+p.from-p.start : filePage+p.to-p.start]
	first := p.first * p.matrix.columns()
	return p.matrix.cut(first, min(p.last*p.matrix.columns(), p.matrix.rows)-first, data)
}
