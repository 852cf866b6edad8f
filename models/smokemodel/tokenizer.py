#!/usr/bin/python3
"""Trains the smoke model's tokenizer: a SentencePiece BPE model with byte fallback.

    tokenizer.py WORDS CORPUS OUTPUT

The corpus (as the command corpus writes it) is cut into words and what stands between them before training, so no piece
reaches over the border of a word: a word is the same tokens wherever it stands.
"""
import collections
import json
import math
import re
import sys

import sentencepiece

VOCABULARY = 2560
LINES = 20000


def units(words):
    """Returns a function that cuts a text into words, single digits and the rest."""
    japanese = sorted((w for w in words if not w.isascii()), key=len, reverse=True)
    cut = re.compile("( ?[A-Za-z]+|[0-9]|%s)" % "|".join(map(re.escape, japanese)))
    border = re.compile(r"([。、：:,.\n「」#<>=+?]+| )")

    def split(text):
        for i, part in enumerate(cut.split(text)):
            if i % 2:
                yield part
            else:
                yield from (p for p in border.split(part) if p)

    return split


def main(words_file, corpus_file, output):
    with open(words_file, encoding="utf-8") as f:
        split = units(f.read().split())
    counts = collections.Counter()
    with open(corpus_file, encoding="utf-8") as f:
        for n, line in enumerate(f):
            if n == LINES:
                break
            for part in json.loads(line)["text"]:
                counts.update(split(part))
    lists = []
    for unit, n in sorted(counts.items()):
        unit = unit.replace("\n", "")
        # A rare word must be learnt whole too, so frequencies are made alike.
        lists += [unit] * int(3 + math.log2(n)) if unit.strip() else []
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lists), model_prefix=output, model_type="bpe", vocab_size=VOCABULARY,
        byte_fallback=True, split_digits=True, add_dummy_prefix=False, remove_extra_whitespaces=False,
        normalization_rule_name="identity", character_coverage=1.0, num_threads=1, minloglevel=1,
        split_by_unicode_script=False, allow_whitespace_only_pieces=True, max_sentencepiece_length=16,
    )
    p = sentencepiece.SentencePieceProcessor(model_file=output + ".model")
    broken = [u for u in counts if u.strip() and "\n" not in u and len(p.encode(u)) > 1]
    print(f"{p.vocab_size()} pieces; {len(broken)} of {len(counts)} units have several", broken[:60], file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
