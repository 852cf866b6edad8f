package memory

import (
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// system is a machine as its files describe it.
func system(files map[string]string) fstest.MapFS {
	fs := fstest.MapFS{}
	for name, content := range files {
		fs[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fs
}

const (
	mountsV2 = "22 1 0:20 / / rw - ext4 /dev/vda rw\n30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
	mountsV1 = "30 22 0:27 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n34 30 0:31 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n31 30 0:32 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
)

func TestBounds(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		heap  int64
		want  []Bound
	}{
		"nothing known": {},
		"the machine": {
			files: map[string]string{"proc/meminfo": "MemTotal:       24000 kB\nMemFree:  10 kB\nMemAvailable:   20000 kB\n"},
			heap:  math.MaxInt64,
			want:  []Bound{{24000 << 10, 20000 << 10, "the machine's free memory"}},
		},
		"version 2, limits at three levels": {
			files: map[string]string{
				"proc/self/cgroup":                     "0::/a/b/c\n",
				"proc/self/mountinfo":                  mountsV2,
				"sys/fs/cgroup/a/memory.max":           "5000000\n",
				"sys/fs/cgroup/a/memory.current":       "4000000\n",
				"sys/fs/cgroup/a/memory.stat":          "anon 100\ninactive_file 1000000\nactive_file 500000\n",
				"sys/fs/cgroup/a/b/memory.max":         "max\n",
				"sys/fs/cgroup/a/b/memory.high":        "3000000\n",
				"sys/fs/cgroup/a/b/memory.current":     "1000000\n",
				"sys/fs/cgroup/a/b/c/memory.max":       "9000000\n",
				"sys/fs/cgroup/a/b/c/memory.high":      "max\n",
				"sys/fs/cgroup/a/b/c/memory.current":   "9500000\n",
				"sys/fs/cgroup/a/b/c/memory.stat":      "inactive_file 0\n",
				"sys/fs/cgroup/a/b/c/memory.swap.max":  "0\n",
				"sys/fs/cgroup/elsewhere/memory.max":   "1\n",
				"sys/fs/cgroup/elsewhere/memory.stat2": "",
			},
			want: []Bound{
				{9000000, -500000, "memory.max of the control group /a/b/c"},
				{3000000, 2000000, "memory.high of the control group /a/b"},
				{5000000, 2500000, "memory.max of the control group /a"},
			},
		},
		"version 1 beside an empty version 2": {
			files: map[string]string{
				"proc/self/cgroup":                               "9:name=systemd:/\n4:cpu,memory:/job\n1:cpu:/\n0::/\n",
				"proc/self/mountinfo":                            mountsV1,
				"sys/fs/cgroup/memory/job/memory.limit_in_bytes": "1572864000\n",
				"sys/fs/cgroup/memory/job/memory.usage_in_bytes": "572864000\n",
				"sys/fs/cgroup/memory/job/memory.stat":           "inactive_file 1\ntotal_inactive_file 72864000\ntotal_active_file 0\n",
				"sys/fs/cgroup/memory/memory.limit_in_bytes":     "9223372036854771712\n",
			},
			want: []Bound{{1572864000, 1072864000, "memory.limit_in_bytes of the control group /job"}},
		},
		"a container whose mount begins at its own group": {
			files: map[string]string{
				"proc/self/cgroup":                "0::/docker/0123\n",
				"proc/self/mountinfo":             "30 22 0:26 /docker/0123 /sys/fs/cgroup ro - cgroup2 cgroup ro\n",
				"sys/fs/cgroup/memory.max":        "1000\n",
				"sys/fs/cgroup/memory.current":    "400\n",
				"sys/fs/cgroup/docker/memory.max": "7\n",
			},
			want: []Bound{{1000, 600, "memory.max of the control group /"}},
		},
		"a container whose path only the host knows": {
			files: map[string]string{
				"proc/self/cgroup":         "0::/../../x\n",
				"proc/self/mountinfo":      "30 22 0:26 /kubepods/y /sys/fs/cgroup ro - cgroup2 cgroup ro\n",
				"sys/fs/cgroup/memory.max": "1000\n",
			},
			want: []Bound{{1000, 1000, "memory.max of the control group /"}},
		},
		"a mount whose name has a space": {
			files: map[string]string{
				"proc/self/cgroup":    "0::/\n",
				"proc/self/mountinfo": `30 22 0:26 / /c\040g ro - cgroup2 cgroup ro` + "\n",
				"c g/memory.max":      "1000\n",
			},
			want: []Bound{{1000, 1000, "memory.max of the control group /"}},
		},
		"data": {
			files: map[string]string{
				"proc/self/limits": "Max data size             2000000000           unlimited            bytes     \nMax address space         unlimited            unlimited            bytes     \n",
				"proc/self/status": "VmSize:\t 9000000 kB\nVmData:\t 1000000 kB\n",
			},
			want: []Bound{{2000000000, 2000000000 - 1000000<<10, "the process's data (ulimit -d)"}},
		},
		"address space and GOMEMLIMIT": {
			files: map[string]string{
				"proc/self/limits": "Limit                     Soft Limit           Hard Limit           Units     \nMax processes             7                    7                    processes \nMax address space         4194304000           unlimited            bytes     \n",
				"proc/self/status": "VmSize:\t 1000000 kB\nRssAnon:\t   50000 kB\n",
			},
			heap: 100 << 20,
			want: []Bound{
				{4194304000, 4194304000 - 1000000<<10, "the address space (ulimit -v)"},
				{100 << 20, 100<<20 - 50000<<10, "GOMEMLIMIT"},
			},
		},
		"no address space limit": {
			files: map[string]string{"proc/self/limits": "Max address space         unlimited            unlimited            bytes     \n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, bounds(system(c.files), c.heap))
		})
	}
}

func TestLeast(t *testing.T) {
	_, ok := Least(nil)
	assert.False(t, ok)
	b, ok := Least([]Bound{{9, 7, "a"}, {8, 3, "b"}, {4, 4, "c"}})
	assert.True(t, ok)
	assert.Equal(t, Bound{8, 3, "b"}, b)
}

// TestWithin: a limit that was asked for counts beside the system's, with what the process has taken already.
func TestWithin(t *testing.T) {
	system := []Bound{{9, 7, "a"}}
	for _, c := range []struct {
		limit, room int64
		who         string
	}{{0, 7, "a"}, {-1, 7, "a"}, {8, 6, "the limit that was asked for"}, {9, 7, "a"}, {20, 7, "a"}, {1, -1, "the limit that was asked for"}} {
		b, ok := Least(within(system, c.limit, 2))
		assert.True(t, ok)
		assert.Equal(t, c.room, b.Room, c.limit)
		assert.Equal(t, c.who, b.Who, c.limit)
	}
	_, ok := Least(within(nil, 0, 2))
	assert.False(t, ok)
	b, ok := Least(within(nil, 8, 0))
	assert.True(t, ok)
	assert.Equal(t, int64(8), b.Room, "where the system tells nothing, too")
	b, ok = Within(1, 0)
	assert.True(t, ok, "whatever the system tells")
	assert.LessOrEqual(t, b.Room, int64(1))
}

// FuzzBounds: whatever files say, no panic, and no negative limit, and no room that exceeds its limit.
func FuzzBounds(f *testing.F) {
	f.Add("0::/a\n", mountsV2, "max", "12", "inactive_file 3\n", "MemTotal: 3 kB\nMemAvailable: 2 kB\n", "Max address space 12 12 bytes")
	f.Add("4:memory:/a\n", mountsV1, "18446744073709551615", "-1", "total_inactive_file 9223372036854775807\n", "MemTotal: 99999999999999999999 kB\n", "")
	f.Fuzz(func(t *testing.T, own, mounts, limit, used, stat, meminfo, limits string) {
		files := map[string]string{"proc/self/cgroup": own, "proc/self/mountinfo": mounts, "proc/meminfo": meminfo, "proc/self/limits": limits}
		for _, dir := range []string{"sys/fs/cgroup/", "sys/fs/cgroup/a/", "sys/fs/cgroup/memory/", "sys/fs/cgroup/memory/a/"} {
			files[dir+"memory.max"], files[dir+"memory.limit_in_bytes"] = limit, limit
			files[dir+"memory.current"], files[dir+"memory.usage_in_bytes"], files[dir+"memory.stat"] = used, used, stat
		}
		for _, b := range bounds(system(files), math.MaxInt64) {
			if b.Limit < 0 || strings.Contains(b.Who, "control group") && b.Room > b.Limit {
				t.Errorf("%+v", b)
			}
		}
	})
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"12GiB": 12 << 30, "1500MiB": 1500 << 20, "1.5G": 3 << 29, " 8 GB ": 8e9, "4096": 4096, "64K": 64 << 10, "1TB": 1e12, "7B": 7, "8kB": 8000, "8KB": 8000,
	} {
		n, err := ParseSize(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, n, text)
	}
	for _, text := range []string{"", "GiB", "0", "-1G", "12 gallons", "1e3G", "0x10", "9223372036854775808", "Inf", "1..2G", "0.1B"} {
		_, err := ParseSize(text)
		assert.ErrorContains(t, err, "is no amount of memory", text)
	}
}

// FuzzParseSize: an amount is positive or an error, and Size writes it.
func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"12GiB", "1.5M", "99999999999999999999", "NaN", "1e3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseSize(s); err == nil && n < 1 || err == nil && Size(n) == "" {
			t.Errorf("%q gives %d", s, n)
		}
	})
}

func TestSize(t *testing.T) {
	assert.Equal(t, "12.0 GiB", Size(12<<30))
	assert.Equal(t, "1500.0 MiB", Size(1500<<20))
	assert.Equal(t, "0.5 KiB", Size(512))
}
