// Package build says what the program was built from.
package build

import "runtime/debug"

// Version is the module's version where the program was installed by version, else devel and the commit that it was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return devel
	}
	return version(info)
}

const devel = "devel"

func version(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	if commit == "" {
		return devel
	}
	v := devel + "+" + commit[:min(12, len(commit))]
	if settings["vcs.modified"] == "true" {
		v += "-dirty"
	}
	return v
}
