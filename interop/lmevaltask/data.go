package lmevaltask

import (
	"fmt"
	"path/filepath"
	"strings"
)

// ParseData reads where the records of imported tasks lie: SPLIT=FILE or TASK:SPLIT=FILE, each file in or below the folder of the task file
// that is to be written, output. It returns their paths within that folder by task, "" for every one, and split. Errors name the flag --data.
func ParseData(data []string, output string) (map[string]map[string]string, error) {
	files := map[string]map[string]string{}
	for _, d := range data {
		split, path, ok := strings.Cut(d, "=")
		task, of, named := strings.Cut(split, ":")
		if !named {
			task, of = "", split
		}
		if !ok || of == "" || path == "" || named && task == "" {
			return nil, fmt.Errorf("--data %q is neither SPLIT=FILE nor TASK:SPLIT=FILE", d)
		}
		inside, err := within(output, path)
		if err != nil {
			return nil, fmt.Errorf("--data %s: %w", d, err)
		}
		if files[task] == nil {
			files[task] = map[string]string{}
		}
		files[task][of] = inside
	}
	return files, nil
}

// within is a path as the task file names it, which must lie in or below its folder.
func within(taskFile, path string) (string, error) {
	folder, err := filepath.Abs(filepath.Dir(taskFile))
	if err != nil {
		return "", err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	inside, err := filepath.Rel(folder, absolute)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
		return "", fmt.Errorf("the records must lie in or below the folder of the task file, %s", folder)
	}
	return filepath.ToSlash(inside), nil
}
