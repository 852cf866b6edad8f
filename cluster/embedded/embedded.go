// Package embedded is a broker within this process: nats-server as a library, with JetStream and nothing else of it.
//
// It promises to listen where it is told and nowhere else, to ask for a token where it is given one, and to leave nothing behind
// once it is closed. The folder of a process that was killed is removed by the next. What it keeps is for the run that it is within: a run that is
// started again begins with an empty one, for what was answered is in the answer store.
package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
)

// Default is where a broker listens that is told nothing: this machine alone.
const Default = "127.0.0.1:4222"

// Prefix begins the value of --cluster for a broker of one's own: embedded, or embedded:0.0.0.0:4222.
const Prefix = "embedded"

// Address is where a broker of the name listens; ok is false where the name is that of a broker elsewhere.
func Address(name string) (address string, ok bool) {
	if name == Prefix {
		return Default, true
	}
	return strings.CutPrefix(name, Prefix+":")
}

// ErrOpen is why a broker does not start that everybody could use.
var ErrOpen = errors.New("other machines can reach it: a token is needed")

// Broker is a running one.
type Broker struct {
	server *server.Server
	dir    string
	lock   *atomicfile.Lock // held while the folder is in use
	url    string
}

// folderPrefix begins the name of a broker's folder.
const folderPrefix = "swallow-eval-broker-"

// Start listens at an address, host:port, port 0 for a free one. Where others than this machine can reach it a token is wanted.
// say is told what goes wrong later.
func Start(address, token string, say func(format string, args ...any)) (_ *Broker, err error) {
	host, port, err := split(address)
	if err != nil {
		return nil, err
	}
	if token == "" && !onlyHere(host) {
		return nil, ErrOpen
	}
	l, err := net.Listen("tcp", address) // the server's own error is a line in its log
	if err != nil {
		return nil, err
	}
	if err := l.Close(); err != nil {
		return nil, err
	}
	atomicfile.RemoveAbandonedFolders(os.TempDir(), folderPrefix)
	b := &Broker{}
	if b.dir, b.lock, err = folder(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}()
	if port == 0 {
		port = server.RANDOM_PORT
	}
	o := &server.Options{Host: host, Port: port, JetStream: true, StoreDir: filepath.Join(b.dir, "store"), NoSigs: true, Authorization: token}
	if b.server, err = server.NewServer(o); err != nil {
		return nil, err
	}
	heard := &log{say: say}
	b.server.SetLoggerV2(heard, false, false, false)
	b.server.Start()
	if !b.server.ReadyForConnections(20*time.Second) || !b.server.JetStreamEnabled() {
		return nil, fmt.Errorf("the broker does not start: %s", heard.fatal())
	}
	b.url = "nats://" + reach(b.server.Addr().String())
	return b, nil
}

// foldersTried is how many folders are made until one is locked.
const foldersTried = 100

// folder makes a folder and locks it. Before it is locked, another process that is just beginning may take it for one of the dead
// and remove it: then there is another.
func folder() (dir string, lock *atomicfile.Lock, err error) {
	for range foldersTried {
		if dir, err = os.MkdirTemp("", folderPrefix); err != nil {
			return "", nil, err
		}
		if lock, err = atomicfile.LockDir(dir); err == nil {
			return dir, lock, nil
		}
		lost := errors.Is(err, atomicfile.ErrLocked) || errors.Is(err, fs.ErrNotExist)
		if err = errors.Join(err, os.RemoveAll(dir)); !lost {
			break
		}
	}
	return "", nil, err
}

// URL is where this process reaches the broker.
func (b *Broker) URL() string { return b.url }

// Listening is the address that the broker listens at.
func (b *Broker) Listening() string { return b.server.Addr().String() }

// Close ends the broker and removes what it kept.
func (b *Broker) Close() error {
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
	return errors.Join(b.lock.Unlock(), os.RemoveAll(b.dir))
}

func split(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("%s: %q is not a port", address, text)
	}
	return host, port, nil
}

// onlyHere says whether a host's name or address is this machine's own.
func onlyHere(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// reach is an address that can be called, where the one listened at is every interface.
func reach(listening string) string {
	host, port, err := net.SplitHostPort(listening)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listening
}

// log keeps of a server's log what a user must know.
type log struct {
	say   func(format string, args ...any)
	mutex sync.Mutex
	last  string
}

func (l *log) fatal() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.last
}

// Errorf passes on what goes wrong.
func (l *log) Errorf(format string, v ...any) {
	l.Fatalf(format, v...)
	l.say("broker: "+format, v...)
}

// Fatalf is remembered for whoever waits for the start.
func (l *log) Fatalf(format string, v ...any) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.last = fmt.Sprintf(format, v...)
}

// Noticef, Warnf, Debugf and Tracef are of interest to who runs a broker for itself.
func (l *log) Noticef(string, ...any) {}

// Warnf says nothing.
func (l *log) Warnf(string, ...any) {}

// Debugf says nothing.
func (l *log) Debugf(string, ...any) {}

// Tracef says nothing.
func (l *log) Tracef(string, ...any) {}
