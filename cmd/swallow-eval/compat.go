package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// compatFlags let people paste the command lines of lm-eval: what means the same here is accepted, what would change
// numbers or has no counterpart is refused with a hint, and nothing is ignored in silence.
type compatFlags struct {
	modelArgs   string
	device      string
	maxBatch    string
	logSamples  bool
	trustRemote bool
	refused     map[string]*string
}

// refusedFlags are lm-eval's flags that have no meaning here, with the reason.
var refusedFlags = []struct {
	name, hint string
	isSwitch   bool // written without a value
}{
	{"gen-kwargs", "generation is greedy, as the profile has it", false},
	{"apply-chat-template", "the profile's prompts have no chat template", true},
	{"fewshot-as-multiturn", "the profile's prompts have no chat template", true},
	{"system-instruction", "the profile's prompts have no system instruction", false},
	{"include-path", "tasks are part of the profile", false},
	{"config", "use flags", false},
	{"cache-requests", "building the prompts takes no time worth caching", false},
	{"predict-only", "every run is scored; the outputs are in the samples", true},
	{"wandb-args", "results are files; upload them with your own tool", false},
	{"hf-hub-log-args", "results are files; upload them with your own tool", false},
}

func (f *compatFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVarP(&f.modelArgs, "model-args", "a", "", "lm-eval's form: pretrained=DIR,dtype=f32,max_length=N")
	fl.StringVar(&f.device, "device", "cpu", "cpu")
	fl.StringVar(&f.maxBatch, "max-batch-size", "", "accepted; never changes a result")
	fl.BoolVarP(&f.logSamples, "log-samples", "s", true, "samples are always written where -o is given")
	fl.BoolVar(&f.trustRemote, "trust-remote-code", false, "accepted and meaningless")
	f.refused = map[string]*string{}
	for _, r := range refusedFlags {
		f.refused[r.name] = fl.String(r.name, "", r.hint)
		if r.isSwitch {
			fl.Lookup(r.name).NoOptDefVal = "true"
		}
	}
	for _, name := range []string{"max-batch-size", "log-samples", "trust-remote-code", "device"} {
		hide(cmd, name)
	}
	for _, r := range refusedFlags {
		hide(cmd, r.name)
	}
}

func hide(cmd *cobra.Command, name string) { cmd.Flags().Lookup(name).Hidden = true }

// check applies the accepted flags to m and refuses the others.
func (f *compatFlags) check(cmd *cobra.Command, c console, m *modelFlags) error {
	for _, r := range refusedFlags {
		if cmd.Flags().Changed(r.name) {
			return fmt.Errorf("--%s is not supported: %s", r.name, r.hint)
		}
	}
	if f.device != "cpu" {
		return fmt.Errorf("--device %s: the embedded engine runs on the CPU", f.device)
	}
	if !f.logSamples {
		return fmt.Errorf("--log-samples=false: samples are the evidence of a run; leave out -o to write nothing")
	}
	if f.trustRemote {
		if _, err := fmt.Fprintln(c.err, "--trust-remote-code: no remote code is ever executed"); err != nil {
			return err
		}
	}
	return f.applyModelArgs(m)
}

// dtypeNames are lm-eval's words for arithmetic that the engine has.
var dtypeNames = map[string]string{"float32": "f32", "float": "f32", "bfloat16": "bf16"}

func (f *compatFlags) applyModelArgs(m *modelFlags) error {
	if f.modelArgs == "" {
		return nil
	}
	for _, arg := range strings.Split(f.modelArgs, ",") {
		key, value, ok := strings.Cut(arg, "=")
		if !ok {
			return fmt.Errorf("--model-args: %q is not of the form key=value", arg)
		}
		switch key {
		case "pretrained":
			m.model = value // --model then names lm-eval's backend
		case "dtype":
			if short, ok := dtypeNames[value]; ok {
				value = short
			}
			m.dtype = value
		case "max_length":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 {
				return fmt.Errorf("--model-args: max_length %q is not a positive number", value)
			}
			m.window = n
		default:
			return fmt.Errorf("--model-args: %s is not supported: pretrained, dtype and max_length are", key)
		}
	}
	return nil
}
