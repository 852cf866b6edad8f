package engine

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
