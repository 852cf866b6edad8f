package datasets

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// parseNIILC reads <questions><question id><text/><answers><answer/>…, with the text of an element as xmltodict 0.13
// gives it: stripped of Python's white space, null when nothing is left. Everything else in a question is annotation
// and skipped. A document type declaration is refused, so no entity is ever defined, let alone expanded.
func parseNIILC(content []byte) ([]json.RawMessage, error) {
	d := xml.NewDecoder(bytes.NewReader(content))
	x := niilcReader{d: d}
	root, err := x.root()
	if err == nil && root.Name.Local != "questions" {
		err = x.errorf("the root element is <" + root.Name.Local + ">, not <questions>")
	}
	var rows []json.RawMessage
	for err == nil {
		var child *xml.StartElement
		if child, err = x.child(); child == nil {
			break
		}
		if child.Name.Local != "question" {
			err = x.errorf("<questions> holds <" + child.Name.Local + ">")
			break
		}
		var row json.RawMessage
		if row, err = x.question(*child); err == nil {
			rows = append(rows, row)
		}
	}
	if err == nil {
		err = x.end()
	}
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		err = &lineError{syntax.Line, syntax.Msg}
	}
	return rows, err
}

type niilcReader struct{ d *xml.Decoder }

func (x niilcReader) errorf(what string) error {
	line, _ := x.d.InputPos()
	return &lineError{line, what}
}

// token returns the next token that is not a comment or a processing instruction.
func (x niilcReader) token() (xml.Token, error) {
	for {
		t, err := x.d.Token()
		if err != nil {
			return nil, err
		}
		switch t.(type) {
		case xml.Comment, xml.ProcInst:
			continue
		case xml.Directive:
			return nil, x.errorf("document type declarations are not accepted")
		}
		return t, nil
	}
}

// root returns the first element.
func (x niilcReader) root() (xml.StartElement, error) {
	for {
		t, err := x.token()
		if err == io.EOF {
			return xml.StartElement{}, errors.New("there is no element")
		}
		if err != nil {
			return xml.StartElement{}, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t, nil
		case xml.CharData:
			if !blank(t) {
				return xml.StartElement{}, x.errorf("text before the root element")
			}
		}
	}
}

// end makes sure that nothing follows the root element.
func (x niilcReader) end() error {
	for {
		t, err := x.token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if text, ok := t.(xml.CharData); !ok || !blank(text) {
			return x.errorf("there is something after the root element")
		}
	}
}

// child returns the next child of the element that is open, or nil at the element's end.
func (x niilcReader) child() (*xml.StartElement, error) {
	for {
		t, err := x.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return &t, nil
		case xml.EndElement:
			return nil, nil
		case xml.CharData:
			if !blank(t) {
				return nil, x.errorf("text between elements")
			}
		}
	}
}

// text returns the text of the element that is open, nil when it is empty, and closes it.
func (x niilcReader) text(name string) (any, error) {
	var b strings.Builder
	for {
		t, err := x.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return nil, x.errorf("<" + name + "> holds <" + t.Name.Local + ">")
		case xml.CharData:
			b.Write(t)
		case xml.EndElement:
			if s := strings.TrimFunc(b.String(), pythonSpace); s != "" {
				return s, nil
			}
			return nil, nil
		}
	}
}

// question reads one question up to its end.
func (x niilcReader) question(start xml.StartElement) (json.RawMessage, error) {
	var fields []any
	for _, a := range start.Attr {
		if a.Name.Local == "id" {
			fields = append(fields, "id", a.Value)
		}
	}
	seen := map[string]bool{}
	for {
		child, err := x.child()
		if err != nil {
			return nil, err
		}
		if child == nil {
			return object(fields...), nil
		}
		name := child.Name.Local
		if name != "text" && name != "answers" {
			if err := x.d.Skip(); err != nil {
				return nil, err
			}
			continue
		}
		if seen[name] {
			return nil, x.errorf("a question has a second <" + name + ">")
		}
		seen[name] = true
		var value any
		if name == "text" {
			value, err = x.text(name)
		} else {
			value, err = x.answers()
		}
		if err != nil {
			return nil, err
		}
		fields = append(fields, name, value)
	}
}

func (x niilcReader) answers() ([]any, error) {
	texts := []any{}
	for {
		child, err := x.child()
		if err != nil || child == nil {
			return texts, err
		}
		if child.Name.Local != "answer" {
			return nil, x.errorf("<answers> holds <" + child.Name.Local + ">")
		}
		text, err := x.text("answer")
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
}

func blank(text []byte) bool { return len(bytes.TrimFunc(text, pythonSpace)) == 0 }
