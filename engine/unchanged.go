package engine

import (
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
)

// unchanged wraps done so that no result is passed on that a file changed since Load may have entered. Results are kept
// and found again under the digest of what was loaded; a result of other weights must never be among them.
func unchanged[T any](m *Model, done func(i int, r T, err error) error) func(i int, r T, err error) error {
	return func(i int, r T, err error) error {
		if err == nil {
			if changed := m.checkpoint.Files.Verify(); changed != nil {
				return changed
			}
		}
		return done(i, r, err)
	}
}

// explain looks for the cause of a panic: a weight file that was changed under the mapping, of the model or of the one that guesses.
// Other errors pass.
func (m *Model) explain(err error) error {
	panicked := (*graph.PanicError)(nil)
	if !errors.As(err, &panicked) {
		return err
	}
	changed := m.checkpoint.Files.Verify()
	if changed == nil && m.draft != nil {
		if changed = m.draft.checkpoint.Files.Verify(); changed != nil {
			changed = fmt.Errorf("the model that guesses: %w", changed)
		}
	}
	if changed == nil {
		return err
	}
	cause := error(&changedError{changed, panicked})
	if items := (*ItemsError)(nil); errors.As(err, &items) {
		items.Err = cause
		return items
	}
	return cause
}

// changedError is a file that changed, and the panic that came of it. Where memory was not there any more the file says all; any
// other panic may be a fault of this program, so that its words stay.
type changedError struct {
	changed  error
	panicked *graph.PanicError
}

func (e *changedError) Error() string {
	if e.panicked.Fault() {
		return e.changed.Error()
	}
	return fmt.Sprintf("%v: %v", e.changed, e.panicked)
}

// Unwrap returns both.
func (e *changedError) Unwrap() []error { return []error{e.changed, e.panicked} }
