// Entry of the model in one file: the app's own pages, answered by the program the file carries.
import { h, render } from "preact";
import { Answers } from "./alone/answers";
import { readModel } from "./alone/data";
import { Runs, Superseded } from "./alone/runs";
import { tornado } from "./alone/tornado";
import { explained, reproduced, restedOn } from "./alone/words";
import { answeredBy, type Body } from "./api/client";
import { Shell } from "./app/shell";
import { Pool } from "./engine/pool";
import { reportPage } from "./alone/report";
import "./style/app.css";

const root = document.getElementById("supercycle");

async function open(): Promise<void> {
  if (!root) return;
  root.textContent = "Starting the model.";
  try {
    const { data, module, report } = await readModel();
    const pool = await Pool.of(data.engine, module);
    const runs = new Runs(data, pool);
    const answers = new Answers(data, runs);
    const routes: Record<string, (body: Body) => unknown> = {
      "/api/run": (body) => answers.run(body),
      "/api/page": (body) => answers.page(body),
      "/api/compare": (body) => answers.compare(body),
      "/api/medians": (body) => answers.medians(body),
      "/api/tornado": (body) => tornado(data, runs, body),
      "/api/explain": (body) => explained(data, String(body["name"])),
      "/api/sources": (body) => restedOn(data, body["outputs"] as string[]),
      "/api/reproduce": reproduced,
      "/api/status": () => ({ compiled: true, failed: null }),
    };
    answeredBy(async (path, body) => {
      const [route = "", query = ""] = path.split("?");
      const answer = routes[route];
      if (!answer) throw new Error(`this file holds nothing for ${route}`);
      try {
        return await answer({ ...Object.fromEntries(new URLSearchParams(query)), ...body });
      } catch (problem) {
        if (problem instanceof Superseded) return { superseded: true };
        throw problem;
      }
    });
    root.replaceChildren();
    const first = report ? reportPage(report) : undefined;
    render(h(Shell, { ...(first ? { first } : {}), schema: { ...data.schema, alone: { version: data.version, contents: data.contents, left_out: data.left_out } } }), root);
  } catch (problem) {
    root.textContent = `The model in this file cannot run here: ${problem instanceof Error ? problem.message : String(problem)}. It needs a browser of 2023 or later with WebAssembly and workers.`;
  }
}

void open();
