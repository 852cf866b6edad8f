package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/interop/lmeval"
	"github.com/swallow-eval/swallow-eval/models/locate"
)

// compatFlags let people paste the command lines of lm-eval: what means the same here is accepted, what would change
// numbers or has no counterpart is refused with a hint, and nothing is ignored in silence.
type compatFlags struct {
	modelArgs   string
	device      string
	maxBatch    string
	logSamples  bool
	trustRemote bool
	unsafeCode  bool
	verbosity   string
	refused     map[string]*string
}

// refusedFlags are lm-eval's flags that have no meaning here, with the reason.
var refusedFlags = []struct {
	name, hint string
	isSwitch   bool // written without a value
}{
	{"gen-kwargs", "generation is greedy, as the profile has it", false},
	{"config", "use flags", false},
	{"cache-requests", "building the prompts takes no time worth caching", false},
	{"predict-only", "every run is scored; the outputs are in the samples", true},
	{"write-out", "swallow-eval prompts prints every request, swallow-eval show TASK POSITION one as the model sees it", true},
	{"show-config", "run.json records what was evaluated and how; swallow-eval list tasks shows the tasks", true},
	{"check-integrity", "swallow-eval verify proves prompts and data by hash", true},
	{"metadata", "the profile's tasks take no metadata", false},
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
	fl.BoolVar(&f.unsafeCode, "confirm-run-unsafe-code", false, "accepted and meaningless: no code of a model or data set is run")
	fl.StringVarP(&f.verbosity, "verbosity", "v", "", "accepted: warnings and progress are always on standard error, and nothing else")
	f.refused = map[string]*string{}
	for _, r := range refusedFlags {
		f.refused[r.name] = fl.String(r.name, "", r.hint)
		if r.isSwitch {
			fl.Lookup(r.name).NoOptDefVal = "true"
		}
	}
	for _, name := range []string{"max-batch-size", "log-samples", "trust-remote-code", "device", "confirm-run-unsafe-code", "verbosity"} {
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
	if err := f.checkVerbosity(); err != nil {
		return err
	}
	if err := locate.ServerBackend(m.model); err != nil {
		return fmt.Errorf("%s %w", m.flagName(), err)
	}
	return f.applyModelArgs(c, m)
}

// checkVerbosity accepts the levels of Python's logging, which lm-eval has.
func (f *compatFlags) checkVerbosity() error {
	switch strings.ToUpper(f.verbosity) {
	case "", "CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG":
		return nil
	}
	return fmt.Errorf("--verbosity %q: choose CRITICAL, ERROR, WARNING, INFO or DEBUG; none changes what is printed", f.verbosity)
}

// applyModelArgs reads lm-eval's --model_args into m.
func (f *compatFlags) applyModelArgs(c console, m *modelFlags) error {
	if f.modelArgs == "" {
		return nil
	}
	a, err := lmeval.ParseModelArgs(f.modelArgs, m.model)
	if err != nil {
		return fmt.Errorf("--model-args: %w", err)
	}
	if m.model = a.Model; a.Named {
		m.flag = "--model-args" // --model then names lm-eval's backend
	}
	if a.DType != "" {
		m.dtype = a.DType
	}
	if a.Adapter != "" {
		m.adapter = a.Adapter
	}
	if a.Window > 0 {
		m.window = a.Window
	}
	if a.TrustRemoteCode {
		_, err = fmt.Fprintln(c.err, "trust_remote_code: no remote code is ever executed")
	}
	return err
}
