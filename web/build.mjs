// Bundles the front end into src/supercycle/app/_static/: a script and a style sheet each for the report, the app and
// the model in one file. A worker's code is bundled first and stands in the script as text ("worker:./file.ts").
import { context, build } from "esbuild";
import { fileURLToPath } from "node:url";
import path from "node:path";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(here, process.env.SUPERCYCLE_STATIC ?? "../src/supercycle/app/_static");

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "safari16.4"],
  charset: "utf8",
  legalComments: "none",
};

export const workers = {
  name: "workers",
  setup(of) {
    of.onResolve({ filter: /^worker:/ }, ({ path: name, resolveDir }) => ({
      path: path.resolve(resolveDir, name.slice("worker:".length)),
      namespace: "worker",
    }));
    of.onLoad({ filter: /.*/, namespace: "worker" }, async ({ path: entry }) => {
      const made = await build({ ...shared, entryPoints: [entry], write: false });
      return { contents: made.outputFiles[0].text, loader: "text", watchFiles: [entry] };
    });
  },
};

const options = {
  ...shared,
  entryPoints: { report: "src/report.ts", app: "src/app.ts", model: "src/model.ts" },
  outdir: out,
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "info",
  plugins: [workers],
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--watch")) await (await context(options)).watch();
  else await build(options);
}
