package safetensors

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/swallow-eval/swallow-eval/engine/internal/mapfile"
	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

const (
	singleName = "model.safetensors"
	indexName  = "model.safetensors.index.json"
)

// Checkpoint is an opened set of weight files. Its methods may be called from several goroutines, Close excepted.
type Checkpoint struct {
	files    []*file // sorted by name
	tensors  map[string]Tensor
	warnings []string
}

// Tensor is one named array. Its data are row-major and little-endian, at no particular alignment.
type Tensor struct {
	Name  string
	DType DType
	Shape []int
	data  []byte
	file  *mapfile.File
	at    int64
}

// Data returns the tensor's bytes, which stay valid until the checkpoint is closed and must not be written. Types
// other than F32, F16 and BF16 are refused.
func (t Tensor) Data() ([]byte, error) {
	if !t.DType.usable() {
		return nil, fmt.Errorf("tensor %s: stored as %s, only F32, F16 and BF16 are supported", strictjson.Quote(t.Name), t.DType)
	}
	return t.data, nil
}

// Place is the file that Data lie in, and from which byte on.
func (t Tensor) Place() (f *mapfile.File, at int64) { return t.file, t.at }

// Open opens the checkpoint in dir: model.safetensors, or else the shards that model.safetensors.index.json names (the
// order in which Hugging Face transformers looks). Every structural check is done here; errors name file and tensor,
// not the directory.
func Open(dir string) (*Checkpoint, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: not a directory", dir)
	}
	switch single, sharded := exists(dir, singleName), exists(dir, indexName); {
	case single:
		return openSingle(dir)
	case sharded:
		return openSharded(dir)
	default:
		return nil, noWeights(dir)
	}
}

// exists counts a dangling link as existing, so that it is reported and not passed over.
func exists(dir, name string) bool {
	_, err := os.Lstat(filepath.Join(dir, name))
	return !errors.Is(err, fs.ErrNotExist)
}

// OpenFS reads model.safetensors of a file system, such as that of a program's embedded files, into memory. Shards are
// not looked for.
func OpenFS(files fs.FS) (*Checkpoint, error) {
	read, err := mapfile.Read(files, singleName)
	if err != nil {
		return nil, err
	}
	f, err := parse(read)
	if err != nil {
		return nil, err
	}
	return single(f), nil
}

// OpenFile is Open for the one file of that name in dir, as which an adapter comes.
func OpenFile(dir, name string) (*Checkpoint, error) {
	f, err := openFile(dir, name)
	if err != nil {
		return nil, err
	}
	return single(f), nil
}

func openSingle(dir string) (*Checkpoint, error) {
	return OpenFile(dir, singleName)
}

func single(f *file) *Checkpoint {
	c := &Checkpoint{files: []*file{f}, tensors: make(map[string]Tensor, len(f.entries))}
	c.add(f)
	return c
}

func openSharded(dir string) (_ *Checkpoint, err error) {
	x, err := readIndex(dir, indexName)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{tensors: make(map[string]Tensor, len(x.shardOf))}
	defer func() {
		if err != nil {
			err = mapfile.Both(err, c.release())
		}
	}()
	slices.Sort(x.shards)
	for _, name := range x.shards {
		f, err := openFile(dir, name)
		if err != nil {
			return nil, err
		}
		c.files = append(c.files, f)
		for _, other := range c.files[:len(c.files)-1] {
			if os.SameFile(f.Info(), other.Info()) {
				return nil, fmt.Errorf("%s: the same file as %s: a shard is listed twice", name, other.Name)
			}
		}
		for _, e := range f.entries {
			if listed, ok := x.shardOf[e.name]; !ok {
				return nil, fmt.Errorf("%s: tensor %s is not in %s", name, strictjson.Quote(e.name), indexName)
			} else if listed != name {
				return nil, fmt.Errorf("%s: tensor %s belongs to %s by %s", name, strictjson.Quote(e.name), listed, indexName)
			}
		}
		c.add(f)
	}
	var missing []string
	for tensor := range x.shardOf {
		if _, ok := c.tensors[tensor]; !ok {
			missing = append(missing, tensor)
		}
	}
	if len(missing) > 0 {
		first := slices.Min(missing)
		return nil, fmt.Errorf("%s: tensor %s, listed in %s, is not there (%d missing in all)", x.shardOf[first], strictjson.Quote(first), indexName, len(missing))
	}
	c.checkTotal(x)
	return c, nil
}

// checkTotal warns when metadata.total_size is not the number of bytes of all tensors. It is no error: real
// checkpoints carry wrong totals (tied tensors counted twice, buffers dropped later), and what the total could reveal,
// a missing or cut shard, has been checked exactly by now.
func (c *Checkpoint) checkTotal(x index) {
	if x.totalSize == nil {
		return
	}
	var sum uint64
	for _, t := range c.tensors {
		sum += uint64(len(t.data))
	}
	if said, err := strictjson.Float(x.totalSize); err != nil || said != float64(sum) {
		c.warnings = append(c.warnings, fmt.Sprintf("%s: total_size is %s, the tensors have %d bytes", indexName, strictjson.Quote(string(x.totalSize)), sum))
	}
}

func (c *Checkpoint) add(f *file) {
	for _, e := range f.entries {
		begin, end := f.data+int(e.begin), f.data+int(e.end)
		c.tensors[e.name] = Tensor{Name: e.name, DType: e.dtype, Shape: e.shape, data: f.Content[begin:end], file: f.File, at: int64(begin)}
	}
}

// Tensor returns the tensor of that name.
func (c *Checkpoint) Tensor(name string) (Tensor, bool) {
	t, ok := c.tensors[name]
	return t, ok
}

// Names returns the names of all tensors, sorted.
func (c *Checkpoint) Names() []string {
	names := make([]string, 0, len(c.tensors))
	for name := range c.tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Bytes returns the size of all files together.
func (c *Checkpoint) Bytes() int64 {
	var n int64
	for _, f := range c.files {
		n += f.Info().Size()
	}
	return n
}

// Warnings returns doubts about the checkpoint that do not prevent its use, one line each.
func (c *Checkpoint) Warnings() []string { return slices.Clone(c.warnings) }

// Sums returns what the command sha256sum prints for the weight files in the order of their names: lines of 64
// hexadecimal digits, two spaces and the name. Files are hashed in parallel, by sum unless it is nil. The only possible
// errors are ctx's and that a file has changed since it was opened.
func (c *Checkpoint) Sums(ctx context.Context, sum mapfile.Summer) (string, error) {
	lines := make([]string, len(c.files))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range c.files {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			digest, err := f.Sum(sum)
			if err != nil {
				return err
			}
			lines[i] = hex.EncodeToString(digest[:]) + "  " + f.Name + "\n"
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	return strings.Join(lines, ""), nil
}

// Verify returns an error when a file has changed since it was opened.
func (c *Checkpoint) Verify() error {
	for _, f := range c.files {
		if err := f.Verify(); err != nil {
			return err
		}
	}
	return nil
}

// Close verifies the files a last time and releases them; no tensor's data may be used afterwards.
func (c *Checkpoint) Close() error {
	err := c.Verify()
	return mapfile.Both(err, c.release())
}

func (c *Checkpoint) release() error {
	var err error
	for _, f := range c.files {
		err = mapfile.Both(err, f.Close())
	}
	c.files, c.tensors = nil, nil
	return err
}
