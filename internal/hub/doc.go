// Package hub fetches files of Hugging Face repositories into the cache that the Python client uses, and finds there
// what that client downloaded.
//
// It promises:
//
//   - A file appears under snapshots/ only after all its bytes were compared with the digest that the hub's listing of
//     that commit announces: sha256 for LFS files, the git blob id for the others. Whenever the process dies, what
//     snapshots/ names is complete and right.
//   - An interrupted download continues where it stopped, in the next attempt or the next process. Several processes
//     may fetch the same file at once; nobody waits for a lock, the last rename wins, and both wrote the same bytes.
//   - Nothing that comes from the network is used as a path before it became a Digest, a Commit or a name that
//     CheckName accepts.
//   - The token goes to the endpoint itself (scheme, host and port) and nowhere else. It follows no redirect to
//     another host, does not return after a detour, and prints as [token].
//   - With Options.Offline no socket is opened.
//
// The layout on disk is the one of https://huggingface.co/docs/hub/local-cache.md:
//
//	models--org--name/
//	  blobs/<sha256 or git blob id>
//	  refs/<revision>                          the commit it stood for when it was last fetched completely
//	  snapshots/<commit>/<path> -> ../../blobs/<digest>
//
// beside which this package keeps a folder .swallow with the listing of each commit (so that a later run without
// network knows what a complete snapshot is) and marks of the files it has hashed (so that 26 GB are not hashed at
// every start; a mark counts only while the state of the file, its inode and time of change included, is unchanged). The folders .no_exist
// and .locks of the Python client are left alone, and so are its partial files: it may be writing them.
//
// # Whose cache
//
// A cache folder that belongs to another user and that everybody may write is refused: its content could be exchanged
// between the check and the use. A folder of another user that only that user (or a group) may write, such as the
// shared cache of a laboratory, is read, and every file is hashed anew because foreign marks are not believed. The same
// holds for an own folder that everybody may write. Windows has no such bits; there the check is left to its ACLs.
package hub
