package hub

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	defaultEndpoint = "https://huggingface.co"
	maxTokenFile    = 64 << 10
)

// FromEnv reads the variables of the Python client (huggingface_hub/constants.py) through getenv:
//
//	HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE        the cache; default $HF_HOME/hub
//	HF_HOME                                    default $XDG_CACHE_HOME/huggingface or ~/.cache/huggingface
//	HF_ENDPOINT                                default https://huggingface.co
//	HF_TOKEN, HUGGING_FACE_HUB_TOKEN           else the file HF_TOKEN_PATH, default $HF_HOME/token
//	HF_HUB_DISABLE_IMPLICIT_TOKEN              no token at all
//	HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE, HF_DATASETS_OFFLINE
//	HF_HUB_ETAG_TIMEOUT, HF_HUB_DOWNLOAD_TIMEOUT   seconds
//	HF_HUB_DISABLE_SYMLINKS, HF_HUB_DISABLE_PROGRESS_BARS
//
// Switches are on for 1, ON, YES and TRUE in any case. A missing token file is no error, an unreadable one is. No
// message holds the token.
func FromEnv(getenv func(string) string) (Options, error) {
	o := Options{Endpoint: getenv("HF_ENDPOINT")}
	home := getenv("HF_HOME")
	if home == "" {
		cache := getenv("XDG_CACHE_HOME")
		if cache == "" {
			cache = "~/.cache"
		}
		home = cache + "/huggingface"
	}
	// Joined before it is expanded: in a container without HOME, HF_HUB_CACHE alone is enough.
	var err error
	cache := first(getenv("HF_HUB_CACHE"), getenv("HUGGINGFACE_HUB_CACHE"), home+"/hub")
	if o.CacheDir, err = expand(cache, getenv); err != nil {
		return Options{}, fmt.Errorf("cannot find the cache folder: %w", err)
	}
	for _, name := range []string{"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"} {
		o.Offline = o.Offline || truthy(getenv(name))
	}
	o.NoSymlinks = truthy(getenv("HF_HUB_DISABLE_SYMLINKS"))
	o.Quiet = truthy(getenv("HF_HUB_DISABLE_PROGRESS_BARS"))
	if o.HeaderTimeout, err = seconds("HF_HUB_ETAG_TIMEOUT", getenv); err != nil {
		return Options{}, err
	}
	if o.IdleTimeout, err = seconds("HF_HUB_DOWNLOAD_TIMEOUT", getenv); err != nil {
		return Options{}, err
	}
	if truthy(getenv("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
		return o, nil
	}
	o.Token, err = tokenFromEnv(home, getenv)
	return o, err
}

func tokenFromEnv(home string, getenv func(string) string) (Token, error) {
	for _, name := range []string{"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"} {
		if t := NewToken(getenv(name)); t.Given() {
			return t, nil
		}
	}
	path, err := expand(first(getenv("HF_TOKEN_PATH"), home+"/token"), getenv)
	if errors.Is(err, errNoHome) && getenv("HF_TOKEN_PATH") == "" {
		return Token{}, nil
	}
	if err != nil {
		return Token{}, fmt.Errorf("token file: %w", err)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Token{}, nil
	}
	if err != nil {
		return Token{}, fmt.Errorf("token file: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxTokenFile))
	if err = oneLineOrNil(err, f.Close()); err != nil {
		return Token{}, fmt.Errorf("token file: %w", err)
	}
	return NewToken(string(text)), nil
}

func truthy(s string) bool {
	switch strings.ToUpper(s) {
	case "1", "ON", "YES", "TRUE":
		return true
	}
	return false
}

func first(candidates ...string) string {
	for _, s := range candidates {
		if s != "" {
			return s
		}
	}
	return ""
}

var errNoHome = errors.New("none of HF_HUB_CACHE, HF_HOME and HOME is set")

// expand replaces a leading ~ and $VARIABLES, as the Python client does for all its paths.
func expand(path string, getenv func(string) string) (string, error) {
	path = os.Expand(path, getenv)
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || rest[0] == '/' || rest[0] == filepath.Separator) {
		home := first(getenv("HOME"), getenv("USERPROFILE"))
		if home == "" {
			return "", errNoHome
		}
		path = home + rest
	}
	return filepath.Clean(path), nil
}

// seconds reads a positive number of seconds; unset is 0.
func seconds(name string, getenv func(string) string) (time.Duration, error) {
	text := strings.TrimSpace(getenv(name))
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n <= 0 || n > 86400 {
		return 0, fmt.Errorf("%s=%q: want a number of seconds above 0", name, text)
	}
	return time.Duration(n * float64(time.Second)), nil
}
