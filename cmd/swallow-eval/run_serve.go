package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/chat"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/serve"
)

// serveKeyEnv holds the key of a server, for those who would not have it in the list of processes.
const serveKeyEnv = "SWALLOW_EVAL_API_KEY"

type serveFlags struct {
	modelFlags
	listen string
	name   string
	key    string
	body   int64
	limits serve.Limits
}

func newServeCommand(c console) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve --model M [--listen ADDRESS]",
		Short: "Answer the OpenAI protocol, so that other harnesses can ask this engine",
		Long: `serve answers /v1/completions and /v1/chat/completions of the OpenAI protocol with the engine in this program, and tells
log-probabilities of prompts (echo with logprobs), which harnesses score continuations by. Requests of many clients are
computed together; every number is that of loglikelihood and generate, to the last bit. What is answered, field by field, is in
docs/servers.md.

Only the most probable continuation is given: a request for anything else is refused with the field's name.

It listens on this machine alone unless --listen says otherwise, which needs a key: --api-key, or SWALLOW_EVAL_API_KEY in the
environment. SIGTERM or SIGINT ends it when the requests under way are answered, or after --grace.`,
		Example: `  swallow-eval serve --model 7b
  lm_eval --model local-completions --tasks hellaswag --model_args model=7b,base_url=http://127.0.0.1:8080/v1/completions,tokenizer_backend=remote,max_length=4096,num_concurrent=64`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), c) },
	}
	f.modelFlags.register(cmd)
	f.registerDraft(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.listen, "listen", "127.0.0.1:8080", "address and port; port 0 takes a free one")
	fl.StringVar(&f.name, "served-model-name", "", "what clients call the model (default: as --model says)")
	fl.StringVar(&f.key, "api-key", "", "key that clients must send (default: $"+serveKeyEnv+")")
	fl.Int64Var(&f.body, "max-body-mib", 32, "the largest body of one request")
	fl.IntVar(&f.limits.Queue, "max-queue", 4096, "the most prompts that wait or are computed; others are refused with 429")
	fl.DurationVar(&f.limits.Time, "timeout", 30*time.Minute, "how long one request may take, waiting included")
	fl.DurationVar(&f.limits.Grace, "grace", 30*time.Second, "how long requests under way may go on at the end")
	return cmd
}

func (f *serveFlags) check() error {
	if f.key == "" {
		f.key = os.Getenv(serveKeyEnv)
	}
	switch {
	case f.body < 1:
		return fmt.Errorf("--max-body-mib %d is not positive", f.body)
	case f.limits.Queue < 1:
		return fmt.Errorf("--max-queue %d is not positive", f.limits.Queue)
	case f.limits.Time <= 0 || f.limits.Grace <= 0:
		return errors.New("--timeout and --grace must be positive")
	}
	f.limits.Body = f.body << 20
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if f.key == "" && !onlyHere(host) {
		return fmt.Errorf("--listen %s can be reached from other machines: give a key with --api-key or $%s", f.listen, serveKeyEnv)
	}
	return f.modelFlags.check()
}

// onlyHere says whether a host's name or address is this machine's own.
func onlyHere(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (f *serveFlags) run(ctx context.Context, c console) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	// The address is taken before the model is loaded: that it is in use is known at once.
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	defer l.Close()
	m, err := f.openIdentified(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	served := servedModel(m, f.name)
	if served.Chat, err = f.chat(ctx, c, m); err != nil {
		return err
	}
	server := serve.New(served, f.key, f.limits)
	if _, err := fmt.Fprintf(c.err, "serving %s at http://%s\n", textsafe.Terminal(served.Identity.Name), l.Addr()); err != nil {
		server.Close()
		return err
	}
	return server.Run(ctx, l)
}

// chat makes prompts of conversations where the model has a chat template.
func (f *serveFlags) chat(ctx context.Context, c console, m *embedded.Model) (serve.Chat, error) {
	t, err := f.chatTemplate(ctx, c)
	if errors.Is(err, chat.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return func(messages []serve.Message) ([]int32, error) {
		turns := make([]chat.Turn, len(messages))
		for i, x := range messages {
			turns[i] = chat.Turn(x)
		}
		text, err := t.Render(turns)
		if err != nil {
			return nil, err
		}
		return m.Tokenizer().EncodeSpecial(text), nil
	}, nil
}

// servedModel is a model as a server has it, under another name where one is given.
func servedModel(m *embedded.Model, name string) serve.Model {
	served := serve.Model{Engine: m.Engine(), Encoder: &m.Encoder, Identity: m.Identity(), EOS: m.Engine().Config().EOS}
	if name != "" {
		served.Identity.Name = name
	}
	return served
}
