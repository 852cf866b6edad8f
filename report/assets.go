package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"strings"
)

//go:generate assets/plot/build.sh

//go:embed assets/page.html assets/style.css assets/words.json assets/app/*.js assets/plot/plot.js assets/plot/plot.css assets/plot/LICENSES
var assets embed.FS

// appFiles are the page's own program, in the order in which they share one function's scope.
var appFiles = []string{"words", "text", "dense", "store", "state", "chart", "overview", "compared", "trend", "slices", "subjects", "drilldown", "list", "detail", "search", "main"}

// asset is an embedded file; its absence is a broken build.
func asset(name string) string {
	b, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// program is the page's own script.
func program() string {
	var b strings.Builder
	b.WriteString("(() => {\n\"use strict\";\n")
	for _, name := range appFiles {
		b.WriteString("\n// ---- " + name + ".js ----\n\n")
		b.WriteString(asset("app/" + name + ".js"))
	}
	b.WriteString("})();\n")
	return b.String()
}

// policy is the page's content security policy: nothing may be loaded, sent or run but these scripts and styles, and no
// text may become markup. plotStyle is the element that the chart library puts into each chart.
func policy(scripts, styles []string) string {
	hashes := func(texts []string) string {
		var out []string
		for _, t := range texts {
			sum := sha256.Sum256([]byte(t))
			out = append(out, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
		}
		return strings.Join(out, " ")
	}
	return "default-src 'none'; script-src " + hashes(scripts) + "; style-src " + hashes(styles) +
		"; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}
