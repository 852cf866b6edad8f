package graph

import "github.com/swallow-eval/swallow-eval/engine/internal/kernel"

// region is working memory that grows and stays, outside the collector's heap and on huge pages where the system has them:
// rows of a batch lie kilobytes apart, and with small pages every one of them would cost an address translation.
type region struct{ memory *kernel.Memory }

// reserve makes room for n bytes. What the region held before may be lost.
func (r *region) reserve(n int) error {
	if r.memory != nil && len(r.memory.Bytes()) >= n {
		return nil
	}
	err := r.release()
	if err == nil {
		r.memory, err = kernel.Allocate(n)
	}
	return err
}

func (r *region) release() error {
	if r.memory == nil {
		return nil
	}
	memory := r.memory
	r.memory = nil
	return memory.Release()
}
