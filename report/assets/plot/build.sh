#!/bin/sh
# Rebuilds plot.js and LICENSES from npm, from the exact versions of package-lock.json: go generate ./report
# Needs node and npm. The result does not depend on the machine.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp package.json package-lock.json entry.mjs "$work"
(cd "$work" && npm ci --silent --ignore-scripts --no-audit --no-fund &&
  npx esbuild entry.mjs --bundle --minify --target=es2020 --format=iife --global-name=Plot --legal-comments=none \
    --metafile=meta.json --log-level=warning --outfile=bundle.js)
version=$(node -p 'require(process.argv[1]).version' "$work/node_modules/@observablehq/plot/package.json")
{
  echo "/*! Observable Plot $version with the parts of D3 that it uses, bundled by build.sh. Licences: LICENSES in report/assets/plot. */"
  cat "$work/bundle.js"
} > plot.js
node - "$work" > LICENSES <<'JS'
// One entry for each package that is in the bundle.
const fs = require("fs"), path = require("path"), work = process.argv[2];
const meta = JSON.parse(fs.readFileSync(path.join(work, "meta.json")));
const names = new Set();
for (const [file, {bytesInOutput}] of Object.entries(meta.outputs["bundle.js"].inputs)) {
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file);
  if (found && bytesInOutput > 0) names.add(found[1]);
}
for (const name of [...names].sort()) {
  const dir = path.join(work, "node_modules", name);
  const info = JSON.parse(fs.readFileSync(path.join(dir, "package.json")));
  const file = fs.readdirSync(dir).find((f) => /^licen[cs]e/i.test(f));
  const text = file ? fs.readFileSync(path.join(dir, file), "utf8") : `${info.license}, ${JSON.stringify(info.author)}`;
  process.stdout.write(`${"=".repeat(80)}\n${name} ${info.version} (${info.license})\n\n${text.trim()}\n\n`);
}
JS
