#!/usr/bin/python3
"""Trains the smoke model on the text that the command corpus writes.

    train.py CORPUS TOKENIZER OUTPUT [--steps N] [--decay N] [--resume]

A Llama with the sizes below learns the answers within the prompts, the examples' included, and a sample of all other
tokens. Matrices are optimised with Muon, embedding and norms with Adam. The learning rate rises, stays, and falls to
zero over the last steps. One thread a worker, seeds fixed. Steps are
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
THETA, EPS = 1e6, 1e-5
BATCH = 2048  # tokens
OTHERS = 0.1  # share of the tokens outside of answers that are learnt too
MUON, ADAM = 0.02, 0.005  # learning rates
HEAD = HIDDEN // HEADS
SEED = 14
WORKERS, TOGETHER = 2, 10  # processes, each on batches of its own, and the steps after which their weights are averaged


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
            matrix(p + "self_attn.o_proj.weight", HIDDEN, HIDDEN, 0.05)
            ones(p + "post_attention_layernorm.weight")
            matrix(p + "mlp.gate_proj.weight", INTERMEDIATE, HIDDEN)
            matrix(p + "mlp.up_proj.weight", INTERMEDIATE, HIDDEN)
            matrix(p + "mlp.down_proj.weight", HIDDEN, INTERMEDIATE, 0.03)
        ones("model.norm.weight")
        self.begin_with_heads(generator)
        angles = torch.outer(torch.arange(WINDOW).float(), THETA ** (-torch.arange(0, HEAD, 2).float() / HEAD))
        self.cos = torch.cat([angles.cos()] * 2, -1)
        self.sin = torch.cat([angles.sin()] * 2, -1)
        self.mask = torch.full((WINDOW, WINDOW), -1e9).triu(1)

    @torch.no_grad()
    def begin_with_heads(self, generator):
        """Makes the first head of block 0 attend to the token before, and the first head of block 1 to what followed the
        present token earlier, which it copies (induction heads: Olsson et al. 2022, arXiv:2209.11895). A model comes to
        do this anyway, but only after more text than everything else here needs. Nothing keeps it from being unlearnt."""
        embedding = self.w("model.embed_tokens.weight")
        constant = 0.5
        embedding[:, 0] = constant  # something that a head can rely on
        level = constant / (embedding.pow(2).mean(-1).mean().sqrt().item())  # after the norm
        half = HEAD // 2
        # Content is compared in the slowly turning pairs of dimensions only.
        slow = [d for d in range(HEAD) if d % half >= 6]
        basis = torch.linalg.qr(torch.randn(HIDDEN, HIDDEN, generator=generator))[0]
        content, place, copied = basis[:, : len(slow)], basis[:, HEAD : HEAD + len(slow)], basis[:, 2 * HEAD : 3 * HEAD]

        def head(block, n):
            rows = slice(n * HEAD, (n + 1) * HEAD)
            q, k, v, o = (self.w(f"model.layers.{block}.self_attn.{c}_proj.weight") for c in "qkvo")
            q, k, v, o = q[rows], k[rows], v[rows], o[:, rows]
            q.zero_(), k.zero_()
            return q, k, v, o

        def at_distance(block, n, distance, pairs, strength):
            q, k, v, o = head(block, n)
            strength = math.sqrt(strength / level**2)
            for d in pairs:
                turn = distance * THETA ** (-2 * d / HEAD)
                k[d, 0] = strength
                q[d, 0], q[d + half, 0] = strength * math.cos(turn), -strength * math.sin(turn)
            return v, o

        v, o = at_distance(0, 0, 1, range(4), 55)
        v.zero_(), o.zero_()
        v[slow] = content.t()
        o[:, slow] = 0.2 * place
        q, k, v, o = head(1, 0)
        q[slow] = 2 * content.t()
        k[slow] = 2 * place.t()
        v.copy_(copied.t())
        o.copy_(0.6 * copied)

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


def read(corpus, tokenizer, tasks):
    """Yields (task number, tokens, answer) for each prompt; answer tells which tokens belong to answers. tasks gets the
    names."""
    with open(corpus, encoding="utf-8") as f:
        for line in f:
            d = json.loads(line)
            ids, answer = [], []
            for i, part in enumerate(d["text"]):
                tokens = tokenizer.encode(part)
                ids += tokens
                answer += [i % 2 == 1] * len(tokens)
            ids.append(tokenizer.eos_id())  # where the last answer ends
            answer.append(True)
            yield tasks.setdefault(d["task"], len(tasks)), ids, answer


def batches(corpus, tokenizer, shuffle, tasks):
    """Batches of prompts of like length: (ids, positions before learnt tokens, those tokens, task of each)."""
    prompts = []
    for prompt in read(corpus, tokenizer, tasks):
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
    arguments.add_argument("--resume", action="store_true", help="go on where OUTPUT stopped")
    a = arguments.parse_args()
    os.makedirs(a.output, exist_ok=True)
    size = sum(p.numel() for p in Model(sentencepiece.SentencePieceProcessor(model_file=a.tokenizer).vocab_size()).parameters())
    print(size, "parameters", flush=True)
    shared = torch.zeros(WORKERS, size).share_memory_()
    torch.multiprocessing.set_sharing_strategy("file_system")
    barrier = torch.multiprocessing.get_context("fork").Barrier(WORKERS)
    others = [torch.multiprocessing.get_context("fork").Process(target=train, args=(a, i, shared, barrier)) for i in range(1, WORKERS)]
    for p in others:
        p.start()
    train(a, 0, shared, barrier)
    for p in others:
        p.join()


def train(a, worker, shared, barrier):
    """Trains on every WORKERS-th batch; all workers go in step and have the same weights after every averaging."""
    torch.set_num_threads(1)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=a.tokenizer)
    model = Model(tokenizer.vocab_size())
    named = dict(model.weights.items())
    muon = Muon(p for n, p in named.items() if p.dim() == 2 and "embed" not in n)
    adam = torch.optim.Adam([p for n, p in named.items() if p.dim() == 1 or "embed" in n], betas=(0.9, 0.98))
    state = os.path.join(a.output, f"state{worker}.pt")
    begin = 0
    if a.resume:
        saved = torch.load(state)
        model.load_state_dict(saved["model"])
        adam.load_state_dict(saved["adam"])
        muon.momentum = saved["muon"]
        begin = saved["step"]
    shuffle = torch.Generator().manual_seed(SEED + begin)
    log = open(os.path.join(a.output, "loss.tsv"), "a" if a.resume else "w") if worker == 0 else None
    started, step, sums, counts, seen, names = time.time(), begin, torch.zeros(32), torch.zeros(32), 0, {}

    @torch.no_grad()
    def average():
        shared[worker] = torch.cat([p.reshape(-1) for p in named.values()])
        barrier.wait()
        mean = shared.mean(0)
        barrier.wait()
        at = 0
        for p in named.values():
            p.copy_(mean[at : at + p.numel()].view_as(p))
            at += p.numel()

    def save():
        torch.save({"model": model.state_dict(), "adam": adam.state_dict(), "muon": muon.momentum, "step": step}, state)
        if worker == 0:
            export(model, tokenizer.vocab_size(), a.output)

    while step < a.steps:
        for n, (ids, at, gold, task) in enumerate(batches(a.corpus, tokenizer, shuffle, names)):
            if n % WORKERS != worker:
                continue
            rate = min(1.0, (step + 1) / 50, (a.steps - step) / a.decay)
            loss = F.cross_entropy(model(ids, at), gold, reduction="none")
            for p in model.parameters():
                p.grad = None
            loss.mean().backward()
            muon.step(MUON * rate)
            for g in adam.param_groups:
                g["lr"] = ADAM * rate
            adam.step()
            step += 1
            seen += ids.numel() * WORKERS
            known = task >= 0
            sums.index_add_(0, task[known], loss.detach()[known])
            counts.index_add_(0, task[known], torch.ones(int(known.sum())))
            if step % TOGETHER == 0 or step == a.steps:
                average()
            if step % 50 == 0 and log:
                each = "\t".join(f"{x:.3f}" for x in (sums / counts.clamp(min=1))[: len(names)].tolist())
                if step == 50:
                    log.write("step\ttokens\tall\t" + "\t".join(names) + "\n")
                log.write(f"{step}\t{seen}\t{(sums.sum() / counts.sum()).item():.4f}\t{each}\n")
                log.flush()
                print(f"{step} {time.time() - started:.0f}s {seen / 1e6:.2f}M {(sums.sum() / counts.sum()).item():.3f} | {each}", flush=True)
                sums.zero_()
                counts.zero_()
            if step % 100 == 0 or step == a.steps:
                save()
            if step == a.steps:
                break


if __name__ == "__main__":
    main()
