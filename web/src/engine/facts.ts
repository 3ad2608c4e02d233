// What the engine must know of a compiled model (supercycle/service/engine_facts.py): nothing here names a world.

/** How a parameter is drawn: the kind of its law (equations/machine/laws.py) and the law's numbers. */
export type Law = [kind: number, ...numbers: number[]];

export interface EngineFacts {
  key: string;
  model_hash: string;
  start: string;
  until: string;
  tile: number; // paths side by side
  scratch: number; // rows of the driver
  words: string[]; // of a job, in order
  row_count: number;
  test_row: number; // -1: there is no opening test
  attempts: number; // the most that are made at parameters that fit the opening
  slots: Record<string, number>; // row of each output that may be asked for
  params: Record<string, number>; // row of each parameter that an equation reads
  test_params: string[];
  laws: Record<string, Law>; // of every parameter that an equation reads
  ties: Record<string, [other: string, factor: number][]>; // normal draws whose weighted sum is a correlated one
  tables: number[];
  constant: number; // the kind of a law that is one value
  draws: { name: string; members: number }[];
  tolerance: number; // of the books' residual
  watched: { slot: string; most: number } | null; // a path that comes to more means nothing any more
}

/** A scenario as the engine reads it. */
export interface Ruled {
  set: Record<string, number>;
  laws: Record<string, Law>; // where a preset has another range
}
