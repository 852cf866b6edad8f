// Package num is arithmetic whose bits are the same on every machine.
//
// The functions of package math may differ in their last bits between architectures (some have assembly, and Go may
// fuse x*y+z where the hardware can), so nothing here calls them, apart from math.FMA and math.Sqrt, which IEEE 754
// defines to the bit. Every other operation is one IEEE operation: a product that is followed by a sum is either
// wrapped in an explicit conversion, which forbids fusing, or written as a fused multiply-add, which demands it.
//
// Results below the smallest normal number are flushed to zero by the exponentials, because vector units of some
// makers are slow there and no probability of that size can matter. A NaN is a NaN: its sign and payload are not part
// of the promise.
//
// The package knows numbers only, neither tensors nor models.
package num
