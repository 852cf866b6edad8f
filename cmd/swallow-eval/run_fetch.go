package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/models/local"
)

func newFetchCommand(c console) *cobra.Command {
	var s selection
	var m modelFlags
	cmd := &cobra.Command{
		Use:   "fetch [--tasks T] [--model M] [--data-dir D]",
		Short: "Download data sets and models ahead, verified",
		Long: `fetch downloads what run would need. A model comes from the Hugging Face hub into the cache that its Python client uses
(HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN and friends are honoured; what that client has downloaded is found). A data
set's files come from where they are published, into --data-dir. Every file is compared with the digest that the hub
announces or the manifest pins before it gets its name; an interrupted download goes on where it stopped. Archives are
fetched as they are and read in place. A data set's licence is shown before its first file is fetched.

Files whose original digest is not known are fetched with --allow-unpinned-data only, and then every output says so;
without it they are named, with their address. With --offline fetch only says whether all is there (exit code 3: it is not).`,
		Example: "  swallow-eval fetch --tasks gsm8k,jsquad --model 7b",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return fetchAll(cmd.Context(), c, &s, &m) },
	}
	s.registerData(cmd)
	f := cmd.Flags()
	s.registerProfile(f, c)
	f.StringSliceVarP(&s.tasks, "tasks", "t", nil, "tasks or groups whose data to fetch")
	m.registerModel(cmd)
	m.registerAdapter(cmd)
	return cmd
}

// fetchAll brings the data of the chosen tasks and the model, whichever are named, the model's small files first.
func fetchAll(ctx context.Context, c console, s *selection, m *modelFlags) error {
	var dataErr error
	if len(s.tasks) == 0 && m.model == "" {
		return errors.New("nothing to fetch: give --tasks, --model or both")
	}
	if m.model != "" {
		if err := m.check(); err != nil {
			return err
		}
	}
	if len(s.tasks) > 0 {
		_, chosen, err := s.choose(c)
		if err != nil {
			return err
		}
		if m.model != "" {
			// What is absent and must stay so does not keep the rest from being looked at.
			if err := m.prepare(ctx, c); err != nil && !errors.Is(err, hub.ErrOffline) && !errors.Is(err, hub.ErrIncomplete) {
				return err
			}
		}
		// What could not be had of the data says the exit code; the model is fetched all the same.
		if dataErr = s.fetchData(ctx, c, chosen, m.network); dataErr != nil && ctx.Err() != nil {
			return dataErr
		}
	}
	if m.model == "" {
		return dataErr
	}
	place, name, err := m.local(ctx, c, local.Whole)
	if err == nil {
		if place.Files != nil {
			place.Path = "this program"
		}
		_, err = fmt.Fprintf(c.out, "%s is in %s\n", name, place.Path)
	}
	return errors.Join(dataErr, err)
}
