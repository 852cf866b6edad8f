// Command swallow-eval evaluates language models under the protocols of the Swallow model cards.
//
// Its commands; each explains itself with --help:
//
//	Run:
//	  run            Evaluate a model and print the table of scores
//	  fetch          Download data sets and models ahead, verified
//	  cache          Look after the remembered answers
//	  bench          Measure the engine on a model and this machine
//	  serve          Answer the OpenAI protocol, so that other harnesses can ask this engine
//	  worker         Answer requests of runs on other machines
//	Look:
//	  list           List what this build knows
//	  prompts        Print every request of the tasks as JSONL, in evaluation order
//	  show           Show exactly what the model sees of one document
//	  verify         Prove that prompts and data are the reference's
//	  loglikelihood  Score continuations: JSONL in, JSONL out, in input order
//	  generate       Continue prompts: streaming for one, JSONL for many
//	  tokenize       Encode texts: one JSON string a line in, ids and pieces out
//	  metric         Score texts: JSONL in, statistics and the corpus score out
//	  version        Print the build, the engine's numerics version and the profiles
//	  completion     Generate the autocompletion script for the specified shell
//	  help           Help about any command
//	Compare:
//	  compare        Did the number move? Is it the paper's number?
//	  baseline       Keep an accepted run small enough for git, to compare later runs with
//	  drift          How far do two arithmetics, kernels or builds move the distribution of the next token?
//	  report         Write runs as one self-contained HTML page
//	Bring in and out:
//	  score          Score stored outputs again, without a model
//	  judge          Find out which of a run's programs pass
//	  export         Write a run in the files that other tools read
//	  task           Make benchmarks of your own: task files
//
// Standard output carries the result only; progress and warnings go to standard error. Exit codes, each but 0 with one
// line on standard error that names the cause:
//
//	0              done
//	1              a gate failed
//	2              usage or failure to run
//	3              evidence that is incomplete, disagrees or cannot be compared
//	4              safety not shown (a strict gate without the documents to show it)
//	129, 130, 143  interrupted by SIGHUP, SIGINT, SIGTERM after a clean flush: the same command goes on
//
// This page is written by go test -run TestManual -update-manual from the tree of commands.
package main
