// Package fewshot reproduces the random choices of the reference harnesses: the order in which documents are evaluated
// and the examples that precede each of them.
//
// It promises the same integers and the same doubles, bit for bit, as CPython's random.Random and as numpy's legacy
// RandomState, for every seed and every sequence of calls. It knows nothing of documents: it deals in indices, and the
// caller keeps the records.
package fewshot
