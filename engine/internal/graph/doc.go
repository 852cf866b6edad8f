// Package graph computes what an architecture describes. A [Network] is an architecture's steps bound to weights; a [Batch]
// is a set of tokens with activations of its own; a [Pass] takes batches through the layers of a network, whole or one layer
// at a time; a [Segment] keeps the keys and values of a run of tokens.
//
// Bits of an answer depend on the sequence alone: not on what else is in a batch, how a sequence is cut into batches and
// segments, the threads, the kernel, or whether weights are packed. The order of operations is that of the comment of
// package engine.
//
// The package knows neither the files that weights come from nor the requests that tokens belong to.
package graph
