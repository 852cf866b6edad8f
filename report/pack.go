package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/swallow-eval/swallow-eval/results"
)

// The most documents and bytes of a chunk. A chunk is what the page unpacks to show one document, and what its search
// reads between two frames.
const (
	chunkDocuments = 128
	chunkBytes     = 1 << 20
	// chunksAtOnce bounds the chunks whose whole samples are in memory, however many processors there are: a hundred documents
	// of SQuAD 2.0 are five megabytes a run.
	chunksAtOnce = 4
)

// blocks are the page's data: Ascii85 of raw DEFLATE (RFC 1951) of JSON, which no text in it can break out of.
type blocks struct {
	Index  string
	Chunks []chunkBlock
	// Pieces are the blocks of pieces of prompts, First the number of each block's first.
	Pieces []*string
	First  []int
}

// chunkBlock holds documents From to From+N of a task.
type chunkBlock struct {
	Task, From, N int
	Data          string
}

// chunk is the JSON of a chunkBlock.
type chunk struct {
	// Texts are the prompts and other long texts, each once, in pieces. Next is the number of their first piece that no
	// chunk before has.
	Texts     []storedText     `json:"texts"`
	Next      int              `json:"next"`
	Documents []storedDocument `json:"documents"`
}

// storedDocument is a document with what each run has of it.
type storedDocument struct {
	ID       json.RawMessage   `json:"id"`
	Position int               `json:"position"`
	Cluster  string            `json:"cluster,omitempty"`
	Shots    []json.RawMessage `json:"shots,omitempty"`
	Choices  []string          `json:"choices,omitempty"`
	Target   string            `json:"target"`
	// Question is where the question begins in the first prompt, in UTF-16; Asked that prompt's number in the chunk's
	// table, nil where there is none.
	Question int      `json:"question,omitempty"`
	Asked    *int     `json:"asked,omitempty"`
	Targets  []string `json:"targets"`
	// Runs are the runs' answers, null where a run lacks the document.
	Runs []*storedAnswer `json:"runs"`
}

// storedAnswer is one run's part of a document.
type storedAnswer struct {
	Exchanges []storedExchange `json:"exchanges"`
	Marks     []results.Mark   `json:"marks"`
	Fault     string           `json:"fault,omitempty"`
}

// storedExchange is a results.Exchange whose prompt is a number in the chunk's table of texts.
type storedExchange struct {
	results.Exchange
	Prompt int        `json:"prompt"`
	Tokens *tokenView `json:"tokens,omitempty"`
}

// textTable numbers the texts of a chunk.
type textTable struct {
	texts   []string
	numbers map[string]int
	bytes   int
}

func (t *textTable) number(s string) int {
	if n, ok := t.numbers[s]; ok {
		return n
	}
	n := len(t.texts)
	t.numbers[s] = n
	t.texts = append(t.texts, s)
	t.bytes += len(s)
	return n
}

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

// packed is a chunk on its way into the page.
type packed struct {
	documents []storedDocument
	lengths   []int
	texts     []string
}

// pack makes the page's data blocks, several at a time; their order and bytes do not depend on how many. Of the runs' whole
// samples no more are in memory than the chunks being packed hold.
func pack(tasks []task, runs []results.Run, scores []taskScores, o Options) (blocks, error) {
	var out blocks
	var parts [][]document
	for t, x := range tasks {
		for from := 0; from < len(x.docs); {
			n := chunkLength(x.docs[from:])
			out.Chunks = append(out.Chunks, chunkBlock{Task: t, From: from, N: n})
			parts = append(parts, x.docs[from:from+n])
			from += n
		}
	}
	var squeezing errgroup.Group
	at := min(runtime.GOMAXPROCS(0), chunksAtOnce)
	squeezing.SetLimit(at)
	var idle squeezers
	p := newPieces(&squeezing, &idle)
	lengths := make([][]int, len(tasks))
	for from := 0; from < len(parts); from += at {
		made := make([]packed, min(at, len(parts)-from))
		var storing errgroup.Group
		for i := range made {
			storing.Go(func() (err error) {
				made[i], err = store(parts[from+i], runs, tasks[out.Chunks[from+i].Task].name, o)
				return err
			})
		}
		if err := storing.Wait(); err != nil {
			return out, err
		}
		for i, m := range made { // in the page's order, which numbers the pieces
			c := chunk{Documents: m.documents, Next: len(p.numbers)}
			for _, text := range m.texts {
				c.Texts = append(c.Texts, p.intern(text))
			}
			block := &out.Chunks[from+i]
			lengths[block.Task] = append(lengths[block.Task], m.lengths...)
			squeezing.Go(func() (err error) {
				block.Data, err = idle.squeeze(c)
				return err
			})
		}
	}
	p.end()
	err := squeezing.Wait()
	if err == nil {
		out.Pieces, out.First = p.data, p.first
		out.Index, err = idle.squeeze(indexOf(tasks, scores, lengths))
	}
	return out, err
}

// chunkLength is how many of the documents the next chunk takes.
func chunkLength(docs []document) int {
	size := 0
	for i, d := range docs {
		for _, s := range d.samples {
			if s == nil {
				continue
			}
			last := ""
			for _, x := range s.Exchanges {
				if x.Prompt != last {
					size += len(x.Prompt)
				}
				last = x.Prompt
				size += len(x.Continuation)
				if x.Text != nil {
					size += len(*x.Text)
				}
			}
		}
		if i > 0 && size > chunkBytes || i == chunkDocuments {
			return i
		}
	}
	return len(docs)
}

// store makes a chunk's documents of whole samples.
func store(docs []document, runs []results.Run, task string, o Options) (packed, error) {
	table := &textTable{numbers: map[string]int{}}
	c := packed{documents: make([]storedDocument, len(docs)), lengths: make([]int, len(docs))}
	for i, d := range docs {
		d, err := o.whole(d)
		if err != nil {
			return c, err
		}
		s := d.any()
		x := storedDocument{
			ID: s.DocID, Position: s.Position, Cluster: s.Cluster, Shots: s.Shots, Choices: s.Choices,
			Target: s.Target, Targets: s.Targets, Runs: make([]*storedAnswer, len(d.samples)),
		}
		if prompt, at, ok := d.questionOf(); ok {
			n := table.number(prompt)
			x.Asked, x.Question = &n, units(prompt[:at])
			c.lengths[i] = utf8.RuneCountInString(strings.TrimSpace(prompt[at:]))
		}
		for k, s := range d.samples {
			if s == nil {
				continue
			}
			a := &storedAnswer{Exchanges: make([]storedExchange, len(s.Exchanges)), Marks: s.Marks, Fault: s.Fault}
			for e, asked := range s.Exchanges {
				a.Exchanges[e] = storedExchange{Exchange: asked, Prompt: table.number(asked.Prompt)}
				if o.Tokens == nil {
					continue
				}
				v, err := o.Tokens.Of(runs[k], task, asked)
				if err != nil {
					return c, fmt.Errorf("%s: document %s: %w", task, s.DocID, err)
				}
				if v != nil {
					a.Exchanges[e].Tokens = storeTokens(*v, asked, table)
				}
			}
			x.Runs[k] = a
		}
		c.documents[i] = x
	}
	c.texts = table.texts
	return c, nil
}

// whole is the document with whole samples in place of condensed ones.
func (o Options) whole(d document) (document, error) {
	if o.Whole == nil {
		return d, nil
	}
	out := document{samples: make([]*results.Sample, len(d.samples)), outcomes: d.outcomes}
	for k, s := range d.samples {
		if s == nil {
			continue
		}
		full, err := o.Whole(k, *s)
		if err != nil {
			return d, err
		}
		out.samples[k] = &full
	}
	return out, nil
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
