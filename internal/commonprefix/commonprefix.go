// Package commonprefix is how far two texts begin alike.
package commonprefix

// Len is how many bytes two texts begin with alike. They may be long: many bytes are compared at once.
func Len(a, b string) int {
	n := min(len(a), len(b))
	const step = 32
	at := 0
	for at+step <= n && a[at:at+step] == b[at:at+step] {
		at += step
	}
	for at < n && a[at] == b[at] {
		at++
	}
	return at
}
