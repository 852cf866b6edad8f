package hub

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sync/errgroup"
)

// BenchmarkDownload moves files from a server in the same process to the disk: network, writing, sha256, fsync and
// rename. The server's part of the work is in the time; -cpu 1 gives what one core does.
func BenchmarkDownload(b *testing.B) {
	for _, files := range []int{1, 4} {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			const size = 128 << 20
			data := noise(size, 70)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", strconv.Itoa(size))
				_, _ = w.Write(data) // a client that hung up says so itself
			}))
			defer server.Close()
			file := File{Path: "x", Size: size, Digest: fakeFile{"", data, true}.digest()}
			c, err := New(Options{CacheDir: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(files) * size)
			dir := b.TempDir()
			for b.Loop() {
				var group errgroup.Group
				for i := range files {
					group.Go(func() error {
						to := filepath.Join(dir, strconv.Itoa(i))
						if err := c.Download(b.Context(), server.URL+"/x", file, to); err != nil {
							return err
						}
						return os.Remove(to)
					})
				}
				if err := group.Wait(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSHA256 is the ceiling that hashing alone sets.
func BenchmarkSHA256(b *testing.B) {
	data := noise(64<<20, 71)
	d := Digest{kind: sha256Digest}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		h := d.newHash(int64(len(data)))
		if _, err := h.Write(data); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoopback is the ceiling that the network stack and net/http set, server included.
func BenchmarkLoopback(b *testing.B) {
	const size = 128 << 20
	data := noise(size, 72)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(size))
		_, _ = w.Write(data) // a client that hung up says so itself
	}))
	defer server.Close()
	b.SetBytes(size)
	buf := make([]byte, bufferSize)
	for b.Loop() {
		resp, err := http.Get(server.URL)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, buf); err != nil {
			b.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
