package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/jsonwords"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// fields is the body of a request. Each field is taken once by who obeys it; what nobody has taken could change the
// answer and is refused.
type fields struct {
	values map[string]json.RawMessage
}

// readFields reads one JSON object, whose null fields are absent.
func readFields(body []byte) (*fields, error) {
	var values map[string]json.RawMessage
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&values); err != nil {
		return nil, fmt.Errorf("the body is not a JSON object: %w", err)
	}
	if d.More() {
		return nil, errors.New("the body holds more than one JSON value")
	}
	maps.DeleteFunc(values, func(_ string, v json.RawMessage) bool { return string(v) == "null" })
	return &fields{values}, nil
}

// take reads a field into a value, if it is there.
func take[T any](f *fields, name string, into *T) error {
	raw, ok := f.values[name]
	if !ok {
		return nil
	}
	delete(f.values, name)
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %s is not what is expected there: %s", name, shortened(raw), jsonwords.Text(err))
	}
	return nil
}

// neutral lists fields that say how to sample, with the values under which they say nothing. With nil a field never does.
func neutral() map[string][]string {
	return map[string][]string{
		"temperature": {"0"}, "n": {"1"}, "best_of": {"1"}, "presence_penalty": {"0"}, "frequency_penalty": {"0"},
		"repetition_penalty": {"1"}, "min_tokens": {"0"}, "min_p": {"0"}, "length_penalty": {"1"}, "use_beam_search": {"false"},
		"ignore_eos": {"false"}, "skip_special_tokens": {"true"}, "spaces_between_special_tokens": {"true", "false"},
		"include_stop_str_in_output": {"false"}, "suffix": {`""`}, "logit_bias": {"{}"}, "stop_token_ids": {"[]"},
		"bad_words": {"[]"}, "allowed_token_ids": {"[]"}, "truncate_prompt_tokens": {}, "do_sample": {"false"},
		"tools": {"[]"}, "tool_choice": {`"none"`}, "response_format": {`{"type":"text"}`}, "modalities": {`["text"]`},
		"add_generation_prompt": {"true"}, "continue_final_message": {"false"}, "chat_template_kwargs": {"{}"},
		"seed": nil, "user": nil, "top_p": nil, "top_k": nil, "store": nil, "metadata": nil, "service_tier": nil, "priority": nil,
		"request_id": nil, "safety_identifier": nil, "prompt_cache_key": nil, "parallel_tool_calls": nil,
	}
}

// finish refuses what is left: what asks for something else than the most probable continuation, and what nobody here knows.
func (f *fields) finish() error {
	harmless := neutral()
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		values, known := harmless[name]
		if !known {
			return fmt.Errorf("%s: this server does not know the field, and it could change the answer", name)
		}
		if values != nil && !slices.ContainsFunc(values, func(v string) bool { return sameJSON(v, f.values[name]) }) {
			return fmt.Errorf("%s: %s: this server gives the most probable continuation, one a prompt, under no constraint", name, shortened(f.values[name]))
		}
	}
	return nil
}

// sameJSON compares two values, numbers as such: 1.0 is 1.
func sameJSON(want string, raw json.RawMessage) bool {
	var a, b any
	if json.Unmarshal([]byte(want), &a) != nil || json.Unmarshal(raw, &b) != nil {
		return false
	}
	x, errx := json.Marshal(a)
	y, erry := json.Marshal(b)
	return errx == nil && erry == nil && bytes.Equal(x, y)
}

func shortened(raw json.RawMessage) string {
	if s := string(raw); len(s) <= 40 {
		return s
	}
	return strings.ToValidUTF8(string(raw[:40]), "") + "..."
}

// prompt is one prompt, as text or as tokens.
type prompt struct {
	text   string
	ids    []int32
	isText bool
}

// takePrompts reads a string, an array of strings, an array of token ids or an array of arrays of them.
func takePrompts(f *fields) ([]prompt, error) {
	raw, ok := f.values["prompt"]
	if !ok {
		return nil, errors.New("prompt: missing")
	}
	delete(f.values, "prompt")
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return []prompt{{text: text, isText: true}}, nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return nil, errors.New("prompt: neither a string nor an array of strings, of token ids or of arrays of token ids, with at least one element")
	}
	if ids, err := tokensOf(raw); err == nil {
		return []prompt{{ids: ids}}, nil
	}
	prompts := make([]prompt, len(list))
	for i, item := range list {
		if string(item) != "null" && json.Unmarshal(item, &text) == nil { // to Unmarshal null is a text, and that of before
			prompts[i] = prompt{text: text, isText: true}
		} else if ids, err := tokensOf(item); err == nil {
			prompts[i] = prompt{ids: ids}
		} else {
			return nil, fmt.Errorf("prompt[%d]: %s is neither a string nor an array of token ids", i, shortened(item))
		}
		if prompts[i].isText != prompts[0].isText {
			return nil, fmt.Errorf("prompt[%d]: strings and token ids in one array", i)
		}
	}
	return prompts, nil
}

// tokensOf reads an array of token ids.
func tokensOf(raw json.RawMessage) ([]int32, error) {
	var ids []*int32
	if err := json.Unmarshal(raw, &ids); err != nil {
		return nil, err
	}
	if ids == nil {
		return nil, errors.New("null is no array")
	}
	list := make([]int32, len(ids))
	for i, id := range ids {
		if id == nil || *id < 0 {
			return nil, fmt.Errorf("token %d is none", i)
		}
		list[i] = *id
	}
	return list, nil
}

// takeStops reads a stop string or several.
func takeStops(f *fields) ([]string, error) {
	raw, ok := f.values["stop"]
	if !ok {
		return nil, nil
	}
	var stops []string
	var one string
	if json.Unmarshal(raw, &one) == nil {
		stops = []string{one}
		delete(f.values, "stop")
	} else if err := take(f, "stop", &stops); err != nil {
		return nil, err
	}
	if slices.Contains(stops, "") {
		return nil, errors.New("stop: an empty string stops nothing")
	}
	return stops, nil
}

// takeProtocol reads which wrapper's rules hold; this program's own clients say so.
func takeProtocol(f *fields) (tasks.Protocol, error) {
	p := tasks.Plain
	if err := take(f, "protocol", &p); err != nil {
		return "", err
	}
	if _, known := p.Rules(); !known {
		return "", fmt.Errorf("protocol: unknown protocol %q", p)
	}
	return p, nil
}
