package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// world imitates the hub and every other place that benchmark files come from, on a server of this machine: whatever
// address is asked for, the request goes there.
type world struct {
	server *httptest.Server
	files  map[string][]byte            // by address
	repos  map[string]map[string][]byte // api name (models/org/name) to its files

	slow func(out http.ResponseWriter, address string) bool // answers in place of the world where it returns true

	mu    sync.Mutex
	asked []string // addresses
	spans []string // Range headers
	auths []string // addresses that saw a token
}

const worldCommit = "0123456789abcdef0123456789abcdef01234567"

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{files: map[string][]byte{}, repos: map[string]map[string][]byte{}}
	w.server = httptest.NewServer(w)
	t.Cleanup(w.server.Close)
	return w
}

// RoundTrip sends a request for anywhere to the server.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	to := r.Clone(r.Context())
	to.Header.Set("X-Asked-For", r.URL.Scheme+"://"+r.URL.Host)
	to.URL.Scheme, to.URL.Host = "http", strings.TrimPrefix(w.server.URL, "http://")
	return http.DefaultTransport.RoundTrip(to)
}

func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	address := r.Header.Get("X-Asked-For") + r.URL.EscapedPath()
	w.mu.Lock()
	w.asked = append(w.asked, address)
	w.spans = append(w.spans, r.Header.Get("Range"))
	if r.Header.Get("Authorization") != "" {
		w.auths = append(w.auths, address)
	}
	w.mu.Unlock()
	if w.slow != nil && w.slow(out, address) {
		return
	}
	if content, ok := w.files[address]; ok {
		http.ServeContent(out, r, "", time.Time{}, bytes.NewReader(content))
		return
	}
	if rest, ok := strings.CutPrefix(address, "https://huggingface.co/"); ok {
		w.hub(out, r, rest)
		return
	}
	http.NotFound(out, r)
}

// hub answers as the hub does.
func (w *world) hub(out http.ResponseWriter, r *http.Request, rest string) {
	rest, api := strings.CutPrefix(rest, "api/")
	if !api && !strings.HasPrefix(rest, "datasets/") {
		rest = "models/" + rest
	}
	parts := strings.SplitN(rest, "/", 5) // kind, org, name, what, which
	if len(parts) < 5 {
		http.NotFound(out, r)
		return
	}
	files, ok := w.repos[strings.Join(parts[:3], "/")]
	if !ok {
		out.Header().Set("X-Error-Code", "RepoNotFound")
		http.Error(out, "no", http.StatusUnauthorized)
		return
	}
	switch {
	case api && parts[3] == "revision":
		fmt.Fprintf(out, `{"sha":%q}`, worldCommit)
	case api && parts[3] == "tree":
		list := []map[string]any{}
		for path, content := range files {
			sum := sha256.Sum256(content)
			list = append(list, map[string]any{"type": "file", "path": path, "size": len(content), "oid": gitBlobOf(content),
				"lfs": map[string]any{"oid": hex.EncodeToString(sum[:]), "size": len(content)}})
		}
		_ = json.NewEncoder(out).Encode(list) // the client will notice what is missing
	case parts[3] == "resolve":
		commit, path, _ := strings.Cut(parts[4], "/")
		content, ok := files[path]
		if !ok || commit != worldCommit {
			http.NotFound(out, r)
			return
		}
		out.Header().Set("X-Repo-Commit", worldCommit)
		http.ServeContent(out, r, "", time.Time{}, bytes.NewReader(content))
	default:
		http.NotFound(out, r)
	}
}

func (w *world) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.asked...)
}

// forbidden is a network that must not be used.
type forbidden struct{ t *testing.T }

func (f forbidden) RoundTrip(r *http.Request) (*http.Response, error) {
	f.t.Errorf("a connection to %s was attempted", r.URL)
	return nil, errors.New("no network here")
}

func gitBlobOf(content []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

func sha256Of(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// addModel puts a directory's files into a repository.
func (w *world) addModel(t *testing.T, id, dir string) {
	t.Helper()
	files := map[string][]byte{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		files[e.Name()] = content
	}
	w.repos["models/"+id] = files
}

// split is a split of the imitation's manifest: its files are served where the program's own manifest says that they are
// published, and pinned there as the manifest pins them, by sha256, git blob or md5, with or without a size, or not at all.
func (w *world) split(t *testing.T, dataset, name string, rows int, contents ...[]byte) datasets.Split {
	t.Helper()
	for _, s := range datasets.Manifest() {
		if s.Dataset != dataset || s.Name != name {
			continue
		}
		for _, l := range s.Layouts {
			origins, pinned, ok := l.Origins()
			if !ok || !pinned && s.Layouts[0].Files[0].Pins != nil {
				continue
			}
			require.Len(t, contents, len(l.Files))
			for i := range l.Files {
				w.publish(t, &l.Files[i], origins[i], contents[i])
			}
			l.Rows = rows
			s.Layouts = []datasets.Layout{l}
			return s
		}
	}
	t.Fatalf("the manifest has no split %s %s that can be fetched", dataset, name)
	return datasets.Split{}
}

func (w *world) publish(t *testing.T, f *datasets.File, o datasets.Origin, content []byte) {
	t.Helper()
	if o.Repo != "" {
		id := "datasets/" + o.Repo
		if w.repos[id] == nil {
			w.repos[id] = map[string][]byte{}
		}
		w.repos[id][o.Path] = content
	} else {
		u, err := url.Parse(o.URL)
		require.NoError(t, err)
		w.files[u.String()] = content
	}
	if o.Pin == nil {
		return
	}
	p := datasets.Pin{State: datasets.Official}
	switch {
	case o.Pin.SHA256 != "":
		p.SHA256 = sha256Of(content)
	case o.Pin.GitBlob != "":
		p.GitBlob = gitBlobOf(content)
	default:
		sum := md5.Sum(content)
		p.MD5 = hex.EncodeToString(sum[:])
	}
	if o.Pin.Size > 0 {
		p.Size = int64(len(content))
	}
	f.Pins = []datasets.Pin{p}
	f.MaxSize = max(f.MaxSize, 1<<20)
}

// lines is records as JSONL.
func jsonLines(t *testing.T, n int, make func(i int) any) []byte {
	t.Helper()
	var b bytes.Buffer
	for i := range n {
		require.NoError(t, json.NewEncoder(&b).Encode(make(i)))
	}
	return b.Bytes()
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}

type record = map[string]any

// someWords are different for every number.
func someWords(i int) string { return fmt.Sprintf("Ann has %d pens and Ben %d", i, 3*i+1) }

// publishAll makes a small data set of every kind, in the formats, archives and places of the originals.
func (w *world) publishAll(t *testing.T) []datasets.Split {
	t.Helper()
	var splits []datasets.Split
	add := func(dataset, name string, rows int, contents ...[]byte) {
		splits = append(splits, w.split(t, dataset, name, rows, contents...))
	}
	add("jcommonsenseqa", "validation", 5, []byte(records(t, 5, 100, jcqa)))
	add("jcommonsenseqa", "train", 6, []byte(records(t, 6, 0, jcqa)))
	qa := func(n int) []byte {
		var list []record
		for i := range n {
			list = append(list, record{"qid": fmt.Sprint("q", i), "question": someWords(i) + "?", "answer": fmt.Sprint(i)})
		}
		return asJSON(t, list)
	}
	add("jemhopqa", "dev", 3, qa(3))
	add("jemhopqa", "train", 12, qa(12))
	niilc := func(n int) []byte {
		var b strings.Builder
		b.WriteString("<questions>\n")
		for i := range n {
			fmt.Fprintf(&b, "<question id=\"n%d\"><text>%s?</text><answers><answer>%d</answer></answers></question>\n", i, someWords(i), i)
		}
		return []byte(b.String() + "</questions>\n")
	}
	add("niilc", "test", 3, niilc(3))
	add("niilc", "dev", 6, niilc(6))
	squad := func(n int) []byte {
		var paragraphs []record
		for i := range n {
			paragraphs = append(paragraphs, record{"context": someWords(i) + ".", "qas": []record{
				{"id": fmt.Sprint("s", i, "p0q0"), "question": "How many pens?", "answers": []record{{"text": fmt.Sprint(i), "answer_start": 8}}, "is_impossible": false}}})
		}
		return asJSON(t, record{"version": "v", "data": []record{{"title": "Pens", "paragraphs": paragraphs}}})
	}
	// The examples of JSQuAD are the reference's own text; without the reference material the task stays out.
	reference := os.Getenv(shared.Env)
	if reference == "" {
		reference = "../../../shared"
	}
	if raw, err := os.ReadFile(filepath.Join(reference, "data/jglue/jsquad_exemplars.json")); err == nil {
		var list []struct{ Title, Context, Question, Answer string }
		require.NoError(t, json.Unmarshal(raw, &list))
		var data []record
		for i, e := range list {
			data = append(data, record{"title": e.Title, "paragraphs": []record{{"context": e.Context, "qas": []record{
				{"id": fmt.Sprint("e", i), "question": e.Question, "answers": []record{{"text": e.Answer, "answer_start": 0}}}}}}})
		}
		add("jsquad", "validation", 2, squad(2))
		add("jsquad", "train", len(list), asJSON(t, record{"data": data}))
	}
	csv := func(n int) []byte {
		var b strings.Builder
		b.WriteString("id,text,summary\n")
		for i := range n {
			fmt.Fprintf(&b, "%d,\"%s.\",%d pens\n", i, someWords(i), i)
		}
		return []byte(b.String())
	}
	add("xlsum_ja", "test", 3, csv(3))
	add("xlsum_ja", "train", 10, csv(10))
	var tsv strings.Builder
	var python, numbers, equations strings.Builder
	for i := range 8 {
		fmt.Fprintf(&tsv, "%s?\t%d\n", someWords(i), i)
		fmt.Fprintf(&python, "\"%d\": {\"q\": \"\\u554f\\u984c\\uff1a%s?\", \"a\": \"\\u30b9\\u30c6\\u30c3\\u30d7\\u3054\\u3068\\u306e\\u7b54\\u3048\\uff1a\\u7b54\\u3048\\u306f%d\\u3067\\u3059\\u3002\"},\n", i+1, someWords(50+i), i)
		fmt.Fprintf(&numbers, "%d, ", i)
		fmt.Fprintf(&equations, "\"%d\", ", i)
	}
	add("mgsm", "test", 8, []byte(tsv.String()))
	add("mgsm", "train", 8, []byte("EXEMPLAR_NUMBER_ANSWERS = ["+numbers.String()+"]\nEXEMPLAR_EQUATION_SOLUTIONS = ["+equations.String()+
		"]\nMGSM_EXEMPLARS = {\"ja\": {"+python.String()+"}}\n"))
	sgm := func(n int, prefix string) string {
		var b strings.Builder
		b.WriteString("<srcset>\n<doc>\n")
		for i := range n {
			fmt.Fprintf(&b, "<seg id=\"%d\">%s %s.</seg>\n", i, prefix, someWords(i))
		}
		return b.String() + "</doc>\n</srcset>\n"
	}
	wmt := tarOf(t, "sgm/newstest2020-enja-src.en.sgm", sgm(8, "In English"), "sgm/newstest2020-enja-ref.ja.sgm", sgm(8, "In Japanese"),
		"sgm/newstest2020-jaen-src.ja.sgm", sgm(7, "In Japanese"), "sgm/newstest2020-jaen-ref.en.sgm", sgm(7, "In English"))
	add("wmt20", "en-ja", 8, wmt)
	add("wmt20", "ja-en", 7, wmt)
	book := func(n int) string {
		return string(jsonLines(t, n, func(i int) any {
			return record{"id": fmt.Sprint("o", n, i), "question": record{"stem": someWords(i), "choices": []record{
				{"text": "pens", "label": "A"}, {"text": "cats", "label": "B"}, {"text": "dogs", "label": "C"}, {"text": "hats", "label": "D"}}}, "answerKey": "A"}
		}))
	}
	zipped := zipOf(t, "OpenBookQA-V1-Sep2018/Data/Main/test.jsonl", book(3), "OpenBookQA-V1-Sep2018/Data/Main/train.jsonl", book(12))
	add("openbookqa", "test", 3, zipped)
	add("openbookqa", "train", 12, zipped)
	trivia := func(n int, name string) string {
		var data []record
		for i := range n {
			value := fmt.Sprint(i)
			data = append(data, record{"Question": someWords(i) + "?", "QuestionId": fmt.Sprint(name, i), "QuestionSource": "x", "Answer": record{
				"Value": value, "Aliases": []string{value, value + " pens"}, "NormalizedAliases": []string{value}, "NormalizedValue": value, "Type": "Numerical"}})
		}
		return string(asJSON(t, record{"Data": data, "Domain": "Web", "VerifiedEval": false, "Version": 1.0}))
	}
	archive := tarOf(t, "evidence/a.txt", strings.Repeat("evidence ", 1000), "qa/web-dev.json", trivia(2, "wd"), "qa/web-train.json", trivia(8, "wt"),
		"qa/wikipedia-dev.json", trivia(1, "pd"), "qa/wikipedia-train.json", trivia(4, "pt"))
	add("trivia_qa", "validation", 3, archive)
	add("trivia_qa", "train", 12, archive)
	hella := func(n, from int) []byte {
		return jsonLines(t, n, func(i int) any {
			return record{"ind": i, "activity_label": "Writing", "ctx_a": someWords(from+i) + ".", "ctx_b": "then", "ctx": "x",
				"endings": []string{"write.", "sing.", "run.", "eat."}, "source_id": fmt.Sprint(i), "split": "val", "split_type": "indomain", "label": i % 4}
		})
	}
	add("hellaswag", "validation", 3, hella(3, 100))
	add("hellaswag", "train", 12, hella(12, 0))
	add("squad_v2", "validation", 3, squad(3))
	add("squad_v2", "train", 12, squad(12))
	add("xwinograd", "test", 12, []byte(records(t, 12, 0, xwino)))
	add("gsm8k", "test", 3, []byte(records(t, 3, 100, gsm8k)))
	add("gsm8k", "train", 12, []byte(records(t, 12, 0, gsm8k)))
	return splits
}

// tarOf and zipOf take names and contents in turn.
func tarOf(t *testing.T, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(entries); i += 2 {
		require.NoError(t, w.WriteHeader(&tar.Header{Name: entries[i], Typeflag: tar.TypeReg, Size: int64(len(entries[i+1])), Mode: 0o644}))
		_, err := w.Write([]byte(entries[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, errors.Join(w.Close(), z.Close()))
	return b.Bytes()
}

func zipOf(t *testing.T, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		f, err := w.Create(entries[i])
		require.NoError(t, err)
		_, err = f.Write([]byte(entries[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}
