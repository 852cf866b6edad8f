package hub

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDownloadOfUnknownSize: what the server says of the length is believed up to a bound, the digest is not negotiable.
func TestDownloadOfUnknownSize(t *testing.T) {
	data := noise(300_000, 40)
	sum, weak := sha256.Sum256(data), md5.Sum(data)
	strong, err := ParseSHA256(hex.EncodeToString(sum[:]))
	require.NoError(t, err)
	md, err := ParseMD5("md5:" + hex.EncodeToString(weak[:]))
	require.NoError(t, err)
	hijack := func(w http.ResponseWriter, answer string, body []byte) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = conn.Write(append([]byte(answer), body...))
			_ = conn.Close()
		}
	}
	served := func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
	chunked := func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		_, _ = w.Write(data)
	}
	for _, d := range []Digest{strong, md, fakeFile{"", data, false}.digest(), {}} {
		for _, c := range []struct {
			name   string
			answer http.HandlerFunc
			max    int64
			says   string
		}{
			{"length", served, 300_000, ""},
			{"chunked", chunked, 300_000, ""},
			{"too long", served, 299_999, "sends 300000 bytes, more than 299999"},
			{"too long in chunks", chunked, 299_999, "longer than announced"},
			{"no length at all", func(w http.ResponseWriter, _ *http.Request) {
				hijack(w, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", data)
			}, 300_000, "does not say how long the file is"},
			{"cut in chunks", func(w http.ResponseWriter, _ *http.Request) {
				hijack(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", []byte("a\r\n0123456789\r\n"))
			}, 300_000, "after 10 of"},
			{"a log-in page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, 300_000, "an HTML page"},
			{"empty", func(http.ResponseWriter, *http.Request) {}, 300_000, ""},
		} {
			t.Run(d.String()[:3]+" "+c.name, func(t *testing.T) {
				h := newFakeHub(t)
				h.hub = func(w http.ResponseWriter, r *http.Request) bool { c.answer(w, r); return true }
				to := filepath.Join(t.TempDir(), "x")
				f := File{Size: UnknownSize, MaxSize: c.max, Digest: d}
				get := func() error {
					if d.Known() {
						return h.client().Download(t.Context(), h.server.URL+"/x", f, to)
					}
					return h.client().DownloadUnverified(t.Context(), h.server.URL+"/x", f, to)
				}
				err := get()
				if c.says != "" || c.name == "empty" && d.Known() {
					require.ErrorContains(t, err, c.says)
					_, err = os.Stat(to)
					assert.ErrorIs(t, err, os.ErrNotExist)
					return
				}
				require.NoError(t, err)
				got, err := os.ReadFile(to)
				require.NoError(t, err)
				if c.name == "empty" {
					assert.Empty(t, got)
					return
				}
				assert.Equal(t, data, got)
				n := len(h.requests())
				require.NoError(t, get())
				assert.Len(t, h.requests(), n, "what is there is not fetched again")
				left, err := os.ReadDir(filepath.Dir(to))
				require.NoError(t, err)
				assert.Len(t, left, 1)
			})
		}
	}
	h := newFakeHub(t)
	to := filepath.Join(t.TempDir(), "x")
	require.ErrorContains(t, h.client().Download(t.Context(), h.server.URL, File{Size: UnknownSize, Digest: md}, to), "neither its size nor the largest is known")
	require.ErrorContains(t, h.client().Download(t.Context(), h.server.URL, File{Path: "x", Size: 3}, to), "no pinned digest")
	_, err = ParseMD5("00")
	require.Error(t, err)
}

// TestUnverifiedDownloadsAreOfOnePiece: a file without a digest is resumed only where the entity tag says that it is the same,
// and never from what another process left.
func TestUnverifiedDownloadsAreOfOnePiece(t *testing.T) {
	data := noise(2_000_000, 41)
	for _, tag := range []string{`"v1"`, `W/"v1"`, ""} {
		t.Run("tag "+tag, func(t *testing.T) {
			h := newFakeHub(t)
			n := 0
			h.hub = func(w http.ResponseWriter, r *http.Request) bool {
				if tag != "" {
					w.Header().Set("ETag", tag)
				}
				if n++; n == 1 {
					w.Header().Set("Content-Length", strconv.Itoa(len(data)))
					_, _ = w.Write(data[:1_500_000])
					panic(http.ErrAbortHandler)
				}
				http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
				return true
			}
			dir := t.TempDir()
			left := filepath.Join(dir, partialMark+"LEFT"+partialSuffix)
			require.NoError(t, os.WriteFile(left, []byte("of another process"), 0o600))
			to := filepath.Join(dir, "x")
			f := File{Size: UnknownSize, MaxSize: 1 << 30}
			require.NoError(t, h.client().DownloadUnverified(t.Context(), h.server.URL+"/x", f, to))
			got, err := os.ReadFile(to)
			require.NoError(t, err)
			require.Equal(t, data, got)
			spans := h.requests()
			require.Len(t, spans, 2)
			assert.Equal(t, strings.HasPrefix(tag, `"`), spans[1].span != "", "resumed with %q", spans[1].span)
			assert.NoFileExists(t, left)
		})
	}
}
