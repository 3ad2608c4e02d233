// Writes the bundle of engine.ts to standard output, for bench/browser_engine.py; in no package.
import { build } from "esbuild";
import { workers } from "../build.mjs";

const made = await build({ entryPoints: ["bench/engine.ts"], bundle: true, minify: true, format: "iife", target: ["es2022"], write: false, plugins: [workers] });
process.stdout.write(made.outputFiles[0].text);
