// The sources of outputs, asked for once each.
import type { Sources } from "../state/sources";
import { post } from "./client";

/** A finder that remembers what it found. */
export function findSources(): (outputs: string[]) => Promise<Sources> {
  const known = new Map<string, Promise<Sources>>();
  return (outputs) => {
    const key = outputs.join(" ");
    let found = known.get(key);
    if (!found) {
      found = post("/api/sources", { outputs });
      found.catch(() => known.delete(key));
      known.set(key, found);
    }
    return found;
  };
}
