package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/models/chat"
	"github.com/swallow-eval/swallow-eval/models/local"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// chatFlags ask in the model's own chat template.
type chatFlags struct {
	apply bool
	chat.Options
	template *chat.Template
}

func (f *chatFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&f.apply, "apply-chat-template", false, "ask in the model's own chat template; the profile's name and every output then say +chat")
	fl.BoolVar(&f.Multiturn, "fewshot-as-multiturn", false, "with --apply-chat-template: every example is a turn and its answer another")
	fl.StringVar(&f.System, "system-instruction", "", "with --apply-chat-template: text of a system turn in front")
}

// check finds what is wrong with the flags.
func (f *chatFlags) check(model string) error {
	switch {
	case f.apply && model == "":
		return errors.New("--apply-chat-template needs a --model, whose template it is")
	case !f.apply && f.System != "":
		return errors.New("--system-instruction goes with --apply-chat-template: the profile's own prompts have no system instruction")
	case !f.apply && f.Multiturn:
		return errors.New("--fewshot-as-multiturn goes with --apply-chat-template: the profile's own prompts have no turns")
	}
	return nil
}

// named is the profile under the name that the flags give it.
func (f *chatFlags) named(p tasks.Profile) tasks.Profile {
	if f.apply {
		p.Name, p.Reference, p.Missing = p.Name+f.Suffix(), "", nil
	}
	return p
}

// in returns the profile, named already, and the chosen tasks as the model's template shows them. Nothing but its small
// files is read.
func (f *chatFlags) in(ctx context.Context, c console, m *modelFlags, p tasks.Profile, chosen []tasks.Task) (tasks.Profile, []tasks.Task, error) {
	if !f.apply {
		return p, chosen, nil
	}
	var err error
	if f.template, err = m.chatTemplate(ctx, c); err != nil {
		return p, nil, err
	}
	return chat.Profile(p, chosen, f.template, f.Options)
}

// record is what the manifest says of the template.
func (f *chatFlags) record() *results.ChatTemplate {
	if !f.apply {
		return nil
	}
	return &results.ChatTemplate{Digest: f.template.Digest, Source: f.template.Source, System: f.System, Multiturn: f.Multiturn}
}

// chatTemplate finds the template of the model.
func (f *modelFlags) chatTemplate(ctx context.Context, c console) (*chat.Template, error) {
	if isServer(f.model) {
		if f.server.tokenizer == "" {
			return nil, errors.New("--apply-chat-template needs --tokenizer with a server: the template is a file of the model")
		}
		return f.ofTokenizer().chatTemplate(ctx, c)
	}
	place, _, err := f.local(ctx, c, local.Encoder)
	if err != nil {
		return nil, err
	}
	tok, err := place.Tokenizer()
	if err != nil {
		return nil, f.flagged(err)
	}
	t, err := place.ChatTemplate(tok)
	return t, f.flagged(err)
}
