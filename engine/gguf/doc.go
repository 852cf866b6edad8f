// Package gguf reads GGUF files, the format of ggml and llama.cpp: metadata, vocabulary and tensors of one model in one
// file. It is for people who want to evaluate the very file that they run.
//
// It promises that a file is either read as its bytes say or refused with one line that says why, and that no number in a
// file is believed before it was checked: every count, length, size and offset is compared with the bytes that are there,
// products are checked for overflow, and nothing is allocated by a count that the file has no bytes for. What is read is
// a view into the mapped file; tensors are decoded a few rows at a time, when they are asked for.
//
// The format is that of ggml's docs/gguf.md and gguf.cpp, versions 2 and 3, little-endian: "GGUF", version, number of
// tensors, number of key-value pairs, these, a description of every tensor (name, dimensions with the fastest first, type,
// offset), and after a padding the tensors, one behind the other, each at a multiple of general.alignment.
//
// [File] knows the format; what keys and tensors mean knows package arch. llama.cpp's conversion of a Llama model permutes
// the rows of the query and key matrices, which [Tensor.Rows] undoes.
package gguf
