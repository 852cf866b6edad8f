package store

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// victimDir tells the test binary that it is the process to be killed, and where it stores.
const victimDir = "SWALLOW_EVAL_TEST_VICTIM_DIR"

// ahead is how many answers the victim puts before it waits for word that they were heard of: without it, a machine busy
// with other work lets the victim put everything before the first line is read, and nothing is left to be killed.
const ahead = 16

// TestVictim is the process that TestKill kills: it puts what is missing and says so after each answer.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimDir)
	if dir == "" {
		t.Skip("runs as the subprocess of TestKill")
	}
	s, err := Open(dir, model)
	require.NoError(t, err)
	heard, puts := make([]byte, 1), 0
	for i := range 2000 {
		if _, ok := s.Get(question(i)); ok {
			continue
		}
		require.NoError(t, s.Put(question(i), reply(i)))
		fmt.Println("put", i)
		if puts++; puts%ahead == 0 {
			_, err := os.Stdin.Read(heard)
			require.NoError(t, err)
		}
	}
	require.NoError(t, s.Close())
}

// TestKill kills a real process while it stores, two at a time, and starts it again until all is stored.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(9, 10))
	acked, kills := map[int]bool{}, 0
	for round := 0; ; round++ {
		require.Less(t, round, 50)
		type victim struct {
			cmd         *exec.Cmd
			lines       *bufio.Scanner
			heard       io.Writer
			puts, until int
		}
		var victims []*victim
		for range 2 {
			cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$")
			cmd.Env = append(os.Environ(), victimDir+"="+dir)
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			heard, err := cmd.StdinPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			victims = append(victims, &victim{cmd, bufio.NewScanner(out), heard, 0, 1 + random.IntN(400)})
		}
		for _, v := range victims {
			killed := false
			for v.lines.Scan() {
				n, ok := strings.CutPrefix(v.lines.Text(), "put ")
				if !ok {
					continue
				}
				i, err := strconv.Atoi(n)
				require.NoError(t, err)
				acked[i] = true
				v.puts++
				if v.puts == v.until {
					killed = true
					kills++
					require.NoError(t, v.cmd.Process.Kill())
				} else if v.puts%ahead == 0 && !killed {
					_, err := v.heard.Write([]byte{'.'})
					require.NoError(t, err)
				}
			}
			if err := v.cmd.Wait(); !killed {
				require.NoError(t, err)
			}
		}
		s, err := Open(dir, model)
		require.NoError(t, err)
		for i := range 2000 {
			r, ok := s.Get(question(i))
			require.True(t, ok || !acked[i], "round %d: answer %d is lost", round, i)
			require.True(t, !ok || r == reply(i), "round %d: answer %d is wrong", round, i)
		}
		st := s.Stats()
		require.Zero(t, st.Damaged)
		require.NoError(t, s.Close())
		if st.Answers == 2000 {
			assert.GreaterOrEqual(t, kills, 3, "some processes were killed")
			return
		}
	}
}
