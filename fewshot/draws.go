package fewshot

// HarnessSeed seeds the generator that both LM evaluation harnesses make afresh for every task. The one generator
// shuffles the evaluated documents and then draws the examples of one document after another, in shuffled order, so
// the draws of a document depend only on the sizes and on its position. Sources: lm_eval/evaluator.py of EleutherAI
// at 3ccea2b and of Stability AI's JP fork at 9b42d41.
const HarnessSeed = 42

// SampleOthers draws k examples from a pool of n that contains the evaluated document itself, as the harnesses do for
// tasks without a training split: it samples k+1, drops every index for which same reports true (records equal in
// value, not in place) and keeps the first k of the rest, in order. The result is shorter than k where more than one
// of the drawn records equals the document. k = 0 draws nothing. The error is ErrSample where k+1 > n.
func (r *Random) SampleOthers(n, k int, same func(i int) bool) ([]int, error) {
	if k == 0 {
		return nil, nil
	}
	drawn, err := r.Sample(n, k+1)
	if err != nil {
		return nil, err
	}
	others := make([]int, 0, k)
	for _, i := range drawn {
		if len(others) < k && !same(i) {
			others = append(others, i)
		}
	}
	return others, nil
}
