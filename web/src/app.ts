// Entry of the app: asks the server what the model is made of, then draws.
import { h, render } from "preact";
import { get } from "./api/client";
import { Shell } from "./app/shell";
import "./style/app.css";

const root = document.getElementById("supercycle");

async function open(): Promise<void> {
  if (!root) return;
  for (;;) {
    try {
      const schema = await get("/api/schema");
      root.replaceChildren();
      render(h(Shell, { schema }), root);
      return;
    } catch (problem) {
      root.textContent = `The app's server does not answer (${problem instanceof Error ? problem.message : "unknown"}); trying again.`;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

void open();
