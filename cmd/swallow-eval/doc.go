// Command swallow-eval evaluates language models under the protocols of the Swallow model cards.
//
// Its commands:
//
//	run            evaluate a model on tasks, print the table, leave run.json and samples_<task>.jsonl
//	prompts        print every request of the tasks as JSONL, in evaluation order
//	show           show exactly what the model sees of one document
//	score          score stored outputs again, without a model
//	loglikelihood  score continuations, JSONL in and out
//	generate       continue prompts, streaming or JSONL
//	tokenize       encode texts
//	metric         score texts with one metric
//	list           list tasks, models, profiles, data sets
//	bench          measure the engine
//	version        print the build
//
// Standard output carries the result only; progress and warnings go to standard error. Exit codes: 0 done; 2 usage or
// failure to run; 3 evidence that is incomplete or does not agree; 130 and 143 interrupted after a clean flush. Every
// exit but 0 ends in one line on standard error that names the cause.
package main
