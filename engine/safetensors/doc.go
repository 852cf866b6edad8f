// Package safetensors opens the weight files of a Hugging Face checkpoint, one file or several shards, and hands out
// their tensors as bytes. It knows nothing of models.
//
// # Promises
//
//   - Nothing in a file is believed before it is checked: header length against the file with no overflow, UTF-8, one
//     JSON object without duplicate keys, shapes without overflow, shape x element size = length, data that begins at
//     0, has no hole, no overlap and ends with the file. All checks come before anything is allocated by a number that
//     the file states; a hostile header costs at most a few times its own length.
//   - A shard name from the index is a plain file name. A symbolic link to a regular file is followed, because a
//     Hugging Face cache snapshot consists of links to ../../blobs; nothing in a file can name a path outside.
//   - Pickle files (.bin, .pt) are never read: loading one runs code that it contains.
//   - Every tensor of a shard is in the index and the other way round.
//
// The layout is that of github.com/huggingface/safetensors (README "Format", safetensors/src/tensor.rs): 8 bytes of
// little-endian header length, the header, the data.
//
// # Caveat of memory mapping
//
// On Unix files are mapped, not read: opening is immediate and weights that are not in use cost no memory. The price
// is that a file changed underneath changes the weights, and a file that is cut makes the next access fault. Verify
// (and Close, which calls it) compares size and modification time with those at opening, so a result computed from
// changed files does not pass unnoticed; replacing a file by renaming another over it is harmless, the old content
// stays mapped. On other systems files are read into memory when they are opened.
package safetensors
