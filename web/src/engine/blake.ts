// BLAKE2b with a digest of eight bytes (RFC 7693), unkeyed: the names of draws as numbers, as core/random.py has them.
// Words of 64 bits are pairs of 32: low, high. BigInt would be fifty times as slow, and there are thousands of names.

const IV = new Uint32Array([
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a,
  0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
]);
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4], [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13], [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11], [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5], [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
];
const BLOCK = 128;
const SIZE = 8; // bytes of the digest
const v = new Uint32Array(32);
const m = new Uint32Array(32);

/** v[a] += v[b] + (lo, hi) */
function add(a: number, b: number, lo: number, hi: number): void {
  const low = v[a]! + v[b]! + lo;
  v[a + 1] = v[a + 1]! + v[b + 1]! + hi + Math.floor(low / 0x100000000);
  v[a] = low;
}

/** v[a] = (v[a] ^ v[b]) turned right by 32, 24, 16 or 63 */
function turn(a: number, b: number, by: 32 | 24 | 16 | 63): void {
  const lo = v[a]! ^ v[b]!;
  const hi = v[a + 1]! ^ v[b + 1]!;
  if (by === 32) [v[a], v[a + 1]] = [hi, lo];
  else if (by === 63) [v[a], v[a + 1]] = [(lo << 1) | (hi >>> 31), (hi << 1) | (lo >>> 31)];
  else [v[a], v[a + 1]] = [(lo >>> by) | (hi << (32 - by)), (hi >>> by) | (lo << (32 - by))];
}

function mixed(a: number, b: number, c: number, d: number, x: number, y: number): void {
  add(a, b, m[x]!, m[x + 1]!);
  turn(d, a, 32);
  add(c, d, 0, 0);
  turn(b, c, 24);
  add(a, b, m[y]!, m[y + 1]!);
  turn(d, a, 16);
  add(c, d, 0, 0);
  turn(b, c, 63);
}

function compress(h: Uint32Array, block: Uint8Array, counted: number, last: boolean): void {
  const view = new DataView(block.buffer, block.byteOffset, BLOCK);
  for (let i = 0; i < 32; i++) m[i] = view.getUint32(4 * i, true);
  v.set(h);
  v.set(IV, 16);
  v[24] = v[24]! ^ counted; // a name is far shorter than 2^32 bytes
  if (last) {
    v[28] = ~v[28]!;
    v[29] = ~v[29]!;
  }
  for (const s of SIGMA) {
    const [s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15] = s.map((i) => 2 * i) as [
      number, number, number, number, number, number, number, number, number, number, number, number, number, number, number, number,
    ];
    mixed(0, 8, 16, 24, s0, s1);
    mixed(2, 10, 18, 26, s2, s3);
    mixed(4, 12, 20, 28, s4, s5);
    mixed(6, 14, 22, 30, s6, s7);
    mixed(0, 10, 20, 30, s8, s9);
    mixed(2, 12, 22, 24, s10, s11);
    mixed(4, 14, 16, 26, s12, s13);
    mixed(6, 8, 18, 28, s14, s15);
  }
  for (let i = 0; i < 16; i++) h[i] = h[i]! ^ v[i]! ^ v[i + 16]!;
}

/** The first 64 bits of the state: low half, high half. */
export function blake64(bytes: Uint8Array): [number, number] {
  const h = IV.slice();
  h[0] = h[0]! ^ 0x01010000 ^ SIZE;
  const block = new Uint8Array(BLOCK);
  const blocks = Math.max(1, Math.ceil(bytes.length / BLOCK));
  for (let i = 0; i < blocks; i++) {
    const part = bytes.subarray(i * BLOCK, (i + 1) * BLOCK);
    block.fill(0);
    block.set(part);
    compress(h, block, i * BLOCK + part.length, i === blocks - 1);
  }
  return [h[0]!, h[1]!];
}
