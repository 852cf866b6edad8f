package compare

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/cireport"
)

// Plan says how many documents a margin takes, for answers that are right or wrong.
type Plan struct {
	Margin float64    `json:"margin"`
	Alpha  float64    `json:"alpha"`
	Tests  int        `json:"tests"`
	Rows   []PlanStep `json:"rows"`
}

// PlanStep is the plan at one discordance.
type PlanStep struct {
	// Discordance is the share of documents whose answer changes between right and wrong.
	Discordance float64 `json:"discordance"`
	// Find is how many documents it takes to find a true loss as large as the margin with power 0.8 by a gate without
	// one, at the level that Holm leaves the first of so many tests; Show how many to show, at the plain level, that a run
	// without any difference lost no more.
	Find int `json:"find"`
	Show int `json:"show"`
}

// NewPlan plans a margin above 0 over a number of tests at several discordances. Find is the power of the exact test.
func NewPlan(margin, alpha float64, tests int, discordances []float64) (Plan, error) {
	p := Plan{Margin: margin, Alpha: alpha, Tests: tests}
	if !(margin > 0 && margin < 1) || tests < 1 || !(alpha > 0 && alpha < 1) {
		return p, fmt.Errorf("a plan takes a margin between 0pt and 100pt and at least one test")
	}
	for _, d := range discordances {
		if !(d > 0 && d <= 1) {
			return p, fmt.Errorf("discordance %.6g %% is not a share above 0 %% and at most 100 %%", 100*d)
		}
		p.Rows = append(p.Rows, PlanStep{Discordance: d, Find: findSize(margin, d, alpha/2/float64(tests)), Show: showSize(margin, d, alpha)})
	}
	return p, nil
}

// findSize is the least number of documents, to a hundredth, from which a loss is found with the power.
func findSize(loss, discordance, alpha float64) int {
	all := max(loss, discordance)
	found := func(n int) float64 {
		return newPairedPower(n, alpha, 0, false, newFactorials(n)).found((all+loss)/2, (all-loss)/2)
	}
	high := 8
	for found(high) < power && high < 1<<22 {
		high *= 2
	}
	low := high / 2
	for high-low > max(1, high/200) {
		if middle := (low + high) / 2; found(middle) < power {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// showSize is the number of documents at which a difference of 0 is shown to be no loss beyond the margin.
func showSize(margin, discordance, alpha float64) int {
	z := (normalQuantile(1-alpha) + normalQuantile(power)) / margin
	return int(math.Ceil(max(discordance*z*z, math.Log(alpha)/math.Log1p(-margin))))
}

func testsOf(n int) string { return strings.Replace(tasksOf(n), "task", "test", 1) }

// Report is the plan ready to be shown.
func (p Plan) Report() cireport.Report {
	s := cireport.Report{
		Name: "plan",
		Title: []string{
			fmt.Sprintf("documents for a margin of %s, power %v, alpha %v over %s", points(p.Margin), power, p.Alpha, testsOf(p.Tests)),
			"discordance: the share of documents that are right in one run and wrong in the other, the lost/won of a comparison",
		},
		Head:   []string{"discordance", "to find such a loss", "to rule it out"},
		Fields: []string{"discordance", "find", "show"},
		Notes:  []string{"documents that share an article or a text count as fewer", "of 0/1 scores; a mean of partial scores takes fewer by the square of what a changed document moves it"},
		Value:  p,
	}
	for _, r := range p.Rows {
		s.Rows = append(s.Rows, []string{short(100*r.Discordance) + " %", strconv.Itoa(r.Find), strconv.Itoa(r.Show)})
		s.Records = append(s.Records, []string{number(r.Discordance), strconv.Itoa(r.Find), strconv.Itoa(r.Show)})
		s.Cases = append(s.Cases, cireport.Case{Class: className(""), Name: "plan " + short(100*r.Discordance) + " %", Detail: fmt.Sprintf("find %d, show %d", r.Find, r.Show)})
	}
	return s
}

// ParseShares reads shares in percent, such as 5%.
func ParseShares(given []string) ([]float64, error) {
	var shares []float64
	for _, s := range given {
		number, ok := strings.CutSuffix(s, "%")
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if !ok || err != nil {
			return nil, fmt.Errorf("%q is not a share such as 5%%", s)
		}
		shares = append(shares, v/100)
	}
	return shares, nil
}
