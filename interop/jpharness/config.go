package jpharness

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/results"
)

// OriginKey names the member, of samples and results, that lm-eval does not have: what is needed to read an exported run
// back.
const OriginKey = "swallow_eval"

// Config is what a harness's result file says of the run as a whole. What it does not say is empty.
type Config struct {
	// Model is the model's name, from model_name or else from the "pretrained" of model_args.
	Model string
	// Shots are the numbers of examples by task; AllShots is the older harnesses' one number for all tasks, nil for none.
	Shots    map[string]int
	AllShots *int
	// Limit is the number or share of documents that the run was limited to, "" for all.
	Limit string
	// Versions are the tasks' versions.
	Versions map[string]string
	// Evaluated are the numbers of documents behind the numbers, by task.
	Evaluated map[string]int
	// Profile and Identity are those of a run that this program exported; Identity has the digests only.
	Profile  string
	Identity results.Model
	// Own are the task files that such a run asked.
	Own []results.OwnTask
	// Invented is the data set whose questions such a run answered where they were invented.
	Invented string
}

// ReadConfig reads "model_name", "config", "n-shot", "n-samples" and "versions" of a result file of lm-eval 0.4, the EN harness
// or the JP harness. Fields of unexpected types are passed over: they identify, and nothing is computed from them.
func ReadConfig(name string, r io.Reader) (Config, error) {
	w := python.NewWalker(name, r)
	c := Config{Shots: map[string]int{}, Versions: map[string]string{}, Evaluated: map[string]int{}}
	var asked []string // the tasks in the order of the command line
	var each []int
	err := w.Document(python.Visitor{Member: func(key string) error {
		switch key {
		case "model_name", "config", "n-shot", "n-samples", "versions", OriginKey:
			raw, err := w.Raw()
			if err != nil {
				return err
			}
			c.take(key, raw)
			switch key {
			case "versions":
				asked = members(raw)
			case "config":
				each = shotsOfEach(raw)
			}
			return nil
		}
		return w.Skip()
	}})
	if len(each) == len(asked) { // the JP harness's list goes with its tasks, whose order "versions" keeps
		for i, task := range asked {
			c.Shots[task] = each[i]
		}
	}
	return c, err
}

// members are an object's names in their order.
func members(raw json.RawMessage) []string {
	v, err := python.Parse(raw)
	o, ok := v.(python.Object)
	if err != nil || !ok {
		return nil
	}
	names := make([]string, len(o))
	for i, m := range o {
		names[i] = m.Name
	}
	return names
}

// shotsOfEach are the numbers of examples of a configuration that gives each task its own, nil where it does not.
func shotsOfEach(raw json.RawMessage) []int {
	var c struct {
		Shots []int `json:"num_fewshot"`
	}
	if json.Unmarshal(raw, &c) != nil {
		return nil
	}
	return c.Shots
}

func (c *Config) take(key string, raw json.RawMessage) {
	var fields map[string]json.RawMessage
	object := json.Unmarshal(raw, &fields) == nil
	switch {
	case key == "model_name":
		if json.Unmarshal(raw, &c.Model) != nil {
			c.Model = ""
		}
	case key == "config" && object:
		var args string
		if json.Unmarshal(fields["model_args"], &args) == nil && c.Model == "" {
			for _, arg := range strings.Split(args, ",") {
				if model, ok := strings.CutPrefix(arg, "pretrained="); ok {
					c.Model = model
				}
			}
		}
		if limit, err := python.Scalar(fields["limit"]); err == nil && limit != nil {
			c.Limit = *limit
		}
		var shots *int
		if json.Unmarshal(fields["num_fewshot"], &shots) == nil {
			c.AllShots = shots
		}
	case key == OriginKey && object:
		if json.Unmarshal(fields["profile"], &c.Profile) != nil || json.Unmarshal(fields["model"], &c.Identity) != nil {
			c.Profile, c.Identity = "", results.Model{}
		}
		if json.Unmarshal(fields["own_tasks"], &c.Own) != nil {
			c.Own = nil
		}
		if json.Unmarshal(fields["invented_data"], &c.Invented) != nil {
			c.Invented = ""
		}
	case key == "n-shot" && object:
		for task, v := range fields {
			var n *int
			if json.Unmarshal(v, &n) == nil && n != nil {
				c.Shots[task] = *n
			}
		}
	case key == "n-samples" && object:
		for task, v := range fields {
			var n struct{ Effective *int }
			if json.Unmarshal(v, &n) == nil && n.Effective != nil {
				c.Evaluated[task] = *n.Effective
			}
		}
	case key == "versions" && object:
		for task, v := range fields {
			if text, err := python.Scalar(v); err == nil && text != nil {
				c.Versions[task] = *text
			}
		}
	}
}
