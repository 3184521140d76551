// Builds frontend/src into frontend/tongke_web/static/build: hashed names, a manifest, and .gz/.br beside each file.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "src");
const target = join(here, "tongke_web", "static", "build");
const ENTRIES = [
  "js/app.js",
  "js/upload.js",
  "js/player.js",
  "js/captions.js",
  "js/passkeys.js",
  "css/app.css",
  "css/media.css",
  "css/player.css",
];

function bundle() {
  return build({
    entryPoints: ENTRIES.map((entry) => join(source, entry)),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    outdir: target,
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    target: ["chrome86", "firefox91", "safari15"],
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
}

function namesOf(metafile) {
  const names = {};
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint) names[basename(output.entryPoint)] = basename(path);
  }
  return names;
}

// What others wrote and we bundle travels with its licence.
function licences(metafile) {
  const inputs = Object.keys(metafile.inputs).map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]);
  const texts = [...new Set(inputs.filter(Boolean))].sort().map((name) => {
    const folder = join(here, "node_modules", name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file ? readFileSync(join(folder, file), "utf8") : `Licence: ${about.license ?? "MIT (its Readme)"}\n`;
    return `${about.name} ${about.version}\n\n${text}`;
  });
  return texts.join(`\n${"-".repeat(72)}\n\n`);
}

// esbuild makes every file import the chunk of its own helpers, even those that call none: a request on every page.
function dropIdleImports(metafile) {
  const outputs = Object.entries(metafile.outputs);
  const helpers = outputs.filter(([, output]) => !output.entryPoint && !Object.keys(output.inputs).length);
  for (const [path] of outputs.filter(([path]) => path.endsWith(".js"))) {
    const file = join(target, basename(path));
    const idle = (code, [helper]) => code.replace(`import"./${basename(helper)}";`, "");
    writeFileSync(file, helpers.reduce(idle, readFileSync(file, "utf8")));
  }
}

// The sprite is put together from one file per icon, so that an icon can be read and changed alone.
function sprite() {
  const folder = join(source, "svg", "icons");
  const symbols = readdirSync(folder)
    .filter((name) => name.endsWith(".svg"))
    .sort()
    .map((name) => {
      const inner = readFileSync(join(folder, name), "utf8").replace(/<\/?svg[^>]*>/g, "").replace(/\s*\n\s*/g, "");
      return `<symbol id="${basename(name, ".svg")}" viewBox="0 0 24 24">${inner}</symbol>`;
    });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

function keep(names, name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  const hashed = `${basename(name, extname(name))}-${hash}${extname(name)}`;
  writeFileSync(join(target, hashed), content);
  names[name] = hashed;
}

function compressAll() {
  for (const name of readdirSync(target)) {
    const content = readFileSync(join(target, name));
    writeFileSync(join(target, `${name}.gz`), gzipSync(content, { level: 9 }));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    writeFileSync(join(target, `${name}.br`), brotliCompressSync(content, { params }));
  }
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const { metafile } = await bundle();
dropIdleImports(metafile);
const names = namesOf(metafile);
keep(names, "licences.txt", licences(metafile));
keep(names, "icons.svg", sprite());
for (const name of ["mark.svg", "favicon.svg"]) keep(names, name, readFileSync(join(source, "svg", name)));
compressAll();
writeFileSync(join(target, "assets.json"), `${JSON.stringify(names, null, 1)}\n`);
