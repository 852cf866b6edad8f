package pickle

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var testLimits = Limits{Bytes: 1 << 20, Objects: 10000}

func read(s string) (any, error) { return Read(strings.NewReader(s), testLimits) }

// plain strips a value of this package's types.
func plain(v any) any {
	switch v := v.(type) {
	case *List:
		all := []any{}
		for _, item := range v.Items {
			all = append(all, plain(item))
		}
		return all
	case *Dict:
		all := map[string]any{}
		for k, value := range v.Values {
			all[k] = plain(value)
		}
		return all
	}
	return v
}

// What CPython 3.11's pickle.dumps(value, 2) wrote for the values of wantCPython.
var cpython = []struct{ name, data string }{
	{"none", "\x80\x02\x4e\x2e"},
	{"bools", "\x80\x02\x5d\x71\x00\x28\x88\x89\x65\x2e"},
	{"ints", "\x80\x02\x5d\x71\x00\x28\x4b\x00\x4b\x01\x4b\xff\x4d\x00\x01\x4d\xff\xff\x4a\x00\x00\x01\x00\x4a\xff\xff\xff\xff\x4a\x80\xff\xff\xff\x4a\xff\xff\xff\x7f\x4a\x00\x00\x00\x80\x8a\x05\x00\x00\x00\x80\x00\x8a\x06\x00\x00\x00\x00\x00\x01\x8a\x06\x00\x00\x00\x00\x00\xff\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80\x65\x2e"},
	{"floats", "\x80\x02\x5d\x71\x00\x28\x47\x00\x00\x00\x00\x00\x00\x00\x00\x47\x3f\xf8\x00\x00\x00\x00\x00\x00\x47\x81\xb8\x1b\xe3\xbb\x58\x11\xc4\x65\x2e"},
	{"str", "\x80\x02\x58\x15\x00\x00\x00\x61\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80\x5c\x75\x30\x30\x34\x31\x5c\x5c\x20\x0a\x09\x71\x00\x2e"},
	{"tuples", "\x80\x02\x28\x29\x4b\x01\x85\x71\x00\x4b\x01\x4b\x02\x86\x71\x01\x4b\x01\x4b\x02\x4b\x03\x87\x71\x02\x28\x4b\x01\x4b\x02\x4b\x03\x4b\x04\x74\x71\x03\x74\x71\x04\x2e"},
	{"dict", "\x80\x02\x7d\x71\x00\x28\x58\x03\x00\x00\x00\x6f\x6f\x76\x71\x01\x4b\x00\x58\x03\x00\x00\x00\x70\x61\x64\x71\x02\x4b\x01\x58\x06\x00\x00\x00\xe3\x81\x82\x3c\x45\x3e\x71\x03\x4b\x02\x58\x01\x00\x00\x00\x78\x71\x04\x5d\x71\x05\x4e\x61\x75\x2e"},
	{"shared", "\x80\x02\x5d\x71\x00\x28\x5d\x71\x01\x28\x4b\x01\x58\x01\x00\x00\x00\x77\x71\x02\x65\x68\x01\x7d\x71\x03\x58\x01\x00\x00\x00\x61\x71\x04\x68\x01\x73\x65\x2e"},
}

var wantCPython = map[string]any{
	"none":  nil,
	"bools": []any{true, false},
	"ints": []any{int64(0), int64(1), int64(255), int64(256), int64(65535), int64(65536), int64(-1), int64(-128),
		int64(1<<31 - 1), int64(-1 << 31), int64(1 << 31), int64(1 << 40), int64(-1 << 40), int64(1<<63 - 1), int64(-1 << 63)},
	"floats": []any{0.0, 1.5, -2.25e-300},
	"str":    "aé漢😀\\u0041\\\\ \n\t",
	"tuples": []any{[]any{}, []any{int64(1)}, []any{int64(1), int64(2)},
		[]any{int64(1), int64(2), int64(3)}, []any{int64(1), int64(2), int64(3), int64(4)}},
	"dict":   map[string]any{"oov": int64(0), "pad": int64(1), "あ<E>": int64(2), "x": []any{nil}},
	"shared": []any{[]any{int64(1), "w"}, []any{int64(1), "w"}, map[string]any{"a": []any{int64(1), "w"}}},
}

func TestReadCPython(t *testing.T) {
	for _, c := range cpython {
		got, err := read(c.data)
		require.NoError(t, err, c.name)
		want, ok := wantCPython[c.name]
		require.True(t, ok, c.name)
		assert.Equal(t, want, plain(got), c.name)
	}
}

// Instructions that CPython 3 no longer writes but Python 2 did, and the corners of those it does.
func TestReadInstructions(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       any
	}{
		{"Python 2 str", "U\x03oov.", "oov"},
		{"Python 2 str, long", "T\x03\x00\x00\x00oov.", "oov"},
		{"empty LONG1", "\x8a\x00.", int64(0)},
		{"narrow LONG1", "\x8a\x01\xfe.", int64(-2)},
		{"widest LONG1", "\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.", int64(-1 << 63)},
		{"lone surrogate", "\x80\x02\x58\x04\x00\x00\x00\x61\xed\xa0\xbd\x71\x00\x2e", "a\xed\xa0\xbd"},
		{"later value of a key wins", "}(U\x01aK\x01U\x01bK\x02U\x01aK\x03u.", map[string]any{"a": int64(3), "b": int64(2)}},
	} {
		got, err := read(c.data)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, plain(got), c.name)
	}
}

// A shared list is one list, as in Python, and one that holds itself does no harm.
func TestReadKeepsIdentity(t *testing.T) {
	got, err := read("](]q\x00h\x00e.")
	require.NoError(t, err)
	items := got.(*List).Items
	assert.Same(t, items[0], items[1])
	got, err = read("]q\x00h\x00a.")
	require.NoError(t, err)
	assert.Same(t, got, got.(*List).Items[0])
}

// TestReadRefuses: whatever imports, calls, rebuilds or reaches outside, and whatever protocol 2 does not have.
func TestReadRefuses(t *testing.T) {
	known := "(.JKMNTUXa}ehj]qrst)uG\x80\x85\x86\x87\x88\x89\x8a"
	for op := range 256 {
		_, err := read("]" + string([]byte{byte(op)}))
		refused := fmt.Sprintf("instruction 0x%02x is not plain data", op)
		if strings.IndexByte(known, byte(op)) < 0 {
			assert.ErrorContains(t, err, refused)
		} else if err != nil {
			assert.NotContains(t, err.Error(), refused)
		}
	}
	_, err := read("cos\nsystem\n(S'true'\ntR.")
	assert.EqualError(t, err, "pickle: byte 0: instruction 0x63 is not plain data")
}

func TestReadErrors(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "byte 0: unexpected EOF"},
		{"no STOP", "K\x01", "byte 2: unexpected EOF"},
		{"cut int", "J\x01\x02", "byte 0: unexpected EOF"},
		{"cut string", "X\x05\x00\x00\x00ab", "byte 0: unexpected EOF"},
		{"protocol 3", "\x80\x03N.", "byte 0: protocol 3, where nagisa writes 2"},
		{"nothing left", ".", "byte 0: the stack holds too little"},
		{"data after STOP", "N.N", "byte 2: data after the end"},
		{"length beyond the limit", "X\xff\xff\xff\xff", "longer than 1048576 bytes"},
		{"int of 72 bits", "\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00.", "more than 64 bits"},
		{"Python 2 str beyond ASCII", "U\x02\xc3\xa9.", "byte 0xc3, which is not ASCII"},
		{"stack too low for a tuple", "K\x01\x86.", "the stack holds too little"},
		{"a mark shields what is below", "K\x01(\x85.", "the stack holds too little"},
		{"no mark", "]K\x01e.", "no mark is set"},
		{"append to a dict", "}K\x01a.", "items are appended to a *pickle.Dict"},
		{"append to nothing", "K\x01a.", "the stack holds too little"},
		{"set in a list", "]U\x01aK\x02s.", "items are set in a *pickle.List"},
		{"set in nothing", "U\x01aK\x02s.", "the stack holds too little"},
		{"key without value", "}(K\x01u.", "a dict key has no value"},
		{"key of an int", "}K\x01K\x01s.", "a dict key is a int64, not a str"},
		{"never stored", "h\x07.", "nothing was stored as 7"},
		{"memo of nothing", "q\x00.", "the stack holds too little"},
		{"too many objects", strings.Repeat("N", 10001), "more than 10000 objects"},
		{"too many marks", strings.Repeat("(", 10001), "more than 10000 objects"},
		{"too much stored", "N" + strings.Repeat("q\x00", 10000), "more than 10000 objects"},
	} {
		_, err := read(c.data)
		assert.ErrorContains(t, err, c.want, c.name)
	}
}

func TestReadLimitsBytes(t *testing.T) {
	data := "X\x03\x00\x00\x00abc."
	_, err := Read(strings.NewReader(data), Limits{Bytes: int64(len(data)), Objects: 1})
	require.NoError(t, err)
	for n := range len(data) {
		_, err := Read(strings.NewReader(data), Limits{Bytes: int64(n), Objects: 1})
		assert.ErrorContains(t, err, fmt.Sprintf("longer than %d bytes", n))
	}
}

func TestReadPassesReadErrors(t *testing.T) {
	_, err := Read(io.MultiReader(strings.NewReader("N."), iotest.ErrReader(io.ErrClosedPipe)), testLimits)
	assert.ErrorIs(t, err, io.ErrClosedPipe)
}

func FuzzRead(f *testing.F) {
	for _, c := range cpython {
		f.Add([]byte(c.data))
	}
	f.Add([]byte("]q\x00h\x00a."))
	f.Add([]byte("cos\nsystem\n."))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Read(bytes.NewReader(data), testLimits)
		if err != nil {
			require.Nil(t, got)
			return
		}
		require.Contains(t, []string{"<nil>", "bool", "int64", "float64", "string", "*pickle.List", "*pickle.Dict"}, fmt.Sprintf("%T", got))
	})
}
