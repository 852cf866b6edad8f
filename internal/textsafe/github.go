package textsafe

import "strings"

// GitHub returns s as the message of a workflow command of GitHub Actions. The escapes are those that the runner
// resolves (actions/toolkit, packages/core/src/command.ts); line feeds stay as such escapes, other control characters
// are shown visibly, and ##[ is broken up.
func GitHub(s string) string {
	return githubData.Replace(TerminalLines(strings.ReplaceAll(s, "\r\n", "\n")))
}

// GitHubProperty is GitHub for the value of a property, such as a title, where colon and comma end it.
func GitHubProperty(s string) string { return githubProperty.Replace(GitHub(s)) }

var (
	githubData     = strings.NewReplacer("%", "%25", "\n", "%0A")
	githubProperty = strings.NewReplacer(":", "%3A", ",", "%2C")
)
