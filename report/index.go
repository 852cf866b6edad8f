package report

import (
	"bytes"
	"encoding/json"
)

// index is what the page knows of every document without unpacking any: enough to list and to filter.
type index struct {
	Tasks []taskIndex `json:"tasks"`
}

// taskIndex has one entry a document in each of its arrays.
type taskIndex struct {
	IDs       []json.RawMessage `json:"ids"`
	Positions []int             `json:"positions"`
	// Scores are each run's scores a document in ten-thousandths, null where there is none.
	Scores [][]*int `json:"scores"`
	// Outcomes are each comparison's outcomes, a letter a document: l lost, w won, c changed, - none.
	Outcomes []string `json:"outcomes"`
	// Cut and Fault have a 1 for documents of which some run cut the prompt, or on which the reference itself fails.
	Cut   string `json:"cut"`
	Fault string `json:"fault"`
	// Lengths are the questions' in characters, 0 where there is none. Clusters are the names of the documents' clusters, in
	// order of appearance, Cluster each document's number among them, -1 for none; both are empty where no two share any.
	Lengths  []int    `json:"lengths"`
	Clusters []string `json:"clusters,omitempty"`
	Cluster  []int    `json:"cluster,omitempty"`
}

func indexOf(tasks []task, scores []taskScores, lengths [][]int) index {
	x := index{Tasks: make([]taskIndex, len(tasks))}
	for t, task := range tasks {
		n := len(task.docs)
		cut, fault := bytes.Repeat([]byte("0"), n), bytes.Repeat([]byte("0"), n)
		ids, positions := make([]json.RawMessage, n), make([]int, n)
		for i, d := range task.docs {
			ids[i], positions[i] = d.any().DocID, d.any().Position
			for _, s := range d.samples {
				if s == nil {
					continue
				}
				if s.Fault != "" {
					fault[i] = '1'
				}
				for _, e := range s.Exchanges {
					if e.Dropped > 0 || e.Lost > 0 {
						cut[i] = '1'
					}
				}
			}
		}
		x.Tasks[t] = taskIndex{IDs: ids, Positions: positions, Scores: scores[t].tenThousandths(), Outcomes: outcomeLetters(task), Cut: string(cut), Fault: string(fault), Lengths: lengths[t]}
		x.Tasks[t].Clusters, x.Tasks[t].Cluster = clustersOf(task.docs)
	}
	return x
}

// clustersOf numbers the clusters of documents; none where no two documents share one.
func clustersOf(docs []document) (names []string, each []int) {
	numbers := map[string]int{}
	each = make([]int, len(docs))
	named := 0
	for i, d := range docs {
		each[i] = -1
		name := d.any().Cluster
		if name == "" {
			continue
		}
		named++
		n, ok := numbers[name]
		if !ok {
			n = len(names)
			numbers[name] = n
			names = append(names, name)
		}
		each[i] = n
	}
	if len(names) == named {
		return nil, nil
	}
	return names, each
}

// outcomeLetters are the documents' outcomes, one string a comparison.
func outcomeLetters(t task) []string {
	if len(t.docs) == 0 {
		return nil
	}
	letters := map[string]byte{"": '-', "lost": 'l', "won": 'w', "changed": 'c'}
	out := make([]string, len(t.docs[0].outcomes))
	for k := range out {
		b := make([]byte, len(t.docs))
		for i, d := range t.docs {
			b[i] = letters[d.outcomes[k]]
		}
		out[k] = string(b)
	}
	return out
}
