// Text of models, data sets and manifests. It reaches the page as text nodes only, and what has no visible shape or
// steers the text around it is written out, as internal/textsafe does: control and format characters, bidirectional
// overrides, separators, private use.

const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

// escapeOf spells a hidden character.
function escapeOf(character) {
  switch (character) {
    case "\n": return "\\n";
    case "\t": return "\\t";
    case "\r": return "\\r";
  }
  const code = character.codePointAt(0);
  return code <= 0xffff ? "\\u" + code.toString(16).padStart(4, "0") : "\\U" + code.toString(16).padStart(8, "0");
}

// oneLine is a text on one line with everything hidden written out.
function oneLine(text) {
  return String(text).replace(hidden, escapeOf);
}

// appendText appends a text that may span lines; hidden characters become marked escapes.
function appendText(parent, text) {
  let from = 0;
  for (const found of text.matchAll(hidden)) {
    if (found[0] === "\n") continue;
    if (found.index > from) parent.append(text.slice(from, found.index));
    const mark = document.createElement("span");
    mark.className = "escape";
    mark.textContent = escapeOf(found[0]);
    parent.append(mark);
    from = found.index + found[0].length;
  }
  if (from < text.length) parent.append(text.slice(from));
}

// make is an element with properties and children; a string child is text. Only these properties are ever set.
function make(tag, properties, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name === "class") e.className = value;
    else if (name === "text") e.textContent = oneLine(value);
    else if (name === "title" || name === "role" || name === "id" || name === "href" || name === "type" || name === "scope" || name.startsWith("aria-")) e.setAttribute(name, value);
    else if (name === "tabindex") e.tabIndex = value;
    else if (name === "click") e.addEventListener("click", value);
    else throw new Error(`make: ${name}`);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

// block is a box of text as it stands, with its line breaks.
function block(text, query) {
  const pre = make("pre", {class: "text"});
  if (text === "") pre.append(make("span", {class: "nothing"}, word("detail.nothing")));
  else appendMarked(pre, text, query);
  return pre;
}

// appendMarked is appendText with the places of a search marked.
function appendMarked(parent, text, query) {
  const low = text.toLowerCase();
  if (!query || low.length !== text.length) return appendText(parent, text);
  let from = 0;
  for (let at = low.indexOf(query); at >= 0; at = low.indexOf(query, from)) {
    appendText(parent, text.slice(from, at));
    const mark = document.createElement("mark");
    appendText(mark, text.slice(at, at + query.length));
    parent.append(mark);
    from = at + query.length;
  }
  appendText(parent, text.slice(from));
}

// fourPlaces is a score as the tables print it, points a difference in points of a hundred.
const fourPlaces = (v) => v.toFixed(4);
const points = (v) => (v >= 0 ? "+" : "−") + Math.abs(100 * v).toFixed(2);

function pValue(p) {
  return p < 0.001 ? p.toExponential(1) : p.toFixed(3);
}

// digestStart is the beginning of a digest, the whole as its title.
function digestStart(digest) {
  const at = digest.indexOf(":") + 1;
  return make("code", {title: oneLine(digest), text: digest.slice(0, at + 12) + (digest.length > at + 12 ? "…" : "")});
}
