// The page's words in English and Japanese. Elements made by word() keep their key, so that a change of language only
// rewrites their text.

const dictionary = JSON.parse(document.getElementById("words").textContent);
let language = "en";

// say is a word of the dictionary with {0}, {1} replaced by the arguments.
function say(key, ...args) {
  const entry = dictionary[key];
  if (!entry) throw new Error(`no word ${key}`);
  return entry[language].replace(/\{(\d)\}/g, (_, i) => String(args[i]));
}

// word is an element with a word of the dictionary.
function word(key, ...args) {
  const span = document.createElement("span");
  span.dataset.word = key;
  if (args.length > 0) span.dataset.args = JSON.stringify(args);
  span.textContent = say(key, ...args);
  return span;
}

// setLanguage rewrites every word on the page.
function setLanguage(to) {
  language = to;
  document.documentElement.lang = to;
  for (const e of document.querySelectorAll("[data-word]")) {
    e.textContent = say(e.dataset.word, ...JSON.parse(e.dataset.args ?? "[]"));
  }
  document.getElementById("list").setAttribute("aria-label", say("list.label"));
  document.querySelector(".top nav").setAttribute("aria-label", say("section.region"));
  const button = document.getElementById("language");
  button.textContent = to === "ja" ? "English" : "日本語";
  button.lang = to === "ja" ? "en" : "ja";
}
