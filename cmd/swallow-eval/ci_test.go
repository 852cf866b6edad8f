package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// recipe returns the YAML of a recipe of docs/ci.md.
func recipe(name string) ([]byte, error) {
	b, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		return nil, err
	}
	_, rest, ok := strings.Cut(string(b), "<!-- recipe: "+name+" -->\n```yaml\n")
	text, _, end := strings.Cut(rest, "\n```\n")
	if !ok || !end {
		return nil, fmt.Errorf("docs/ci.md holds no recipe %s", name)
	}
	return []byte(text), nil
}

// githubWorkflow is what of a workflow is looked at.
type githubWorkflow struct {
	On          map[string]any    `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"`
	Env         map[string]string `yaml:"env"`
	Jobs        map[string]struct {
		RunsOn string `yaml:"runs-on"`
		Steps  []struct {
			Name, If, Uses, Run string
			With, Env           map[string]string
		}
	}
}

// gitlabJob is what of a job is looked at.
type gitlabJob struct {
	Image     string
	Variables map[string]string
	Script    []string
	Before    []string `yaml:"before_script"`
	Artifacts struct {
		When    string
		Reports map[string]string
		Paths   []string
	}
}

// recipeSteps returns the scripts of a recipe by the steps' names; GitLab's are numbered.
func recipeSteps(name string) (map[string]string, error) {
	b, err := recipe(name)
	if err != nil {
		return nil, err
	}
	steps := map[string]string{}
	if name == "gitlab" {
		var jobs map[string]gitlabJob
		if err := yaml.Unmarshal(b, &jobs); err != nil {
			return nil, err
		}
		for i, script := range jobs["evaluation"].Script {
			steps[fmt.Sprint(i)] = script
		}
		return steps, nil
	}
	var w githubWorkflow
	if err := yaml.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	for _, s := range w.Jobs["evaluation"].Steps {
		steps[s.Name] = s.Run
	}
	return steps, nil
}

// writeStep writes the script of a recipe's step: step RECIPE NAME FILE.
func writeStep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: step recipe name file")
	}
	steps, err := recipeSteps(args[0])
	ts.Check(err)
	script, ok := steps[args[1]]
	if !ok || script == "" {
		ts.Fatalf("recipe %s has no step %q with a script", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(script+"\n"), 0o644))
}

// TestRecipesAreWhatTheyClaim looks at the parts that no shell runs.
func TestRecipesAreWhatTheyClaim(t *testing.T) {
	b, err := recipe("github")
	require.NoError(t, err)
	var w githubWorkflow
	require.NoError(t, yaml.Unmarshal(b, &w))
	assert.Contains(t, w.On, "pull_request")
	assert.Equal(t, map[string]string{"contents": "read"}, w.Permissions)
	job := w.Jobs["evaluation"]
	assert.NotEmpty(t, job.RunsOn)
	uses := map[string]string{}
	for _, s := range job.Steps {
		if s.Uses != "" {
			action, version, ok := strings.Cut(s.Uses, "@")
			assert.True(t, ok && version != "", s.Uses)
			uses[action] = s.If + s.With["path"]
			continue
		}
		assert.NotEmpty(t, s.Run, s.Name)
		assert.NotContains(t, s.Run, "${{", "an expression in a script is an injection: %s", s.Name)
	}
	assert.Contains(t, uses, "actions/checkout")
	assert.Contains(t, uses["actions/cache"], "~/.cache/swallow-eval/data")
	assert.NotContains(t, uses["actions/cache"], "answers")
	assert.Contains(t, uses["actions/upload-artifact"], "always()evaluation.xml")

	b, err = recipe("gitlab")
	require.NoError(t, err)
	var jobs map[string]gitlabJob
	require.NoError(t, yaml.Unmarshal(b, &jobs))
	g := jobs["evaluation"]
	assert.Equal(t, "always", g.Artifacts.When)
	assert.Equal(t, "evaluation.xml", g.Artifacts.Reports["junit"])
	assert.Len(t, g.Script, 4)
}
