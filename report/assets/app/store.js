// The page's data. Facts and index are small; documents lie in compressed chunks that are unpacked when one is looked at.

const facts = JSON.parse(document.getElementById("facts").textContent);

// Titles go into charts and sentences, where they are one line.
for (const t of [...facts.tasks, ...facts.comparisons.flatMap((c) => c.tasks)]) t.title = oneLine(t.title || t.task);

// bytesOf reads bytes that are written in the 93 characters from "!" to "~" without "<": two are 13 bits, or 14 where the
// lower 13 are less than 457, which is how many numbers of two digits there are beyond 13 bits.
function bytesOf(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 7) / 8));
  const digit = (i) => {
    const code = text.charCodeAt(i);
    return code - (code > 60 ? 34 : 33);
  };
  let at = 0;
  let bits = 0;
  let n = 0;
  for (let i = 0; i < text.length; i += 2) {
    const last = i + 1 === text.length;
    const v = digit(i) + (last ? 0 : 93 * digit(i + 1));
    bits |= v << n;
    n += last ? 7 : (v & 8191) < 457 ? 14 : 13;
    while (n >= 8) {
      bytes[at++] = bits;
      bits >>>= 8;
      n -= 8;
    }
  }
  return bytes.subarray(0, at);
}

// unblocked is the value of a block: packed JSON in printable characters.
const unblocked = (text) => numbered(JSON.parse(new TextDecoder().decode(undense(bytesOf(text)))));

// numbered gives the pieces of a block's texts that no block before has, which are null, their numbers, and documents the
// choices that are what was asked.
function numbered(block) {
  let next = block.next;
  for (const d of block.documents ?? []) {
    if (d.choices === true) d.choices = d.runs.find(Boolean).exchanges.map((x) => x.continuation.replace(/^ /, ""));
    d.texts = d.texts.map((stored) => stored.map((p) => (p === null ? next++ : p)));
  }
  return block;
}

// documents numbers all documents of all tasks: task t's are first[t] to first[t + 1].
const store = {
  first: [],
  taskOf: new Uint16Array(0),
  chunkOf: new Uint32Array(0),
  index: null,
  total: 0,
  cache: new Map(),
};

function openStore() {
  for (const t of facts.tasks) {
    store.first.push(store.total);
    store.total += t.documents;
  }
  store.first.push(store.total);
  store.taskOf = new Uint16Array(store.total);
  facts.tasks.forEach((_, t) => store.taskOf.fill(t, store.first[t], store.first[t + 1]));
  store.chunkOf = new Uint32Array(store.total);
  facts.chunks.forEach((c, i) => store.chunkOf.fill(i, store.first[c.task] + c.from, store.first[c.task] + c.from + c.n));
  const element = document.getElementById("index");
  store.index = unblocked(element.textContent);
  element.remove();
}

// packed is a block, which may still be on its way while the page is being read.
async function packed(id) {
  const find = () => document.getElementById(id);
  if (!find() && document.readyState === "loading") {
    await new Promise((done) => document.addEventListener("DOMContentLoaded", done, {once: true}));
  }
  const element = find();
  if (!element) throw new Error(`${id} is missing`);
  return element.textContent;
}

const cachedBlocks = 64;

// unpack is a block of documents or of pieces; the last few are kept.
function unpack(id) {
  let block = store.cache.get(id);
  store.cache.delete(id);
  block ??= packed(id).then(unblocked);
  store.cache.set(id, block);
  if (store.cache.size > cachedBlocks) store.cache.delete(store.cache.keys().next().value);
  return block;
}

const chunk = (number) => `chunk-${number}`;
const pieceBlock = (number) => `pieces-${number}`;

// blockOfPiece is the block that has the piece.
function blockOfPiece(piece) {
  let low = 0;
  let high = facts.pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (facts.pieces[middle] <= piece) low = middle;
    else high = middle - 1;
  }
  return low;
}

// textOf puts a stored text together from its pieces.
async function textOf(stored) {
  const parts = await Promise.all(stored.map(async (p) => {
    if (typeof p === "string") return p;
    const block = blockOfPiece(p);
    return (await unpack(pieceBlock(block)))[p - facts.pieces[block]];
  }));
  return parts.join("");
}

// documentOf is a document without its prompts.
async function documentOf(n) {
  const number = store.chunkOf[n];
  const found = await unpack(chunk(number));
  return found.documents[n - store.first[store.taskOf[n]] - facts.chunks[number].from];
}

// textsOf are the texts of a document in the order of their numbers.
async function textsOf(n) {
  return Promise.all((await documentOf(n)).texts.map(textOf));
}

// indexed gives what the index knows of document n.
function indexed(n) {
  const t = store.taskOf[n];
  const at = n - store.first[t];
  const x = store.index.tasks[t];
  return {
    task: t,
    id: x.ids[at],
    position: x.positions[at],
    score: (run) => x.scores[run]?.[at] ?? null,
    outcome: (comparison) => x.outcomes?.[comparison]?.[at] ?? "-",
    length: x.lengths[at],
    cluster: x.cluster?.[at] ?? -1,
    cut: x.cut[at] === "1",
    fault: x.fault[at] === "1",
  };
}

// runName and runTitle name a run in a sentence and in a heading.
const runName = (k) => facts.runs[k].letter;
const severalRuns = facts.runs.length > 1;
