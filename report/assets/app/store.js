// The page's data. Facts and index are small; documents lie in compressed chunks that are unpacked when one is looked at.

const facts = JSON.parse(document.getElementById("facts").textContent);

// Titles go into charts and sentences, where they are one line.
for (const t of [...facts.tasks, ...facts.comparisons.flatMap((c) => c.tasks)]) t.title = oneLine(t.title || t.task);

// decode85 reads Ascii85, in which "v" stands for "<".
function decode85(text) {
  const bytes = new Uint8Array(Math.ceil(text.length / 5) * 4 + (text.split("z").length - 1) * 4);
  let at = 0;
  let group = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 122 && count === 0) { // z: four zeros
      at += 4;
      continue;
    }
    group = group * 85 + (code === 118 ? 60 : code) - 33;
    if (++count < 5) continue;
    bytes[at++] = group / 16777216;
    bytes[at++] = group >>> 16;
    bytes[at++] = group >>> 8;
    bytes[at++] = group;
    group = 0;
    count = 0;
  }
  if (count > 0) {
    for (let i = count; i < 5; i++) group = group * 85 + 84;
    for (let i = 1; i < count; i++) bytes[at++] = Math.floor(group / 256 ** (4 - i));
  }
  return bytes.subarray(0, at);
}

// inflate unpacks Ascii85 of raw DEFLATE of JSON.
async function inflate(text) {
  const stream = new Blob([decode85(text)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return numbered(JSON.parse(await new Response(stream).text()));
}

// numbered gives the pieces of a chunk's texts that no chunk before has, which are null, their numbers.
function numbered(block) {
  if (!block.texts) return block;
  let next = block.next;
  block.texts = block.texts.map((stored) => stored.map((p) => (p === null ? next++ : p)));
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

async function openStore() {
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
  store.index = await inflate(element.textContent);
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
  block ??= packed(id).then(inflate);
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

// textsOf are the texts of a document by their numbers in its chunk.
async function textsOf(n) {
  const found = await unpack(chunk(store.chunkOf[n]));
  const d = await documentOf(n);
  const numbers = new Set(d.asked === undefined ? [] : [d.asked]);
  for (const r of d.runs) for (const x of r?.exchanges ?? []) {
    numbers.add(x.prompt);
    if (x.tokens?.text !== undefined) numbers.add(x.tokens.text);
  }
  const texts = {};
  await Promise.all([...numbers].map(async (i) => { texts[i] = await textOf(found.texts[i]); }));
  return texts;
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
