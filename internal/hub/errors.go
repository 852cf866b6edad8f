package hub

import (
	"errors"
	"fmt"
	"net/url"
	"time"
)

// What a caller can test for with errors.Is. Every error of this package is one line that names repository and file.
var (
	// ErrOffline is returned where only the network could help and Options.Offline forbids it.
	ErrOffline = errors.New("offline")
	// ErrUnreachable is returned when a host could not be reached or kept failing; what is cached may still serve.
	ErrUnreachable = errors.New("not reachable")
	// ErrNoRepo is returned when the hub knows no such repository, or hides it from this account.
	ErrNoRepo = errors.New("no such repository")
	// ErrNoRevision is returned when the repository exists and the branch, tag or commit does not.
	ErrNoRevision = errors.New("no such revision")
	// ErrNoFile is returned when the commit holds no such file, or none of those wanted.
	ErrNoFile = errors.New("no such file")
	// ErrGated is returned when somebody has to accept conditions, or to be granted access, first.
	ErrGated = errors.New("gated repository")
	// ErrDenied is returned when the hub refuses the token, or wants one.
	ErrDenied = errors.New("access denied")
	// ErrRateLimited is returned when the hub still asks to wait after all attempts, or for longer than MaxWait.
	ErrRateLimited = errors.New("rate limited")
	// ErrMismatch is returned when bytes, size, commit or digest are not those that the hub's listing announced.
	ErrMismatch = errors.New("not the announced file")
	// ErrIncomplete is returned when the cache lacks some of the wanted files and the network may not be asked.
	ErrIncomplete = errors.New("incomplete in the cache")
	// ErrName is returned for file, repository and revision names that must not become paths.
	ErrName = errors.New("unsafe name")
	// ErrRedirect is returned for a redirect that is not followed.
	ErrRedirect = errors.New("redirect refused")
	// ErrUnsafeWeights is returned for repositories whose weights are only there in formats that run code when loaded.
	ErrUnsafeWeights = errors.New("no safetensors weights")
	// ErrForeignCache is returned for a cache folder of somebody else that everybody may write.
	ErrForeignCache = errors.New("cache folder not trusted")
	// ErrStalled is returned when no byte arrived for the idle timeout.
	ErrStalled = errors.New("connection stalled")
	// ErrTruncated is returned when the body ended early.
	ErrTruncated = errors.New("body ended early")
)

// online is the advice of all messages that the offline mode causes.
const online = "without HF_HUB_OFFLINE and --offline"

// StatusError is an answer of the hub that has no better name.
type StatusError struct {
	Status int
	Host   string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s answered with status %d", e.Host, e.Status)
}

// retryable marks an error after which the same request may succeed.
type retryable struct {
	err   error
	after time.Duration // what the server asked for; 0 means it did not say
}

func (e *retryable) Error() string { return e.err.Error() }
func (e *retryable) Unwrap() error { return e.err }

func again(err error) error { return &retryable{err: err} }

// place names a URL in messages without its query: the ones of content networks carry signatures.
func place(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
