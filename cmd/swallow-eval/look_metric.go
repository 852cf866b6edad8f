package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/eval/texts"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/metrics/named"
	"github.com/swallow-eval/swallow-eval/models/local"
)

func newMetricCommand(c console) *cobra.Command {
	var input string
	var m modelFlags
	cmd := &cobra.Command{
		Use:   "metric NAME [--input F] [--model M]",
		Short: "Score texts: JSONL in, statistics and the corpus score out",
		Long: fmt.Sprintf(`metric scores one text a line and prints its statistics and value, and last the corpus score with its signature.

{"output","targets":[]} holds a completion as a model gave it, which the metric's reference first cuts, normalises or
extracts from; {"prediction","reference"} are compared as they stand. A task's name stands for its column's metric.

Metrics: %s`, strings.Join(named.Names(), ", ")),
		Example: `  echo '{"prediction":"東京都","reference":"東京"}' | swallow-eval metric char_f1`,
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			metric, err := findMetric(cmd.Context(), c, args[0], m)
			if err != nil {
				return err
			}
			records, err := readRecords(c, input, (*texts.Text).Check)
			if err != nil {
				return err
			}
			out := terminal.NewLines(c.out)
			corpus, err := texts.Score(metric, records, func(s texts.Scored) error { return out.Write(s) })
			if err == nil {
				err = out.Write(corpus)
			}
			return flushed(err, out)
		},
	}
	m.registerModel(cmd)
	cmd.Flags().StringVarP(&input, "input", "i", "", "JSONL file (default: standard input)")
	return cmd
}

// columnOf is the name of the metric of a task's published column, "" where there is no such task, or none that text alone
// can be scored by.
func columnOf(c console, task string) string {
	for _, p := range c.known() {
		if t, ok := p.Task(task); ok && len(t.Spec().Metrics) > 0 {
			if name := named.NameOf(t.Spec().Metrics[0]); name != "" {
				return name
			}
		}
	}
	return ""
}

// findMetric returns the metric of that name, or of the task of that name. m names the directory whose tokenizer rouge2-lm counts in.
func findMetric(ctx context.Context, c console, name string, m modelFlags) (named.Metric, error) {
	if _, ok := named.Find(name); !ok {
		if column := columnOf(c, name); column != "" {
			name = column
		}
	}
	if name == named.RougeOfModel {
		place, _, err := m.local(ctx, c, local.Tokenizer)
		if err != nil {
			return named.Metric{}, fmt.Errorf("%s counts a model's tokens: %w", name, err)
		}
		tok, err := place.Tokenizer()
		if err != nil {
			return named.Metric{}, m.flagged(err)
		}
		return named.OfModel(tok.Pieces, tok.Digest()), nil
	}
	if m.model != "" {
		return named.Metric{}, fmt.Errorf("--model is for %s: %s needs none", named.RougeOfModel, name)
	}
	if found, ok := named.Find(name); ok {
		return found, nil
	}
	return named.Metric{}, fmt.Errorf("unknown metric %q: choose one of %s", name, strings.Join(named.Names(), ", "))
}
