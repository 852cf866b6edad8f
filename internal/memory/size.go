package memory

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// units are those of binary prefixes, as MemTotal and control groups count, and the decimal ones, as disks are sold.
var units = []struct {
	name  string
	bytes float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", 1 << 40}, {"B", 1},
}

// ParseSize reads an amount of memory: a number of bytes, or of a unit such as MiB, GiB or GB; K, M and G alone are
// binary, as control groups read them. It is positive.
func ParseSize(s string) (int64, error) {
	digits, unit := strings.TrimSpace(s), 1.0
	for _, u := range units {
		if rest, ok := strings.CutSuffix(digits, u.name); ok {
			digits, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	plain := strings.Trim(digits, "0123456789.") == ""
	n, err := strconv.ParseFloat(digits, 64)
	if !plain || err != nil || n*unit < 1 || n*unit >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is no amount of memory such as 12GiB, 1500MiB or 8GB", s)
	}
	return int64(n * unit), nil
}

// Size writes an amount of memory in the unit that reads best.
func Size(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
}
