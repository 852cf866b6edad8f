#!/usr/bin/python3
"""Trains the smoke model on the text that the command corpus writes.

    train.py CORPUS TOKENIZER OUTPUT [--steps N] [--decay N] [--resume]

A Llama with the sizes below learns the answers within the prompts, the examples' included, and a sample of all other
tokens. Matrices are optimised with Muon, embedding and norms with Adam. The learning rate rises, stays, and falls to
zero over the last steps. One thread, seeds fixed: the same machine and libraries give the same weights. Steps are
logged to OUTPUT/loss.tsv; OUTPUT gets config.json and model.safetensors (bfloat16) in Hugging Face layout.
"""
import argparse
import json
import math
import os
import struct
import time

import sentencepiece
import torch
import torch.nn.functional as F

HIDDEN, LAYERS, HEADS, INTERMEDIATE, WINDOW = 128, 4, 4, 384, 1024
THETA, EPS = 10000.0, 1e-5
BATCH = 3072  # tokens
OTHERS = 0.1  # share of the tokens outside of answers that are learnt too
MUON, ADAM = 0.02, 0.004  # learning rates
HEAD = HIDDEN // HEADS
SEED = 14


class Model(torch.nn.Module):
    """Parameters under the names of Hugging Face's LlamaForCausalLM, which ties its output to the embedding."""

    def __init__(self, vocabulary):
        super().__init__()
        self.weights = torch.nn.ParameterDict()
        generator = torch.Generator().manual_seed(SEED)

        def matrix(name, rows, cols, scale=1.0):
            w = torch.randn(rows, cols, generator=generator) * scale / math.sqrt(cols)
            self.weights[name.replace(".", "/")] = torch.nn.Parameter(w)

        def ones(name):
            self.weights[name.replace(".", "/")] = torch.nn.Parameter(torch.ones(HIDDEN))

        matrix("model.embed_tokens.weight", vocabulary, HIDDEN)
        for i in range(LAYERS):
            p = f"model.layers.{i}."
            ones(p + "input_layernorm.weight")
            for name in "qkv":
                matrix(p + f"self_attn.{name}_proj.weight", HIDDEN, HIDDEN)
            matrix(p + "self_attn.o_proj.weight", HIDDEN, HIDDEN, 0.1)
            ones(p + "post_attention_layernorm.weight")
            matrix(p + "mlp.gate_proj.weight", INTERMEDIATE, HIDDEN)
            matrix(p + "mlp.up_proj.weight", INTERMEDIATE, HIDDEN)
            matrix(p + "mlp.down_proj.weight", HIDDEN, INTERMEDIATE, 0.1)
        ones("model.norm.weight")
        angles = torch.outer(torch.arange(WINDOW).float(), THETA ** (-torch.arange(0, HEAD, 2).float() / HEAD))
        self.cos = torch.cat([angles.cos()] * 2, -1)
        self.sin = torch.cat([angles.sin()] * 2, -1)
        self.mask = torch.full((WINDOW, WINDOW), -1e9).triu(1)

    def w(self, name):
        return self.weights[name.replace(".", "/")]

    def norm(self, x, name):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPS) * self.w(name)

    def rotate(self, x):
        n = x.shape[2]
        half = torch.cat([-x[..., HEAD // 2 :], x[..., : HEAD // 2]], -1)
        return x * self.cos[:n] + half * self.sin[:n]

    def forward(self, ids, at):
        """The logits of the tokens after the positions at of the flattened ids (batch, length)."""
        batch, n = ids.shape
        embedding = self.w("model.embed_tokens.weight")
        x = F.embedding(ids, embedding)
        for i in range(LAYERS):
            p = f"model.layers.{i}."
            h = self.norm(x, p + "input_layernorm.weight")
            q, k, v = (F.linear(h, self.w(p + f"self_attn.{c}_proj.weight")).view(batch, n, HEADS, HEAD).transpose(1, 2) for c in "qkv")
            scores = self.rotate(q) @ self.rotate(k).transpose(-1, -2) / math.sqrt(HEAD) + self.mask[:n, :n]
            h = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, n, HIDDEN)
            x = x + F.linear(h, self.w(p + "self_attn.o_proj.weight"))
            h = self.norm(x, p + "post_attention_layernorm.weight")
            h = F.silu(F.linear(h, self.w(p + "mlp.gate_proj.weight"))) * F.linear(h, self.w(p + "mlp.up_proj.weight"))
            x = x + F.linear(h, self.w(p + "mlp.down_proj.weight"))
        return F.linear(self.norm(x.view(-1, HIDDEN)[at], "model.norm.weight"), embedding)


class Muon:
    """Orthogonalised momentum (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/)."""

    def __init__(self, parameters):
        self.parameters = list(parameters)
        self.momentum = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self, rate):
        for p, m in zip(self.parameters, self.momentum):
            m.mul_(0.95).add_(p.grad)
            g = p.grad.add(m, alpha=0.95)
            tall = g.shape[0] > g.shape[1]
            x = g.t() if tall else g
            x = x / (x.norm() + 1e-7)
            for _ in range(5):
                a = x @ x.t()
                x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
            x = x.t() if tall else x
            p.mul_(1 - 0.01 * rate).add_(x, alpha=-rate * math.sqrt(max(1, g.shape[0] / g.shape[1])))


def read(corpus, tokenizer):
    """Yields (task number, tokens, answer) for each prompt; answer tells which tokens belong to answers."""
    tasks = {}
    with open(corpus, encoding="utf-8") as f:
        for line in f:
            d = json.loads(line)
            ids, answer = [], []
            for i, part in enumerate(d["text"]):
                tokens = tokenizer.encode(part)
                ids += tokens
                answer += [i % 2 == 1] * len(tokens)
                if i % 2 == 1 and i + 1 < len(d["text"]):
                    pass
            ids.append(tokenizer.eos_id())  # where the last answer ends
            answer.append(True)
            yield tasks.setdefault(d["task"], len(tasks)), ids, answer


def batches(corpus, tokenizer, shuffle):
    """Batches of prompts of like length: (ids, positions before learnt tokens, those tokens, task of each)."""
    prompts = []
    for prompt in read(corpus, tokenizer):
        prompts.append(prompt)
        if len(prompts) == 2000:
            yield from collate(prompts, shuffle)
            prompts = []
    yield from collate(prompts, shuffle)


def collate(prompts, shuffle):
    prompts.sort(key=lambda p: len(p[1]))
    groups, group = [], []
    for p in prompts:
        group.append(p)
        if len(group) * len(p[1]) > BATCH:
            groups.append(group)
            group = []
    for i in torch.randperm(len(groups), generator=shuffle).tolist():
        group = groups[i]
        n = max(len(ids) for _, ids, _ in group)
        ids = torch.zeros(len(group), n, dtype=torch.long)
        learn = torch.zeros(len(group), n, dtype=torch.bool)
        task = torch.zeros(len(group), n, dtype=torch.long)
        for row, (t, tokens, answer) in enumerate(group):
            ids[row, : len(tokens)] = torch.tensor(tokens)
            answers = torch.tensor(answer)
            # The token after an answer ends it.
            answers[1:] |= answers[:-1].clone()
            others = torch.rand(len(tokens), generator=shuffle) < OTHERS
            learn[row, : len(tokens)] = answers | others
            task[row] = torch.where(torch.nn.functional.pad(torch.tensor(answer), (0, n - len(tokens))), t, -1)
        learn[:, 0] = False
        at = learn.view(-1).nonzero().squeeze(1)
        yield ids, at - 1, ids.view(-1)[at], task.view(-1)[at]


def export(model, vocabulary, output):
    """Writes the Hugging Face layout with weights rounded to bfloat16."""
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": vocabulary, "hidden_size": HIDDEN,
        "intermediate_size": INTERMEDIATE, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS, "max_position_embeddings": WINDOW, "rms_norm_eps": EPS, "rope_theta": THETA,
        "hidden_act": "silu", "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": True,
        "torch_dtype": "bfloat16", "attention_bias": False,
    }
    with open(os.path.join(output, "config.json"), "w") as f:
        f.write(json.dumps(config, indent=2) + "\n")
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for key in sorted(model.weights):
        w = model.weights[key].detach().bfloat16().contiguous()
        raw = w.view(torch.int16).numpy().astype("<i2").tobytes()
        header[key.replace("/", ".")] = {"dtype": "BF16", "shape": list(w.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    temporary = os.path.join(output, "model.safetensors.new")
    with open(temporary, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)
    os.replace(temporary, os.path.join(output, "model.safetensors"))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("corpus")
    arguments.add_argument("tokenizer")
    arguments.add_argument("output")
    arguments.add_argument("--steps", type=int, default=3000)
    arguments.add_argument("--decay", type=int, default=800, help="last steps, over which the learning rate falls to zero")
    arguments.add_argument("--resume", action="store_true")
    a = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    os.makedirs(a.output, exist_ok=True)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=a.tokenizer)
    model = Model(tokenizer.vocab_size())
    named = dict(model.weights.items())
    matrices = [p for n, p in named.items() if p.dim() == 2 and "embed" not in n]
    others = [p for n, p in named.items() if p.dim() == 1 or "embed" in n]
    muon = Muon(matrices)
    adam = torch.optim.Adam(others, betas=(0.9, 0.98))
    state = os.path.join(a.output, "state.pt")
    begin, average = 0, None
    if a.resume:
        saved = torch.load(state)
        model.load_state_dict(saved["model"])
        adam.load_state_dict(saved["adam"])
        muon.momentum = saved["muon"]
        begin = saved["step"]
    print(sum(p.numel() for p in model.parameters()), "parameters", flush=True)
    shuffle = torch.Generator().manual_seed(SEED + begin)
    names = []
    log = open(os.path.join(a.output, "loss.tsv"), "a" if a.resume else "w")
    started, step, sums, counts, seen = time.time(), 0, torch.zeros(32), torch.zeros(32), 0

    def save():
        torch.save({"model": model.state_dict(), "adam": adam.state_dict(), "muon": muon.momentum, "step": step}, state)
        export(model, tokenizer.vocab_size(), a.output)

    while step < a.steps:
        for ids, at, gold, task in batches(a.corpus, tokenizer, shuffle):
            if step < begin:
                step += 1
                continue
            rate = min(1.0, (step + 1) / 100, (a.steps - step) / a.decay)
            loss = F.cross_entropy(model(ids, at), gold, reduction="none")
            mean = loss.mean()
            for p in model.parameters():
                p.grad = None
            mean.backward()
            muon.step(MUON * rate)
            for g in adam.param_groups:
                g["lr"] = ADAM * rate
            adam.step()
            step += 1
            seen += ids.numel()
            known = task >= 0
            sums.index_add_(0, task[known], loss.detach()[known])
            counts.index_add_(0, task[known], torch.ones(int(known.sum())))
            if step % 50 == 0:
                each = " ".join(f"{x:.3f}" for x in (sums / counts.clamp(min=1))[:14].tolist())
                print(f"{step} {mean.item():.3f} {seen/1e6:.2f}M {time.time()-started:.0f}s | {each}", flush=True)
                log.write(f"{step}\t{(sums.sum()/counts.sum()).item():.4f}\t{each}\n")
                log.flush()
                sums.zero_()
                counts.zero_()
            if step % 250 == 0:
                save()
            if step == a.steps:
                break
    save()


if __name__ == "__main__":
    main()
