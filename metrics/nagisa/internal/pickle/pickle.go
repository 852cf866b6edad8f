// Package pickle reads Python pickles of plain data and nothing else.
//
// A pickle is a program for a stack machine, and the full machine can call any function. This one promises never to:
// it knows the instructions of protocol 2, in which nagisa writes its files (nagisa/nagisa_utils.pyx, dump_data), that
// make None, bool, int, float, str, list, tuple and dict and that store and fetch them again, and refuses every other.
// Memory is bounded, whatever the input says of itself.
//
// The instructions are those of CPython's Lib/pickletools.py and Modules/_pickle.c.
package pickle

// The Go values of Python's: None is nil, bool is bool, int is int64 (larger ones are refused), float is float64, str is
// string, and the rest are the types below. Lists are tuples here: nobody changes them once they are read. A container
// may hold itself, as in Python.

// List is a list or a tuple.
type List struct{ Items []any }

// Dict is a dict whose keys are str; of equal keys the last counts.
type Dict struct{ Values map[string]any }

// Instructions of plain data that CPython writes in protocol 2.
const (
	opMark           = '('
	opStop           = '.'
	opBinInt         = 'J'
	opBinInt1        = 'K'
	opBinInt2        = 'M'
	opNone           = 'N'
	opBinString      = 'T'
	opShortBinString = 'U'
	opBinUnicode     = 'X'
	opAppend         = 'a'
	opEmptyDict      = '}'
	opAppends        = 'e'
	opBinGet         = 'h'
	opLongBinGet     = 'j'
	opEmptyList      = ']'
	opBinPut         = 'q'
	opLongBinPut     = 'r'
	opSetItem        = 's'
	opTuple          = 't'
	opEmptyTuple     = ')'
	opSetItems       = 'u'
	opBinFloat       = 'G'
	opProto          = 0x80
	opTuple1         = 0x85
	opTuple2         = 0x86
	opTuple3         = 0x87
	opNewTrue        = 0x88
	opNewFalse       = 0x89
	opLong1          = 0x8a
)

// protocol is the one that is read.
const protocol = 2
