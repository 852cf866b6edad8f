package planned

import (
	"context"
	"errors"
	"time"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/bench"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/memory"
)

// Count has an evaluation ask the model, which answers with nothing, and begins the plan of it: what is asked is then in m.Tasks.
// Tasks that cannot ask are holes there, and no error.
func Count(ctx context.Context, m *Model, opt eval.Options) (Plan, error) {
	opt.Env.Pieces, opt.Env.PiecesDigest, opt.Progress, opt.Open, opt.AskOnly = m.Pieces, m.identity.TokenizerDigest, m, nil, true
	begin, processor := time.Now(), bench.ProcessorTime()
	if _, err := eval.Run(ctx, m, opt); err != nil && !errors.As(err, new(eval.TaskErrors)) {
		return Plan{}, err
	}
	p := Plan{Model: m.identity.Name, WeightBytes: WeightBytes(m.config, 2)}
	p.Started(time.Since(begin), bench.ProcessorTime()-processor)
	return p, nil
}

// Room notes what memory a run may take here, and how a model of this configuration would use it; path is where its weights are,
// "" where they are not. A limit of the process is what may be taken even where the machine has more. Errors are those of engine.UseOf.
func (p *Plan) Room(path string, c engine.Config, o engine.Options) (err error) {
	if b, ok := memory.Within(o.ProcessLimit, 0); ok { // the run is a process of its own
		p.MemoryBytes = max(1, b.Room)
	}
	p.Use, err = engine.UseOf(path, c, o)
	return err
}

// Calibrate measures the machine on made-up layers for about so long. Weights are looked at, and room is made, before.
func (p *Plan) Calibrate(ctx context.Context, c engine.Config, o engine.Options, length time.Duration) error {
	costs, err := bench.Calibrate(ctx, c, o, length)
	if err != nil {
		return err
	}
	p.Rates = &costs
	p.LoadSeconds = p.Loading()
	return nil
}
