package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/bulk"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/models/chat"
	"github.com/swallow-eval/swallow-eval/models/embedded"
)

type generateFlags struct {
	modelFlags
	bulkFlags
	prompt, instruction, context string
	maxNew                       int
	temperature, topP            float64
	seed                         uint64
	chat                         bool
	system                       string
}

func newGenerateCommand(c console) *cobra.Command {
	var f generateFlags
	cmd := &cobra.Command{
		Use:   "generate --model M [--prompt S | --instruction S [--context S] | --input F]",
		Short: "Continue prompts: streaming for one, JSONL for many",
		Long: `generate continues a prompt and streams the text, or reads {"id","prompt"} or {"id","context_ids"} a line, with
optional "until" and "max_new_tokens", and prints {"id","text","output_ids","finish","prompt_tokens"} in input order.

--instruction puts the text into the prompt template of the Swallow instruct models, with --context as its input.
--chat makes the prompt, or that of every line, a user's turn in the model's own chat template, with --system-instruction in front;
special tokens that the template or the prompt spells are tokens.
Generation is greedy unless --temperature is given. Prompts are encoded without BOS, as the Swallow models expect; an
empty prompt is the model's BOS token alone. "finish" is eos, stop, length, or window where the model's positions ran out.

` + bulkLong,
		Example: `  swallow-eval generate --model ./Swallow-7b-hf --prompt "東京工業大学の主なキャンパスは、"
  swallow-eval generate --model ./Swallow-7b-instruct-hf --instruction "以下のトピックに関する詳細な情報を提供してください。" --context "東京工業大学の主なキャンパス" --temperature 0.99 --top-p 0.95`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd, c) },
	}
	f.modelFlags.register(cmd)
	f.registerDraft(cmd)
	f.bulkFlags.register(cmd, "JSONL file of prompts (- for standard input)")
	fl := cmd.Flags()
	fl.StringVar(&f.prompt, "prompt", "", "text to continue")
	fl.StringVar(&f.instruction, "instruction", "", "instruction for an instruct model")
	fl.StringVar(&f.context, "context", "", "input that goes with --instruction")
	fl.BoolVar(&f.chat, "chat", false, "the prompt is a user's turn in the model's own chat template")
	fl.StringVar(&f.system, "system-instruction", "", "with --chat: text of a system turn in front")
	fl.IntVar(&f.maxNew, "max-new-tokens", 128, "most tokens to generate")
	fl.Float64Var(&f.temperature, "temperature", 0, "sampling temperature; 0 is greedy")
	fl.Float64Var(&f.topP, "top-p", 1, "sample from the smallest set of tokens with this probability")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of the sampling")
	cmd.MarkFlagsMutuallyExclusive("input", "prompt", "instruction")
	cmd.MarkFlagsOneRequired("input", "prompt", "instruction")
	return cmd
}

func (f *generateFlags) run(cmd *cobra.Command, c console) error {
	if f.maxNew < 0 {
		return fmt.Errorf("--max-new-tokens %d is negative", f.maxNew)
	}
	if f.temperature < 0 || !(f.topP > 0 && f.topP <= 1) {
		return errors.New("--temperature must not be negative and --top-p lies above 0 and up to 1")
	}
	if cmd.Flags().Changed("context") && !cmd.Flags().Changed("instruction") {
		return errors.New("--context goes with --instruction")
	}
	if f.system != "" && !f.chat {
		return errors.New("--system-instruction goes with --chat")
	}
	if f.chat && cmd.Flags().Changed("instruction") {
		return errors.New("--chat and --instruction exclude each other: one is the model's own template, the other the card's")
	}
	if err := f.modelFlags.check(); err != nil {
		return err
	}
	turn, err := f.turn(cmd.Context(), c)
	if err != nil {
		return err
	}
	if !cmd.Flags().Changed("input") && (f.dir != "" || f.off) {
		return errors.New("--use-cache and --no-cache go with --input: nothing is remembered of one prompt")
	}
	if cmd.Flags().Changed("input") {
		return f.answer(cmd.Context(), c, &f.modelFlags, func(ctx context.Context, s bulk.Stream, m *embedded.Model) (bulk.Counts, error) {
			g := bulk.Generating{MaxNewTokens: f.maxNew, Sampling: f.sampling()}
			if turn != nil {
				g.Encode = func(prompt string) ([]int32, error) { return turn(m.Tokenizer(), prompt) }
			}
			return bulk.Generate(ctx, s, m, g)
		})
	}
	m, err := f.openEngine(cmd.Context(), c)
	if err != nil {
		return err
	}
	prompt, encode := f.prompt, turn
	if encode == nil {
		encode = func(tok *tokenizer.Tokenizer, prompt string) ([]int32, error) { return tok.Encode(prompt), nil }
	}
	if cmd.Flags().Changed("instruction") {
		prompt = chat.Instruct(f.instruction, f.context)
	}
	ids, err := encode(m.Tokenizer(), prompt)
	if err == nil {
		err = f.stream(cmd, c, m, ids)
	}
	return errors.Join(err, m.Close())
}

// turn returns how a prompt becomes tokens as a user's turn, nil without --chat.
func (f *generateFlags) turn(ctx context.Context, c console) (func(tok *tokenizer.Tokenizer, prompt string) ([]int32, error), error) {
	if !f.chat {
		return nil, nil
	}
	t, err := f.chatTemplate(ctx, c)
	if err != nil {
		return nil, err
	}
	return func(tok *tokenizer.Tokenizer, prompt string) ([]int32, error) {
		text, err := t.Render(chat.Ask(f.system, prompt))
		return tok.EncodeSpecial(text), err
	}, nil
}

func (f *generateFlags) sampling() embedded.Sampling {
	return embedded.Sampling{Temperature: f.temperature, TopP: f.topP, Seed: f.seed}
}

// stream prints one continuation as it grows. On a terminal and in the log of GitHub Actions, and only there, control
// characters are made visible and commands broken up.
func (f *generateFlags) stream(cmd *cobra.Command, c console, m *embedded.Model, prompt []int32) error {
	p := terminal.NewGrowing(c.out)
	o := embedded.Opening{
		IDs: prompt, MaxNewTokens: f.maxNew, Sampling: f.sampling(), Watch: p.Show,
	}
	err := m.Continue(cmd.Context(), []embedded.Opening{o}, func(_ int, r embedded.Continuation, err error) error {
		if err != nil {
			return err
		}
		return p.Finish(r.Text)
	})
	if err := errors.Join(err, p.Flush()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out)
	return err
}
