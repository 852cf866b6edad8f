package datasets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	inZip     = "OpenBookQA-V1-Sep2018/Data/Main/test.jsonl"
	zipPath   = "openbookqa/OpenBookQA-V1-Sep2018.zip"
	tarPath   = "trivia_qa/triviaqa-rc.tar.gz"
	wmtPath   = "wmt20/test.tgz"
	openBook1 = `{"id":"1","question":{"stem":"S","choices":[{"text":"a","label":"A"}]},"answerKey":"A"}`
)

// TestZipMember reads one member of a zip archive, beside others.
func TestZipMember(t *testing.T) {
	content := zipped(t, entry{"OpenBookQA-V1-Sep2018/", ""}, entry{"OpenBookQA-V1-Sep2018/Data/Main/train.jsonl", "{}\n"},
		entry{inZip, openBook1 + "\n" + openBook1 + "\n"}, entry{"__MACOSX/._x", "\x00"})
	files := map[string]string{zipPath: content}

	_, _, err := open(t, false, files).Rows("openbookqa", "test")
	require.ErrorIs(t, err, ErrMismatch)
	assert.EqualError(t, err, zipPath+": not the pinned data: sha256 "+digest(content)+
		", want 82368cf05df2e3b309c17d162e10b888b4d768fad6e171e0a041954c8553be46 (official); --allow-unpinned-data uses it and says so")

	r := open(t, true, files).Recorder()
	file, rows, err := r.Rows("openbookqa", "test")
	require.NoError(t, err)
	assert.Equal(t, zipPath+"/"+inZip, file)
	assert.Equal(t, openBook1+"\n"+openBook1, join(rows))
	_, rows, err = r.Rows("openbookqa", "train")
	require.NoError(t, err)
	assert.Equal(t, "{}", join(rows))
	assert.Equal(t, []Use{
		{"openbookqa", "test", zipPath, digest(content), 2, 500, Unpinned}, {"openbookqa", "train", zipPath, digest(content), 1, 4957, Unpinned},
	}, r.Files())

	content = zipped(t, entry{inZip, openBook1 + "\n{"})
	_, _, err = open(t, true, map[string]string{zipPath: content}).Rows("openbookqa", "test")
	require.ErrorIs(t, err, ErrMalformed)
	assert.EqualError(t, err, zipPath+"/"+inZip+":2: malformed data: unexpected end of JSON input")
}

// TestWMTArchive converts the members of the archive as sacreBLEU does, in both directions.
func TestWMTArchive(t *testing.T) {
	sgm := func(texts ...string) string {
		b := "<srcset setid=\"newstest2020\" srclang=\"any\">\n<doc docid=\"x\" genre=\"news\" origlang=\"en\">\n<p>\n"
		for i, text := range texts {
			b += fmt.Sprintf("<seg id=\"%d\">%s</seg>\n", i+1, text)
		}
		return b + "</p>\n</doc>\n</srcset>\n"
	}
	d := open(t, true, map[string]string{wmtPath: tarGz(t, entry{"sgm/", ""}, entry{"sgm/newstest2020-ende-src.en.sgm", "\xff"},
		entry{"./sgm/newstest2020-jaen-ref.en.sgm", sgm("A &amp; B.")},
		entry{"sgm/newstest2020-enja-ref.ja.sgm", "\ufeff" + sgm("一\u3000つ。", " 二つ。 ")}, entry{"sgm/newstest2020-enja-src.en.sgm", sgm("One.", "Two  of them.")},
		entry{"sgm/newstest2020-jaen-src.ja.sgm", sgm("甲と乙。")})})
	file, rows, err := d.Rows("wmt20", "en-ja")
	require.NoError(t, err)
	assert.Equal(t, wmtPath, file)
	assert.Equal(t, `{"src":"One.","ref":"一 つ。"}`+"\n"+`{"src":"Two of them.","ref":"二つ。"}`, join(rows))
	_, rows, err = d.Rows("wmt20", "ja-en")
	require.NoError(t, err)
	assert.Equal(t, `{"src":"甲と乙。","ref":"A &amp; B."}`, join(rows))
}

// TestTriviaQAArchive: the web's half first, whatever the order in the archive, from one pass for both splits.
func TestTriviaQAArchive(t *testing.T) {
	half := func(id string) string { return strings.Replace(triviaOne, " tc_1 ", id, 1) }
	content := tarGz(t, entry{"README.txt", "x"}, entry{"evidence/web/1/1.txt", strings.Repeat("evidence ", 10000)},
		entry{"qa/wikipedia-dev.json", half("wiki-dev")}, entry{"qa/wikipedia-train.json", half("wiki-train")},
		entry{"qa/verified-web-dev.json", "not read"}, entry{"qa/web-dev.json", half("web-dev")}, entry{"qa/web-train.json", half("web-train")})
	d := open(t, true, map[string]string{tarPath: content, "trivia_qa/validation.jsonl": "{}"})
	for split, want := range map[string][]string{"validation": {"web-dev", "wiki-dev"}, "train": {"web-train", "wiki-train"}} {
		r := d.Recorder()
		file, rows, err := r.Rows("trivia_qa", split)
		require.NoError(t, err)
		assert.Equal(t, tarPath, file, "the original comes before copies of it")
		var ids []string
		for _, row := range rows {
			var v struct {
				ID string `json:"question_id"`
			}
			require.NoError(t, json.Unmarshal(row, &v))
			ids = append(ids, v.ID)
		}
		assert.Equal(t, want, ids)
		assert.Equal(t, tarPath, r.Files()[0].Path)
		assert.Equal(t, digest(content), r.Files()[0].SHA256)
		require.NoError(t, os.WriteFile(d.at(tarPath), nil, 0o644), "the second split comes from the first pass")
	}
}

// TestOtherMembersDoNotMatter: what is wrong with one split's member is that split's affair.
func TestOtherMembersDoNotMatter(t *testing.T) {
	d := open(t, true, map[string]string{tarPath: tarGz(t, entry{"qa/web-train.json", "{"}, entry{"qa/wikipedia-train.json", triviaOne},
		entry{"qa/web-dev.json", triviaOne}, entry{"qa/wikipedia-dev.json", triviaOne})})
	_, rows, err := d.Rows("trivia_qa", "validation")
	require.NoError(t, err)
	assert.Len(t, rows, 2)
	_, _, err = d.Rows("trivia_qa", "train")
	require.ErrorIs(t, err, ErrMalformed)
	assert.EqualError(t, err, tarPath+`: the member "qa/web-train.json": malformed data: the JSON ends in the middle of a value`)
}

// packed is a split of two records in an archive of one accepted content.
func packed(path string, pin Pin) Split {
	return Split{Dataset: "toy", Name: "test", Layouts: []Layout{one(JSONL, 2, File{
		Path: path, URL: "https://example.invalid/toy", MaxSize: mebi, MaxUnpacked: mebi, Members: []Member{{"data/test.jsonl", 1000}}, Pins: []Pin{pin},
	})}}
}

// TestPinnedArchives: the archive's digest is compared, md5 where nothing better is known.
func TestPinnedArchives(t *testing.T) {
	for path, content := range map[string]string{
		"toy/x.zip": zipped(t, entry{"data/test.jsonl", toyContent}), "toy/x.tgz": tarGz(t, entry{"data/test.jsonl", toyContent}),
	} {
		weak := md5.Sum([]byte(content))
		for name, pin := range map[string]Pin{
			"sha256": {SHA256: digest(content), State: Official}, "md5": {MD5: hex.EncodeToString(weak[:]), State: Official},
			"both": {SHA256: digest(content), MD5: strings.Repeat("0", 32), State: Official},
		} {
			p, err := open(t, false, map[string]string{path: content}).read(packed(path, pin))
			require.NoError(t, err, name)
			assert.Equal(t, []Use{{"toy", "test", path, digest(content), 2, 2, Official}}, p.used)
			assert.Len(t, p.rows, 2)
			_, err = open(t, false, map[string]string{path: content + " "}).read(packed(path, pin))
			require.ErrorIs(t, err, ErrMismatch, name)
		}
		_, err := open(t, false, map[string]string{path: content}).read(packed(path, Pin{MD5: strings.Repeat("0", 32), State: Official}))
		assert.EqualError(t, err, path+": not the pinned data: sha256 "+digest(content)+", want md5 "+strings.Repeat("0", 32)+
			" (official); --allow-unpinned-data uses it and says so")
		_, err = open(t, false, map[string]string{path: content}).read(packed(path, Pin{SHA256: strings.Repeat("0", 64), MD5: hex.EncodeToString(weak[:]), State: Official}))
		require.ErrorIs(t, err, ErrMismatch, "where sha256 is known, md5 does not count")
	}
}

// TestPinnedArchiveIsLeftEarly: behind the last member a pinned archive is not read, one without a digest is.
func TestPinnedArchiveIsLeftEarly(t *testing.T) {
	content := tarGz(t, entry{"data/test.jsonl", toyContent}, entry{"evidence", strings.Repeat("x", 2*mebi)})
	p, err := open(t, false, map[string]string{"toy/x.tgz": content}).read(packed("toy/x.tgz", Pin{SHA256: digest(content), State: Official}))
	require.NoError(t, err)
	assert.Len(t, p.rows, 2)
	_, err = open(t, true, map[string]string{"toy/x.tgz": content}).read(packed("toy/x.tgz", Pin{SHA256: strings.Repeat("0", 64)}))
	assert.EqualError(t, err, "toy/x.tgz: malformed data: it unpacks to more than the manifest allows")
}

func TestRefusedArchives(t *testing.T) {
	good := entry{"data/test.jsonl", toyContent}
	special := func(h tar.Header) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		w := tar.NewWriter(z)
		require.NoError(t, w.WriteHeader(&h))
		require.NoError(t, w.Close())
		require.NoError(t, z.Close())
		return b.String()
	}
	whole, wholeZip := tarGz(t, good, entry{"evidence", strings.Repeat("some evidence, ", 3000)}), zipped(t, good)
	flags := []byte(wholeZip) // general purpose flag 1 in both headers
	flags[6] |= 1
	flags[bytes.Index(flags, []byte("PK\x01\x02"))+8] |= 1
	declared := []byte(wholeZip)
	copy(declared[bytes.Index(declared, []byte("PK\x01\x02"))+24:], "\xff\xff\xff\x7f")
	lying := []byte(wholeZip)
	lying[bytes.Index(lying, []byte("PK\x01\x02"))+24]--
	method := []byte(wholeZip)
	method[bytes.Index(method, []byte("PK\x01\x02"))+10] = 99
	for name, c := range map[string]struct{ path, content, want string }{
		"tar slip":         {"x.tgz", tarGz(t, entry{"../x", "x"}, good), `the member "../x" has a name that leaves the folder`},
		"tar slip inside":  {"x.tgz", tarGz(t, entry{"data/../../x", "x"}, good), `the member "data/../../x" has a name that leaves the folder`},
		"tar slip behind":  {"x.tgz", tarGz(t, good, entry{"data/..", "x"}), `the member "data/.." has a name that leaves the folder`},
		"tar absolute":     {"x.tgz", tarGz(t, entry{"/etc/passwd", "x"}, good), `the member "/etc/passwd" has an absolute name`},
		"tar twice":        {"x.tgz", tarGz(t, good, good), `the member "data/test.jsonl" is there twice`},
		"tar twice by dot": {"x.tgz", tarGz(t, good, entry{"./data/test.jsonl", "{}"}), `the member "data/test.jsonl" is there twice`},
		"tar without":      {"x.tgz", tarGz(t, entry{"data/other.jsonl", "{}"}), `the archive has no member "data/test.jsonl"`},
		"tar link":         {"x.tgz", special(tar.Header{Name: "data/test.jsonl", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}), `the member "data/test.jsonl" is not a regular file`},
		"tar hard link":    {"x.tgz", special(tar.Header{Name: "data/test.jsonl", Typeflag: tar.TypeLink, Linkname: "x"}), `the member "data/test.jsonl" is not a regular file`},
		"tar folder":       {"x.tgz", special(tar.Header{Name: "data/test.jsonl", Typeflag: tar.TypeDir}), `the member "data/test.jsonl" is not a regular file`},
		"tar large":        {"x.tgz", tarGz(t, entry{"data/test.jsonl", strings.Repeat(toyContent, 100)}), `the member "data/test.jsonl" says it has 1600 bytes, more than 1000`},
		"tar bomb":         {"x.tgz", tarGz(t, entry{"evidence", strings.Repeat("x", 2*mebi)}, good), "it unpacks to more than the manifest allows"},
		"tar cut":          {"x.tgz", whole[:len(whole)/2], "the archive is cut short"},
		"tar cut at end":   {"x.tgz", whole[:len(whole)-1], "the archive is cut short"},
		"tar cut at start": {"x.tgz", whole[:5], "the archive is cut short"},
		"tar broken":       {"x.tgz", whole[:len(whole)-6] + "\x00\x00\x00\x00\x00\x00", "checksum"},
		"tar not gzip":     {"x.tgz", "data/test.jsonl", "not a gzip file"},
		"tar not tar":      {"x.tgz", compress(t, strings.Repeat("x", 2000)), "invalid tar header"},
		"tar HTML":         {"x.tgz", "<!DOCTYPE html>", "HTML page"},
		"tar pointer":      {"x.tgz", "version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"},
		"tar empty":        {"x.tgz", "", "the file is empty"},
		"tar too large":    {"x.tgz", strings.Repeat("x", mebi+1), "more than 1048576 bytes"},
		"tar Latin-1":      {"x.tgz", tarGz(t, entry{"data/test.jsonl", "{\"\xe9\":1}"}), `the member "data/test.jsonl": malformed data: line 1 is not valid UTF-8`},
		"tar rows":         {"x.tgz", tarGz(t, entry{"data/test.jsonl", "\n{}\n"}), "x.tgz/data/test.jsonl:1: malformed data: the line is empty"},
		"zip slip":         {"x.zip", zipped(t, entry{"../x", "x"}, good), `the member "../x" has a name that leaves the folder`},
		"zip backslashes":  {"x.zip", zipped(t, good, entry{`data\..\..\x`, "x"}), `the member "data\\..\\..\\x" has a name that leaves the folder`},
		"zip absolute":     {"x.zip", zipped(t, good, entry{"/x", "x"}), `the member "/x" has an absolute name`},
		"zip drive":        {"x.zip", zipped(t, good, entry{`C:\x`, "x"}), `the member "C:\\x" has an absolute name`},
		"zip share":        {"x.zip", zipped(t, good, entry{`\\host\x`, "x"}), `the member "\\\\host\\x" has an absolute name`},
		"zip twice":        {"x.zip", zipped(t, good, good), `the member "data/test.jsonl" is there twice`},
		"zip without":      {"x.zip", zipped(t, entry{"x", ""}), `the archive has no member "data/test.jsonl"`},
		"zip encrypted":    {"x.zip", string(flags), `the member "data/test.jsonl" is encrypted`},
		"zip declared":     {"x.zip", string(declared), `the member "data/test.jsonl" says it has 2147483647 bytes, more than 1000`},
		"zip lying":        {"x.zip", string(lying), `the member "data/test.jsonl"`},
		"zip method":       {"x.zip", string(method), `the member "data/test.jsonl": zip: unsupported compression algorithm`},
		"zip cut":          {"x.zip", wholeZip[:len(wholeZip)-10], "the archive is cut short or not a zip archive"},
		"zip is text":      {"x.zip", toyContent, "the archive is cut short or not a zip archive"},
		"zip bit":          {"x.zip", strings.Replace(zipStored(t, good), `"a":1`, `"a":3`, 1), `the member "data/test.jsonl": zip: checksum error`},
	} {
		t.Run("C2 "+name, func(t *testing.T) {
			path := "toy/" + c.path
			_, err := open(t, true, map[string]string{path: c.content}).read(packed(path, Pin{SHA256: strings.Repeat("0", 64)}))
			require.ErrorIs(t, err, ErrMalformed)
			assert.ErrorContains(t, err, path)
			assert.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
	_, err := open(t, true, map[string]string{"toy/x.zip/x": ""}).read(packed("toy/x.zip", Pin{}))
	require.ErrorContains(t, err, "toy/x.zip: malformed data: not a regular file")
}

func zipStored(t *testing.T, e entry) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Store})
	require.NoError(t, err)
	_, err = f.Write([]byte(e.content))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

// TestBrokenArchivesStayRefused: without permission no byte of an archive is unpacked before its digest is known, so
// what is wrong inside is not even seen.
func TestBrokenArchivesStayRefused(t *testing.T) {
	for path, content := range map[string]string{"toy/x.zip": "no archive", "toy/x.tgz": tarGz(t, entry{"../x", ""})} {
		_, err := open(t, false, map[string]string{path: content}).read(packed(path, Pin{SHA256: strings.Repeat("0", 64), State: Official}))
		require.ErrorIs(t, err, ErrMismatch)
	}
}

// TestArchiveChanges: an archive that is written to while it is read is refused.
func TestArchiveChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.tgz")
	require.NoError(t, os.WriteFile(path, []byte(tarGz(t, entry{"data/test.jsonl", toyContent})), 0o644))
	f := packed("x.tgz", Pin{SHA256: strings.Repeat("0", 64)}).Layouts[0].Files[0]
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	before, err := file.Stat()
	require.NoError(t, err)
	require.NoError(t, unchanged(file, before))
	require.NoError(t, os.Chtimes(path, time.Time{}, before.ModTime().Add(time.Second)))
	require.ErrorIs(t, unchanged(file, before), ErrMismatch)
	_, err = unpack(path, f, []wanted{{f.Members[0], JSONL}}, true)
	require.NoError(t, err)
}

// TestArchiveMemory: passing over a member does not hold it, and neither does reading records.
func TestArchiveMemory(t *testing.T) {
	content := tarGz(t, entry{"evidence", strings.Repeat("some evidence, ", 4*mebi)}, entry{"data/test.jsonl", toyContent})
	path := filepath.Join(t.TempDir(), "x.tgz")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	f := File{Path: "x.tgz", MaxSize: 256 * mebi, MaxUnpacked: gibi}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := unpack(path, f, []wanted{{Member{"data/test.jsonl", 1000}, JSONL}}, true)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8*mebi), "60 MiB were passed over")
}

// FuzzArchive: whatever the bytes are, nothing but members or an error comes out.
func FuzzArchive(f *testing.F) {
	f.Add([]byte(tarGz(f, entry{"data/test.jsonl", toyContent})))
	f.Add([]byte(zipped(f, entry{"data/test.jsonl", toyContent})))
	f.Add([]byte(tarGz(f, entry{"qa/web-dev.json", triviaOne})))
	want := []wanted{{Member{"data/test.jsonl", 1000}, JSONL}, {Member{"qa/web-dev.json", 10000}, TriviaQA}}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, read := range []func(*unpacked) error{
			func(u *unpacked) error { return u.zip(bytes.NewReader(content), int64(len(content)), want) },
			func(u *unpacked) error { return u.tar(bytes.NewReader(content), mebi, want, false) },
		} {
			u := &unpacked{members: map[string]taken{}}
			if err := read(u); err != nil {
				continue
			}
			for _, got := range u.members {
				require.LessOrEqual(t, len(got.content), 1000)
			}
		}
	})
}
