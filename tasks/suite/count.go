package suite

import (
	"fmt"
	"strconv"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// CountTests is how many tests the names of --tasks, which errors name, stand for: as many as the tasks of p that names, groups and
// patterns choose, each task once, and a number for so many tasks of other programs. It is at least 1.
func CountTests(p tasks.Profile, names []string) (int, error) {
	tests := 0
	var ours []string
	for _, name := range names {
		n, err := strconv.Atoi(name)
		switch {
		case err == nil && n < 1:
			return 0, fmt.Errorf("--tasks %s: a plan is of one test or more", name)
		case err == nil:
			tests += n
			continue
		}
		if _, err := Select(p, []string{name}); err != nil {
			return 0, fmt.Errorf("%w (a number stands for so many tasks of other programs)", err)
		}
		ours = append(ours, name)
	}
	if len(ours) > 0 {
		chosen, err := Select(p, ours)
		if err != nil {
			return 0, err
		}
		tests += len(chosen)
	}
	return max(1, tests), nil
}
