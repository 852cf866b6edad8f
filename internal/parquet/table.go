package parquet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/parquet-go/parquet-go/format"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
)

// Table reads every record whole, one JSON object each with the columns in the file's order: text, whole numbers, floating
// point numbers, truth values, and lists and structures of them. Columns that hold something else (images, dates, maps) are
// left out of the rows; a file without any other is an error. limit is as for Rows.
func Table(content []byte, limit int64) (rows []json.RawMessage, err error) {
	var top *element
	return rowsOf(content, limit, func(root *element) error {
		top = root
		for _, child := range root.children {
			child.take()
		}
		return nil
	}, func(row []byte, record map[string]any) ([]byte, error) { return appendStructure(row, top, record) })
}

// take marks the leaves below an element that Table reads.
func (e *element) take() {
	switch item := e.item(); {
	case e.repeated(): // neither a list as the format prescribes nor one value
	case item != nil:
		item.take()
	case e.leaf():
		e.wanted = e.text() || e.integer() || e.real()
	default:
		for _, child := range e.children {
			child.take()
		}
	}
}

// real says whether e is a floating point number or a truth value.
func (e *element) real() bool {
	return e.leaf() && e.LogicalType.Value == nil && !e.ConvertedType.Valid &&
		(e.Type.V == format.Float || e.Type.V == format.Double || e.Type.V == format.Boolean)
}

// taken says whether something of an element is read.
func (e *element) taken() bool {
	for _, child := range e.children {
		if child.taken() {
			return true
		}
	}
	return e.wanted
}

func appendStructure(b []byte, e *element, record map[string]any) ([]byte, error) {
	b = append(b, '{')
	first := true
	for _, child := range e.children {
		if !child.taken() {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(jsonscan.AppendString(b, child.Name), ':')
		var err error
		if b, err = appendValue(b, child, record[child.Name]); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// appendValue writes a value of an element as the generic reader gives it.
func appendValue(b []byte, e *element, value any) ([]byte, error) {
	c := Column{Source: e.path}
	switch v := value.(type) {
	case nil:
		return append(b, "null"...), nil
	case string:
		return appendText(b, c, v)
	case bool:
		return strconv.AppendBool(b, v), nil
	case float32:
		return appendFloat(b, c, float64(v), 32)
	case float64:
		return appendFloat(b, c, v, 64)
	case []any:
		if item := e.item(); item != nil {
			return c.appendList(b, v, func(b []byte, one any) ([]byte, error) { return appendValue(b, item, one) })
		}
	case map[string]any:
		return appendStructure(b, e, v)
	}
	if b, ok := appendInteger(b, value); ok {
		return b, nil
	}
	return b, fmt.Errorf("column %q: the reader gave a %T where %s is", e.path, value, e.describe())
}

// appendFloat writes a number with a point or an exponent, so that it stays what it is.
func appendFloat(b []byte, c Column, v float64, size int) ([]byte, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return b, fmt.Errorf("column %q holds %v, which JSON has no number for", c.Source, v)
	}
	at := len(b)
	b = strconv.AppendFloat(b, v, 'g', -1, size)
	if !bytes.ContainsAny(b[at:], ".e") {
		b = append(b, ".0"...)
	}
	return b, nil
}
