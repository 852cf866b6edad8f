package parquet

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// element is a node of a Parquet schema.
type element struct {
	format.SchemaElement
	children []*element
	// parent's path and the name, with dots, for messages.
	path string
	// index is the leaf's place in a row group; rep and def are its greatest repetition and definition level.
	index    int
	rep, def int
	// wanted marks what the columns name.
	wanted bool
}

const (
	schemaDepth = 32
	schemaWidth = 1 << 14
)

// schemaTree turns the flattened schema of a footer into a tree and the list of its leaves.
func schemaTree(flat []format.SchemaElement) (root *element, leaves []*element, err error) {
	if len(flat) == 0 || len(flat) > schemaWidth {
		return nil, nil, fmt.Errorf("a schema of %d elements", len(flat))
	}
	next := 0
	var build func(parent *element, depth int) (*element, error)
	build = func(parent *element, depth int) (*element, error) {
		if next == len(flat) {
			return nil, errors.New("the schema is cut short")
		}
		if depth > schemaDepth {
			return nil, fmt.Errorf("the schema is nested more than %d deep", schemaDepth)
		}
		e := &element{SchemaElement: flat[next], index: -1}
		next++
		if parent != nil {
			e.path, e.rep, e.def = e.Name, parent.rep, parent.def
			if parent.path != "" {
				e.path = parent.path + "." + e.Name
			}
			switch e.RepetitionType.V {
			case format.Optional:
				e.def++
			case format.Repeated:
				e.def++
				e.rep++
			}
		}
		if e.leaf() {
			if parent == nil {
				return nil, errors.New("the schema has no columns")
			}
			e.index = len(leaves)
			leaves = append(leaves, e)
			return e, nil
		}
		for range e.NumChildren.V {
			child, err := build(e, depth+1)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, child)
		}
		return e, nil
	}
	if root, err = build(nil, 0); err != nil {
		return nil, nil, err
	}
	if next != len(flat) {
		return nil, nil, errors.New("the schema has elements outside its root")
	}
	return root, leaves, nil
}

func (e *element) leaf() bool     { return e.Type.Valid }
func (e *element) repeated() bool { return e.RepetitionType.V == format.Repeated }

// converted reports whether the old annotation is one of types.
func (e *element) converted(types ...deprecated.ConvertedType) bool {
	return e.ConvertedType.Valid && slices.Contains(types, e.ConvertedType.V)
}

func (e *element) text() bool {
	_, is := e.LogicalType.Value.(*format.StringType)
	return e.leaf() && e.Type.V == format.ByteArray && (is || e.LogicalType.Value == nil && e.converted(deprecated.UTF8))
}

// integer reports whether e is a whole number that the library gives as it is: unsigned ones of 64 bits come out
// negative beyond half their range.
func (e *element) integer() bool {
	if !e.leaf() || e.Type.V != format.Int32 && e.Type.V != format.Int64 {
		return false
	}
	if e.LogicalType.Value != nil {
		typ, is := e.LogicalType.Value.(*format.IntType)
		return is && (typ.IsSigned || typ.BitWidth < 64)
	}
	return !e.ConvertedType.Valid || e.converted(deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64)
}

// item is the element of a list in the three levels that the format prescribes, or nil where e is no such list. The
// names of the inner levels differ between writers and do not count.
func (e *element) item() *element {
	_, is := e.LogicalType.Value.(*format.ListType)
	if e.leaf() || e.repeated() || !is && !e.converted(deprecated.List) || len(e.children) != 1 {
		return nil
	}
	group := e.children[0]
	if group.leaf() || !group.repeated() || len(group.children) != 1 || group.children[0].repeated() {
		return nil
	}
	return group.children[0]
}

// describe is what messages call the type.
func (e *element) describe() string {
	var what string
	switch item := e.item(); {
	case e.text():
		what = "string"
	case e.leaf():
		what = e.Type.V.String()
		if e.LogicalType.Value != nil {
			what += " (" + e.LogicalType.String() + ")"
		} else if e.ConvertedType.Valid {
			what += fmt.Sprintf(" (converted type %d)", e.ConvertedType.V)
		}
	case item != nil:
		what = "list of " + item.describe()
	default:
		var fields []string
		for _, child := range e.children {
			fields = append(fields, fmt.Sprintf("%.40q", child.Name))
			if len(fields) == 8 && len(e.children) > 8 {
				fields = append(fields, "…")
				break
			}
		}
		what = "structure of " + strings.Join(fields, ", ")
	}
	if e.repeated() {
		what = "repeated " + what
	}
	return what
}

// match compares the columns with the children of a group and marks the leaves that are to be read.
func (e *element) match(columns []Column) error {
	for _, c := range columns {
		if c.Source == "" {
			if err := e.match(c.Fields); err != nil {
				return err
			}
			continue
		}
		var found *element
		for _, child := range e.children {
			switch {
			case child.Name != c.Source:
			case found != nil:
				return fmt.Errorf("column %q is there twice", child.path)
			default:
				found = child
			}
		}
		if found == nil {
			path := strings.TrimPrefix(e.path+"."+c.Source, ".")
			return fmt.Errorf("column %q (%s) is not there: the file has %s", path, c.Kind.want(), e.describe())
		}
		if err := found.is(c); err != nil {
			return err
		}
	}
	return nil
}

// is compares an element with the column that names it.
func (e *element) is(c Column) error {
	item := e.item()
	group := !e.leaf() && !e.repeated() && item == nil
	ok := false
	switch c.Kind {
	case Text:
		ok = e.text() && !e.repeated()
	case Integer:
		ok = e.integer() && !e.repeated()
	case Texts:
		ok = item != nil && item.text()
	case Integers:
		ok = item != nil && item.integer()
	case Object, Zipped:
		ok = group
	case Objects:
		ok = item != nil && !item.leaf() && item.item() == nil
	}
	if !ok {
		return fmt.Errorf("column %q: wanted %s, got %s", e.path, c.Kind.want(), e.describe())
	}
	switch c.Kind {
	case Object, Zipped:
		return e.match(c.Fields)
	case Objects:
		return item.match(c.Fields)
	case Texts, Integers:
		item.wanted = true
	default:
		e.wanted = true
	}
	return nil
}

// want is what messages call a kind.
func (k Kind) want() string {
	switch k {
	case Text:
		return "string"
	case Texts:
		return "list of string"
	case Integers:
		return "list of integer"
	case Object:
		return "structure"
	case Objects:
		return "list of structures"
	case Zipped:
		return "structure of lists"
	default:
		return string(k)
	}
}

// prune returns the flattened schema of the wanted leaves and the groups above them.
func (e *element) prune() []format.SchemaElement {
	if e.leaf() {
		if e.wanted {
			return []format.SchemaElement{e.SchemaElement}
		}
		return nil
	}
	self := e.SchemaElement
	flat, count := []format.SchemaElement{self}, int32(0)
	for _, child := range e.children {
		if kept := child.prune(); kept != nil {
			flat = append(flat, kept...)
			count++
		}
	}
	if count == 0 {
		return nil
	}
	flat[0].NumChildren.V = count
	return flat
}
