package tokenizer

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
)

func TestZZDec(t *testing.T) {
	path := os.Getenv("ZZ_TOK")
	if path == "" {
		t.Skip("dev")
	}
	tk, err := LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	in, _ := os.Open("/tmp/tokz/ids.jsonl")
	out, _ := os.Create("/tmp/tokz/dec.jsonl")
	w := bufio.NewWriter(out)
	sc := bufio.NewScanner(in)
	for sc.Scan() {
		var ids []int32
		json.Unmarshal(sc.Bytes(), &ids)
		b, _ := json.Marshal(tk.Decode(ids))
		w.Write(append(b, '\n'))
	}
	w.Flush()
}
