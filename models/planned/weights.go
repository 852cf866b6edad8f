package planned

import (
	"io"
	"os"
	"path/filepath"
	"time"
)

// Weights are a model's weight files as they lie here.
type Weights struct {
	Bytes int64 `json:"bytes"`
	// Rate is the bytes a second at which some of them were read just now; 0 where there are none.
	Rate float64 `json:"bytes_per_second,omitempty"`
}

// What is read to tell the rate: parts over the whole length, so that it is that of the disk as far as the system has not
// kept the files in memory.
const (
	sampleParts = 16
	sampleBytes = 4 << 20
)

// WeightsAt finds the weights of a model at path, a folder in Hugging Face layout or a GGUF file, and reads some of them.
func WeightsAt(path string) (w Weights, err error) {
	files := []string{path}
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(path, "*.safetensors")); err != nil {
			return w, err
		}
	}
	read, took := int64(0), time.Duration(0)
	for _, file := range files {
		size, n, d, err := sample(file, max(1, sampleParts/len(files)))
		if err != nil {
			return w, err
		}
		w.Bytes, read, took = w.Bytes+size, read+n, took+d
	}
	if read > 0 {
		w.Rate = float64(read) / max(took.Seconds(), 1e-9)
	}
	return w, nil
}

// sample reads some parts of a file.
func sample(file string, parts int) (size, read int64, took time.Duration, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, 0, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, 0, 0, err
	}
	part := make([]byte, min(sampleBytes, info.Size()/int64(parts)))
	for i := range int64(parts) {
		begin := time.Now()
		n, err := f.ReadAt(part, i*(info.Size()/int64(parts)))
		if err != nil && err != io.EOF {
			return 0, 0, 0, err
		}
		read, took = read+int64(n), took+time.Since(begin)
	}
	return info.Size(), read, took, nil
}
