//go:build !linux

package mapfile

import (
	"errors"
	"os"
)

func openUnbuffered(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func readBlocks(*os.File, []byte, int64, int) (int, error) { return 0, errors.ErrUnsupported }

func drop(*os.File, int64, int64) {}

func scatter(*os.File) {}
