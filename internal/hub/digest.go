package hub

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// Digest identifies the content of a file: a sha256, the id of a git blob (the sha1 of "blob <size>\x00" and the bytes), or
// an md5, where a publisher gives nothing better. It is a value that only parsing creates, so its hexadecimal form is safe as a file name. The zero Digest is
// unknown.
type Digest struct {
	kind digestKind
	sum  [sha256.Size]byte // the first 20 bytes for a git blob
}

type digestKind uint8

const (
	unknownDigest digestKind = iota
	sha256Digest
	gitDigest
	md5Digest
)

// ParseSHA256 reads 64 lower-case hexadecimal digits, with or without "sha256:" before them.
func ParseSHA256(s string) (Digest, error) {
	return parseDigest(strings.TrimPrefix(s, "sha256:"), sha256Digest, sha256.Size)
}

// ParseGitBlob reads 40 lower-case hexadecimal digits, with or without "git:" before them.
func ParseGitBlob(s string) (Digest, error) {
	return parseDigest(strings.TrimPrefix(s, "git:"), gitDigest, sha1.Size)
}

// ParseMD5 reads 32 lower-case hexadecimal digits, with or without "md5:" before them. Such a digest tells a broken download
// from a whole one and is no proof against somebody who prepared two files.
func ParseMD5(s string) (Digest, error) {
	return parseDigest(strings.TrimPrefix(s, "md5:"), md5Digest, md5.Size)
}

// ParseETag reads the entity tag of the hub, which is the sha256 of an LFS file and the git blob id of another one, in
// quotes and perhaps marked weak (W/). The name of a file under blobs/ is the same without quotes.
func ParseETag(s string) (Digest, error) {
	s = strings.Trim(strings.TrimPrefix(s, "W/"), `"`)
	if len(s) == 2*sha1.Size {
		return ParseGitBlob(s)
	}
	return ParseSHA256(s)
}

func parseDigest(s string, kind digestKind, size int) (Digest, error) {
	d := Digest{kind: kind}
	if len(s) != 2*size || !isLowerHex(s) {
		return Digest{}, fmt.Errorf("%.80q is not a digest of %d hexadecimal digits", s, 2*size)
	}
	if _, err := hex.Decode(d.sum[:], []byte(s)); err != nil {
		return Digest{}, err
	}
	return d, nil
}

func isLowerHex(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Hex is the name of the file under blobs/: 64 digits for a sha256, 40 for a git blob, 32 for an md5, none for an unknown
// digest.
func (d Digest) Hex() string {
	switch d.kind {
	case sha256Digest:
		return hex.EncodeToString(d.sum[:])
	case gitDigest:
		return hex.EncodeToString(d.sum[:sha1.Size])
	case md5Digest:
		return hex.EncodeToString(d.sum[:md5.Size])
	}
	return ""
}

// Known reports whether there is anything to compare with.
func (d Digest) Known() bool { return d.kind != unknownDigest }

// SHA256 reports whether the digest is a sha256, as it is for LFS files.
func (d Digest) SHA256() bool { return d.kind == sha256Digest }

func (d Digest) String() string {
	switch d.kind {
	case sha256Digest:
		return "sha256:" + d.Hex()
	case gitDigest:
		return "git:" + d.Hex()
	case md5Digest:
		return "md5:" + d.Hex()
	}
	return "unknown"
}

// newHash begins the digest of a file of that size. It is nil while the digest needs a size and none is known.
func (d Digest) newHash(size int64) hash.Hash {
	switch {
	case d.kind == md5Digest:
		return md5.New()
	case d.kind != gitDigest:
		return sha256.New()
	case size < 0:
		return nil
	}
	h := sha1.New() // the hub identifies files outside LFS by nothing stronger
	fmt.Fprintf(h, "blob %d\x00", size)
	return h
}

// sumOf turns a finished hash of newHash into a digest of the same kind, a sha256 where d is unknown.
func (d Digest) sumOf(h hash.Hash) Digest {
	out := Digest{kind: d.kind}
	if d.kind == unknownDigest {
		out.kind = sha256Digest
	}
	copy(out.sum[:], h.Sum(nil))
	return out
}

// Commit is the full id of a commit: 40 lower-case hexadecimal digits.
type Commit struct{ hex string }

// ParseCommit reads a full commit id; abbreviations are not accepted.
func ParseCommit(s string) (Commit, error) {
	if len(s) != 2*sha1.Size || !isLowerHex(s) {
		return Commit{}, fmt.Errorf("%.80q is not a full commit id of 40 hexadecimal digits", s)
	}
	return Commit{s}, nil
}

func (c Commit) String() string { return c.hex }
