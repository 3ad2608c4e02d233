// Bundles the front end into src/supercycle/app/_static/: a script and a style sheet each for the report and the app.
import { context, build } from "esbuild";
import { fileURLToPath } from "node:url";
import path from "node:path";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(here, process.env.SUPERCYCLE_STATIC ?? "../src/supercycle/app/_static");

const options = {
  absWorkingDir: here,
  entryPoints: { report: "src/report.ts", app: "src/app.ts" },
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "safari16.4"],
  charset: "utf8",
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "info",
};

if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  await build(options);
}
