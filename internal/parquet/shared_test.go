package parquet

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// all marks every leaf.
func all(e *element) error {
	e.wanted = e.leaf()
	for _, child := range e.children {
		_ = all(child)
	}
	return nil
}

// records reads every column of a file.
func records(t testing.TB, content []byte) []map[string]any {
	t.Helper()
	var list []map[string]any
	require.NoError(t, eachRecord(content, 64*mebi, all, func(record map[string]any) error {
		list = append(list, record)
		return nil
	}))
	return list
}

// TestGSM8K: two projects' nested Parquet copies of GSM8K, written by pyarrow, hold the original's rows.
func TestGSM8K(t *testing.T) {
	nested := []Column{{Field: "extra", Source: "extra_info", Kind: Object, Fields: append(same(Text, "question", "answer"), same(Integer, "index")...)}}
	for file, original := range map[string]string{"verl_gsm8k_test": "test", "verl_gsm8k_train": "train"} {
		t.Run(file, func(t *testing.T) {
			rows, err := Rows(shared.Bytes(t, "data/parquet/"+file+".parquet"), nested, 64*mebi)
			require.NoError(t, err)
			want := shared.Lines(t, "data/gsm8k/"+original+".jsonl")
			require.Len(t, rows, len(want))
			for i, line := range want {
				var original struct{ Question, Answer string }
				require.NoError(t, json.Unmarshal(line, &original))
				b := append([]byte(nil), `{"extra":{"question":`...)
				b = append(jsonscan.AppendString(b, original.Question), `,"answer":`...)
				b = append(jsonscan.AppendString(b, original.Answer), `,"index":`...)
				require.Equal(t, string(strconv.AppendInt(b, int64(i), 10))+"}}", string(rows[i]), "record %d", i+1)
			}
		})
	}
	// Lists of structures, and a structure of one field; the order of the fields is ours and not the file's.
	chat := []Column{
		{Field: "reward", Source: "reward_func_args", Kind: Object, Fields: same(Text, "ground_truth")},
		{Field: "turns", Source: "prompt", Kind: Objects, Fields: same(Text, "role", "content")},
	}
	rows, err := Rows(shared.Bytes(t, "data/parquet/lbes_gsm8k_test.parquet"), chat, 64*mebi)
	require.NoError(t, err)
	want := shared.Lines(t, "data/gsm8k/test.jsonl")
	require.Len(t, rows, len(want))
	for i, line := range want {
		var original struct{ Question, Answer string }
		require.NoError(t, json.Unmarshal(line, &original))
		var row struct {
			Reward struct {
				Truth string `json:"ground_truth"`
			}
			Turns []struct{ Role, Content string }
		}
		require.NoError(t, json.Unmarshal(rows[i], &row))
		assert.True(t, strings.HasPrefix(string(rows[i]), `{"reward":{"ground_truth":"`), "record %d", i+1)
		require.Len(t, row.Turns, 2)
		assert.Equal(t, "system", row.Turns[0].Role)
		assert.Equal(t, "user", row.Turns[1].Role)
		assert.Contains(t, row.Turns[1].Content, original.Question, "record %d", i+1)
		assert.True(t, strings.HasSuffix(original.Answer, "#### "+row.Reward.Truth), "record %d", i+1)
	}
}

// TestApache reads the format's own test files (apache/parquet-testing). The expected values are those that the
// folder's documentation gives or whose generation it describes.
func TestApache(t *testing.T) {
	for name, want := range map[string][]string{
		"list_columns": {
			`{"int64_list":[1,2,3],"utf8_list":["abc","efg","hij"]}`, `{"int64_list":[null,1],"utf8_list":null}`,
			`{"int64_list":[4],"utf8_list":["efg",null,"hij","xyz"]}`},
		"nested_lists.snappy": {
			`{"a":[[["a","b"],["c"]],[null,["d"]]],"b":1}`, `{"a":[[["a","b"],["c","d"]],[null,["e"]]],"b":1}`,
			`{"a":[[["a","b"],["c","d"],["e"]],[null,["f"]]],"b":1}`},
		"null_list": {`{"emptylist":[]}`},
		"datapage_v2.snappy": {
			`{"a":"abc","b":1,"c":2,"d":true,"e":[1,2,3]}`, `{"a":"abc","b":2,"c":3,"d":true,"e":null}`, `{"a":"abc","b":3,"c":4,"d":true,"e":null}`,
			`{"a":null,"b":4,"c":5,"d":false,"e":[1,2,3]}`, `{"a":"abc","b":5,"c":2,"d":true,"e":[1,2]}`},
		"repeated_primitive_no_list": {
			`{"Int32_list":[0,1,2,3],"String_list":["foo","zero","one","two"],"group_of_lists":{"Int32_list_in_group":[0,1,2,3],"String_list_in_group":["foo","zero","one","two"]}}`,
			`{"Int32_list":[],"String_list":["three"],"group_of_lists":{"Int32_list_in_group":[],"String_list_in_group":["three"]}}`,
			`{"Int32_list":[4],"String_list":["four"],"group_of_lists":{"Int32_list_in_group":[4],"String_list_in_group":["four"]}}`,
			`{"Int32_list":[5,6,7,8],"String_list":["five","six","seven","eight"],"group_of_lists":{"Int32_list_in_group":[5,6,7,8],"String_list_in_group":["five","six","seven","eight"]}}`},
		"nonnullable.impala": {`{"ID":8,"Int_Array":[-1],"Int_Map":{"k1":-1},"int_array_array":[[-1,-2],[]],"int_map_array":[{},{"k1":1},{},{}],` +
			`"nested_Struct":{"B":[-1],"G":{},"a":-1,"c":{"D":[[{"e":-1,"f":"nonnullable"}]]}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, record := range records(t, shared.Bytes(t, "data/parquet/apache/"+name+".parquet")) {
				b, err := json.Marshal(record)
				require.NoError(t, err)
				got = append(got, string(b))
			}
			assert.Equal(t, want, got)
		})
	}
	t.Run("nullable.impala", func(t *testing.T) {
		lists := []Column{
			{Field: "id", Source: "id", Kind: Integer}, {Field: "list", Source: "int_array", Kind: Integers},
			{Field: "struct", Source: "nested_struct", Kind: Object, Fields: append(same(Integer, "A"), same(Integers, "b")...)},
		}
		rows, err := Rows(shared.Bytes(t, "data/parquet/apache/nullable.impala.parquet"), lists, mebi)
		require.NoError(t, err)
		assert.Equal(t, strings.Join([]string{
			`{"id":1,"list":[1,2,3],"struct":{"A":1,"b":[1]}}`, `{"id":2,"list":[null,1,2,null,3,null],"struct":{"A":null,"b":[null]}}`,
			`{"id":3,"list":[],"struct":{"A":null,"b":null}}`, `{"id":4,"list":null,"struct":{"A":null,"b":null}}`,
			`{"id":5,"list":null,"struct":{"A":null,"b":null}}`, `{"id":6,"list":null,"struct":null}`, `{"id":7,"list":null,"struct":{"A":7,"b":[2,3,null]}}`,
		}, "\n"), join(rows))
	})
	t.Run("concatenated_gzip_members", func(t *testing.T) {
		list := records(t, shared.Bytes(t, "data/parquet/apache/concatenated_gzip_members.parquet"))
		require.Len(t, list, 513)
		for i, record := range list {
			require.EqualValues(t, i+1, record["long_col"])
		}
	})
	t.Run("int32_with_null_pages", func(t *testing.T) {
		rows, err := Rows(shared.Bytes(t, "data/parquet/apache/int32_with_null_pages.parquet"), same(Integer, "int32_field"), mebi)
		require.NoError(t, err)
		require.Len(t, rows, 1000)
		nulls, least, greatest := make([]int, 10), int64(0), int64(0)
		for i, row := range rows {
			value := strings.TrimSuffix(strings.TrimPrefix(string(row), `{"int32_field":`), "}")
			if value == "null" {
				nulls[i/100]++
				continue
			}
			n, err := strconv.ParseInt(value, 10, 32)
			require.NoError(t, err)
			least, greatest = min(least, n), max(greatest, n)
		}
		assert.Equal(t, []int{8, 55, 100, 52, 16, 12, 5, 7, 8, 12}, nulls)
		assert.EqualValues(t, -2136906554, least)
		assert.EqualValues(t, 2145722375, greatest)
	})
	t.Run("byte_stream_split.zstd", func(t *testing.T) { // numpy's standard normals of seed 0
		list := records(t, shared.Bytes(t, "data/parquet/apache/byte_stream_split.zstd.parquet"))
		require.Len(t, list, 300)
		for i, want := range []float32{1.7640524, 0.4001572, 0.978738, 2.2408931, 1.867558} {
			assert.Equal(t, want, list[i]["f32"])
		}
	})
	t.Run("alltypes_dictionary", func(t *testing.T) {
		list := records(t, shared.Bytes(t, "data/parquet/apache/alltypes_dictionary.parquet"))
		require.Len(t, list, 2)
		for i, record := range list {
			assert.EqualValues(t, i, record["id"])
			assert.Equal(t, i == 0, record["bool_col"])
			assert.EqualValues(t, 10*i, record["bigint_col"])
			assert.Equal(t, 10.1*float64(i), record["double_col"])
		}
	})
	t.Run("nested_maps.snappy", func(t *testing.T) {
		assert.Len(t, records(t, shared.Bytes(t, "data/parquet/apache/nested_maps.snappy.parquet")), 6)
	})
	t.Run("delta_length_byte_array", func(t *testing.T) {
		list := records(t, shared.Bytes(t, "data/parquet/apache/delta_length_byte_array.parquet"))
		require.Len(t, list, 1000)
		for i, record := range list {
			require.Equal(t, fmt.Sprintf("apple_banana_mango%d", i*i), record["FRUIT"])
		}
	})
	for _, name := range []string{"delta_binary_packed", "delta_byte_array"} {
		t.Run(name, func(t *testing.T) {
			list := records(t, shared.Bytes(t, "data/parquet/apache/"+name+".parquet"))
			want, err := csv.NewReader(strings.NewReader(string(shared.Bytes(t, "data/parquet/apache/"+name+"_expect.csv")))).ReadAll()
			require.NoError(t, err)
			require.Len(t, list, len(want)-1)
			for i, fields := range want[1:] {
				for j, field := range fields {
					got := ""
					if v := list[i][want[0][j]]; v != nil {
						got = fmt.Sprint(v)
					}
					require.Equal(t, field, got, "record %d, %s", i+1, want[0][j])
				}
			}
		})
	}
}

// TestOldLists: lists of two levels are refused; the library gives the first element of each inner list
// ([[1, 2], [3, 4]] comes out as [1, 3]), and a plain repeated column is no list either.
func TestOldLists(t *testing.T) {
	_, err := Rows(shared.Bytes(t, "data/parquet/apache/old_list_structure.parquet"), same(Integers, "a"), mebi)
	assert.EqualError(t, err, `column "a": wanted list of integer, got structure of "array"`)
	_, err = Rows(shared.Bytes(t, "data/parquet/apache/repeated_primitive_no_list.parquet"), same(Texts, "String_list"), mebi)
	assert.EqualError(t, err, `column "String_list": wanted list of string, got repeated string`)
	_, err = Rows(shared.Bytes(t, "data/parquet/apache/alltypes_dictionary.parquet"), same(Text, "string_col"), mebi)
	assert.EqualError(t, err, `column "string_col": wanted string, got BYTE_ARRAY`)
}

// TestDamaged flips bytes of real files: nothing gets out but records or an error.
func TestDamaged(t *testing.T) {
	files, err := filepath.Glob(shared.Path(t, "data/parquet/apache") + "/*.parquet")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		original := shared.Bytes(t, "data/parquet/apache/"+filepath.Base(path))
		step := max(1, len(original)/60)
		for at := 0; at < len(original); at += step {
			damaged := append([]byte(nil), original...)
			damaged[at] ^= 0xff
			err := eachRecord(damaged, 16*mebi, all, func(map[string]any) error { return nil })
			if err != nil {
				assert.NotContains(t, err.Error(), "\n")
			}
			require.Error(t, eachRecord(original[:at], 16*mebi, all, func(map[string]any) error { return nil }), "%s cut at %d", path, at)
		}
	}
}
