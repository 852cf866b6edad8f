package tokenizer

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestZZDev(t *testing.T) {
	path := os.Getenv("ZZ_TOK")
	if path == "" {
		t.Skip("dev")
	}
	start := time.Now()
	tk, err := LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(os.Stderr, "load", time.Since(start), tk.VocabSize())
	in, _ := os.Open("/tmp/tokz/corpus.jsonl")
	var texts []string
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, 1<<28)
	total := 0
	for sc.Scan() {
		var s string
		if err := json.Unmarshal(sc.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, s)
		total += len(s)
	}
	start = time.Now()
	ids := make([][]int32, len(texts))
	for i, s := range texts {
		ids[i] = tk.Encode(s)
	}
	d := time.Since(start)
	fmt.Fprintf(os.Stderr, "encode %v %.1f MB/s\n", d, float64(total)/1e6/d.Seconds())
	out, _ := os.Create(os.Getenv("ZZ_OUT"))
	w := bufio.NewWriter(out)
	for i := range ids {
		b, _ := json.Marshal(map[string]any{"ids": ids[i], "dec": tk.Decode(ids[i])})
		w.Write(b)
		w.WriteByte('\n')
	}
	w.Flush()
	for name, s := range map[string]string{"a": strings.Repeat("a", 1<<20), "kanji": strings.Repeat("東京都渋谷区", 1<<16), "hira": strings.Repeat("ありがとうございます", 1<<15), "space": strings.Repeat(" ", 1<<20), "emoji": strings.Repeat("🦙", 1<<18)} {
		start := time.Now()
		n := len(tk.Encode(s))
		fmt.Fprintln(os.Stderr, name, len(s), n, time.Since(start))
	}
}
