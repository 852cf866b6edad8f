package tasks

// Choice picks, among so many documents, the positions of those that are wanted, ascending.
type Choice func(total int) ([]int, error)

// Partial is a task that builds some of its documents without building the others.
type Partial interface {
	// Some returns the documents at the positions that choose picks, each as Docs returns it, and the number of all. What is
	// wrong with a record that none of them needs may go unsaid.
	Some(src Source, shots int, b Budget, choose Choice) (docs []Doc, total int, err error)
}

// Some returns the documents of t at the positions that choose picks, and the number of all its documents. Of a task that is
// Partial no others are built.
func Some(t Task, src Source, shots int, b Budget, choose Choice) (docs []Doc, total int, err error) {
	if p, ok := t.(Partial); ok {
		return p.Some(src, shots, b, choose)
	}
	all, err := t.Docs(src, shots, b)
	if err != nil {
		return nil, 0, err
	}
	return Pick(all, choose)
}

// Pick returns the documents among all at the positions that choose picks, and the number of all.
func Pick(all []Doc, choose Choice) (docs []Doc, total int, err error) {
	positions, err := choose(len(all))
	if err != nil {
		return nil, len(all), err
	}
	if len(positions) == len(all) {
		return all, len(all), nil
	}
	docs = make([]Doc, len(positions))
	for i, p := range positions {
		docs[i] = all[p]
	}
	return docs, len(all), nil
}

// First picks the first n documents, or all where there are fewer.
func First(n int) Choice {
	return func(total int) ([]int, error) { return Upto(min(n, total)), nil }
}

// All picks every document.
func All(total int) ([]int, error) { return Upto(total), nil }

// Upto returns the positions 0 to n-1.
func Upto(n int) []int {
	positions := make([]int, n)
	for i := range positions {
		positions[i] = i
	}
	return positions
}
