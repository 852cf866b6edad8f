package triviaqa

import (
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// foreign is the task by other names: lm_eval/tasks/triviaqa at 4e7e0d4 and its versions from 0.4.0.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		LMEval:    []tasks.LMEvalTask{{Name: "triviaqa", Holds: tasks.Columns("question_id", "answer"), Exact: []tasks.ExactRule{anyAlias}}},
		LMEvalRow: lmevalRow,
		WriteOut: tasks.WriteOut{
			Holds: func(d tasks.WriteOutDoc) bool { return d.Metrics["em"] != "" },
			Scored: func(tasks.Task, tasks.WriteOutDoc) (outputs, targets []string, err error) {
				return nil, nil, tasks.NeedsData("the file holds one gold answer, and em is scored against all its aliases")
			},
		},
		Swallow: []tasks.SwallowColumn{{Name: "triviaqa"}},
	}
}

// anyAlias compares with every alias, case and ASCII punctuation ignored.
func anyAlias(answer, _ string, d tasks.Doc) (string, []string) {
	plain := func(s string) string { return pytext.DeleteASCIIPunctuation(pytext.Lower(s)) }
	targets := make([]string, len(d.Targets))
	for i, t := range d.Targets {
		targets[i] = plain(t)
	}
	return plain(answer), targets
}

// lmevalRow is a row of rc.nocontext: the lists of pages and of search results are empty there.
func lmevalRow(row python.Object, d tasks.Doc) (tasks.LMEvalRow, error) {
	head, whole := row.Pick("question", "question_id", "question_source")
	answer, answered := row.Object("answer").Pick("aliases", "normalized_aliases", "matched_wiki_entity_name",
		"normalized_matched_wiki_entity_name", "normalized_value", "type", "value")
	empty := func(names ...string) python.Object {
		var lists python.Object
		for _, name := range names {
			lists = append(lists, python.Member{Name: name, Value: []any{}})
		}
		return lists
	}
	doc := append(head,
		python.Member{Name: "entity_pages", Value: empty("doc_source", "filename", "title", "wiki_context")},
		python.Member{Name: "search_results", Value: empty("description", "filename", "rank", "title", "url", "search_context")},
		python.Member{Name: "answer", Value: answer})
	return tasks.LMEvalRow{Doc: doc, Target: python.Repr(d.Targets), Whole: whole && answered}, nil
}

// foreign04 is the task of lm-eval 0.4.2, whose files no harness of 2023 wrote; what a file of lm-eval 0.4 records is our own metric.
func foreign04() tasks.Foreign {
	f := foreign()
	f.WriteOut, f.LMEval[0].Exact = tasks.WriteOut{}, nil
	return f
}
