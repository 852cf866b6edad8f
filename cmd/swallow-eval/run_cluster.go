package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/swallow-eval/swallow-eval/cluster"
	"github.com/swallow-eval/swallow-eval/cluster/embedded"
	"github.com/swallow-eval/swallow-eval/models/local"
	"github.com/swallow-eval/swallow-eval/results"
)

// clusterTokenEnv holds the token of a broker, for those who would not have it in the list of processes.
const clusterTokenEnv = "SWALLOW_EVAL_CLUSTER_TOKEN"

// clusterFlags say where the broker is.
type clusterFlags struct {
	url, credentials, ca, token string
	replicas                    int
}

func (f *clusterFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.url, "cluster", "", "NATS broker with JetStream through which workers answer, as nats://host:4222 or tls://host:4222; run starts one itself for embedded or embedded:0.0.0.0:4222: docs/cluster.md")
	fl.StringVar(&f.token, "cluster-token", "", "token that the broker asks for (default: $"+clusterTokenEnv+")")
	fl.StringVar(&f.credentials, "cluster-creds", "", "credentials file for the broker")
	fl.StringVar(&f.ca, "cluster-ca", "", "certificates that the broker's must be signed by")
	fl.IntVar(&f.replicas, "cluster-replicas", 1, "how many of the broker's servers keep each message")
}

func (f *clusterFlags) check() error {
	_, own := embedded.Address(f.url)
	switch {
	case f.replicas == 0: // the command has no such flags
	case f.url == "" && (f.credentials != "" || f.ca != "" || f.token != ""):
		return errors.New("--cluster-creds, --cluster-ca and --cluster-token go with --cluster")
	case f.credentials != "" && f.token != "":
		return errors.New("--cluster-creds and --cluster-token exclude each other")
	case own && (f.credentials != "" || f.ca != "" || f.replicas > 1):
		return fmt.Errorf("--cluster %s is a broker of this process: it has neither credentials, certificates nor replicas; --cluster-token guards it", f.url)
	case f.replicas < 1 || f.replicas > 5:
		return fmt.Errorf("--cluster-replicas %d is not between 1 and 5", f.replicas)
	}
	return nil
}

// secret is the broker's token, "" for none.
func (f *clusterFlags) secret() string {
	if f.token != "" || f.credentials != "" {
		return f.token
	}
	return os.Getenv(clusterTokenEnv)
}

func (f *clusterFlags) options(c console) cluster.Options {
	return cluster.Options{
		URL: f.url, Credentials: f.credentials, CA: f.ca, Token: f.secret(), Replicas: f.replicas,
		Say: c.say,
	}
}

// openCluster waits at the broker for workers with the model that --model names, of which the small files are read here.
func (f *modelFlags) openCluster(ctx context.Context, c console) (model, error) {
	if isServer(f.model) {
		return nil, errors.New("--model is a server: with --cluster the workers ask servers, name the model's own files here")
	}
	place, name, err := f.local(ctx, c, local.Encoder)
	if err != nil {
		return nil, err
	}
	e, err := f.encoderAt(place)
	if err != nil {
		return nil, err
	}
	m, err := embedded.Open(ctx, e, results.Model{Name: name, DType: f.dtype}, f.cluster.options(c))
	if errors.Is(err, embedded.ErrOpen) {
		err = fmt.Errorf("%w, give --cluster-token or $%s", err, clusterTokenEnv)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func newWorkerCommand(c console) *cobra.Command {
	var f modelFlags
	var name string
	cmd := &cobra.Command{
		Use:   "worker --model M --cluster nats://HOST:4222",
		Short: "Answer requests of runs on other machines",
		Long: `worker opens a model, takes batches of requests from a NATS broker and answers them, until it is stopped. A run that is given
the same --cluster has its requests answered by all workers with its model; its samples are those of a run on one machine.

A worker waits for a broker that is not there yet. Workers may come, go and die at any time: a batch that was not answered goes to another one. A worker whose weights, tokenizer,
arithmetic or numerics version are not those of the run is refused.`,
		Example: `  swallow-eval worker --model 7b --cluster nats://head:4222
  swallow-eval run --model 7b --cluster nats://head:4222 --tasks all --data-dir ./data -o results/7b`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if f.cluster.url == "" {
				return errors.New("worker needs --cluster, the broker's address")
			}
			if _, own := embedded.Address(f.cluster.url); own {
				return fmt.Errorf("--cluster %s: run starts the broker, a worker needs its address, as nats://host:4222", f.cluster.url)
			}
			if err := errors.Join(f.cluster.check(), f.check()); err != nil {
				return err
			}
			if name == "" {
				host, err := os.Hostname()
				if err != nil {
					return fmt.Errorf("--worker-name is needed: %w", err)
				}
				name = fmt.Sprintf("%s-%d", host, os.Getpid())
			}
			address := f.cluster.url
			f.cluster.url = "" // the model is this machine's
			m, err := f.open(cmd.Context(), c)
			if err != nil {
				return err
			}
			f.cluster.url = address
			defer func() { err = errors.Join(err, m.Close()) }()
			return cluster.Work(cmd.Context(), name, m, f.cluster.options(c))
		},
	}
	f.asksServers = true
	f.register(cmd)
	f.registerDraft(cmd)
	f.server.register(cmd.Flags())
	f.cluster.register(cmd.Flags())
	cmd.Flags().StringVar(&name, "worker-name", "", "what runs call this worker (default: host and process)")
	return cmd
}
