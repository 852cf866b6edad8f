package report

import (
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/swallow-eval/swallow-eval/results"
)

const (
	// The most documents of a block and about the most bytes of it: what the page unpacks to show one document, and what its
	// search reads between two frames. Longer blocks are smaller.
	blockDocuments = 512
	blockBytes     = 1 << 20
	// The most documents, and bytes of their prompts and answers, whose whole samples are read at once, and how often that
	// is done at a time, however many processors there are: a hundred documents of SQuAD 2.0 are five megabytes a run.
	partDocuments = 128
	partBytes     = 1 << 20
	partsAtOnce   = 4
)

// blocks are the page's data: packed JSON in printable characters (squeeze), which no text in it can break out of.
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

// chunk is the JSON of a chunkBlock. Next is the number of the first piece of its prompts that no chunk before has.
type chunk struct {
	Next      int              `json:"next"`
	Documents []storedDocument `json:"documents"`
}

// part is documents on their way into a block, and the lengths of their questions.
type part struct {
	task      int
	from      []document
	documents []storedDocument
	lengths   []int
}

// partsOf cuts the tasks' documents into parts.
func partsOf(tasks []task) []*part {
	var out []*part
	for t, x := range tasks {
		for from := 0; from < len(x.docs); {
			n := partLength(x.docs[from:])
			out = append(out, &part{task: t, from: x.docs[from : from+n]})
			from += n
		}
	}
	return out
}

// packer makes blocks of documents while more are read.
type packer struct {
	squeezing errgroup.Group
	pieces    *pieces
	chunks    []*chunkBlock
	lengths   [][]int
	// chunk is the block that is being filled, of the last of chunks; bytes is about its length.
	chunk *chunk
	bytes int
}

// pack makes the page's data blocks, several at a time; their order and bytes do not depend on how many. Of the runs' whole
// samples no more are in memory than the parts being read hold.
func pack(tasks []task, runs []results.Run, scores []taskScores, o Options) (blocks, error) {
	p := &packer{lengths: make([][]int, len(tasks))}
	p.pieces = newPieces(&p.squeezing)
	at := min(runtime.GOMAXPROCS(0), partsAtOnce)
	p.squeezing.SetLimit(at)
	for parts := range slices.Chunk(partsOf(tasks), at) {
		var storing errgroup.Group
		for _, x := range parts {
			storing.Go(func() error { return x.store(runs, tasks[x.task].name, o) })
		}
		if err := storing.Wait(); err != nil {
			return blocks{}, err
		}
		for _, x := range parts { // in the page's order, which numbers the pieces
			p.add(x)
			*x = part{}
		}
	}
	p.end()
	p.pieces.end()
	if err := p.squeezing.Wait(); err != nil {
		return blocks{}, err
	}
	out := blocks{Pieces: p.pieces.data, First: p.pieces.first}
	for _, c := range p.chunks {
		out.Chunks = append(out.Chunks, *c)
	}
	var err error
	out.Index, err = squeeze(indexOf(tasks, scores, p.lengths))
	return out, err
}

// add puts the documents of a part into blocks of its task.
func (p *packer) add(x *part) {
	before := len(p.lengths[x.task])
	p.lengths[x.task] = append(p.lengths[x.task], x.lengths...)
	for i, d := range x.documents {
		if last := len(p.chunks) - 1; p.chunk == nil || p.chunks[last].Task != x.task || p.chunks[last].N == blockDocuments || p.bytes > blockBytes {
			p.end()
			p.chunk = &chunk{Next: len(p.pieces.numbers)}
			p.chunks = append(p.chunks, &chunkBlock{Task: x.task, From: before + i})
		}
		for _, text := range d.texts {
			d.Texts = append(d.Texts, p.pieces.intern(text))
		}
		d.texts = nil
		p.chunk.Documents = append(p.chunk.Documents, d)
		p.chunks[len(p.chunks)-1].N++
		p.bytes += d.length()
	}
}

// end packs the block that was begun.
func (p *packer) end() {
	if p.chunk == nil {
		return
	}
	into, c := p.chunks[len(p.chunks)-1], p.chunk
	p.chunk, p.bytes = nil, 0
	p.squeezing.Go(func() (err error) {
		into.Data, err = squeeze(c)
		return err
	})
}

// partLength is how many of the documents the next part takes.
func partLength(docs []document) int {
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
		if i > 0 && size > partBytes || i == partDocuments {
			return i
		}
	}
	return len(docs)
}
