// Package jsonwords tells what encoding/json found wrong in words of JSON: its own words name Go's types and struct fields.
package jsonwords

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Text is an error's text in which what encoding/json says of a value's type, or of a number that JSON does not have, is
// said in JSON's own words.
func Text(err error) string {
	text := err.Error()
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		text = strings.Replace(text, wrong.Error(), wrongType(wrong), 1)
	}
	var unsupported *json.UnsupportedValueError
	if errors.As(err, &unsupported) {
		text = strings.Replace(text, unsupported.Error(), unsupported.Str+" is no number that can be written", 1)
	}
	return text
}

// wrongType says where a value of another type stands and which was wanted.
func wrongType(e *json.UnmarshalTypeError) string {
	found := e.Value
	if word, number, ok := strings.Cut(found, " "); ok && word == "number" {
		found = "the number " + number
	} else {
		found = article(found)
	}
	if e.Field == "" {
		return fmt.Sprintf("%s where %s is wanted", found, wanted(e.Type))
	}
	return fmt.Sprintf("%s is %s where %s is wanted", e.Field, found, wanted(e.Type))
}

func article(word string) string {
	if word == "array" || word == "object" {
		return "an " + word
	}
	return "a " + word
}

// wanted is a Go type in JSON's words.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return "a string"
		}
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number that is not negative"
	}
	return "another value"
}
