import {
  beginning,
  bodyHash,
  brokenRoot,
  finish,
  hex,
  origin,
  type Proof,
  type ProofRow,
  type Root,
  rootHash,
  rowHash,
  type Seal,
  treeOf,
  walk,
} from "../src/audit/chain.ts"
import { equal } from "./assert.ts"

// Worked out by the servers' own code (Tests/DomainTests) and by another program.
const root: Root = {
  number: 1,
  day: "2026-11-21",
  at: 1_790_000_000_000_000,
  count: 6,
  tree: "01".repeat(32),
  ghosts: "02".repeat(32),
  prev: "08e9b82736c0421e909db947986b82a22970e1829f99ecc89136047c6d833395",
  root: "0e3db824292c3707fd9d7752d3a8969f5a8a140a70b51fa600ba41337da8a8ea",
}

const row = (seq: number, more: Partial<ProofRow> = {}): ProofRow => ({
  seq,
  at: 1_790_000_000_000_000 + seq,
  author: 5,
  kind: 1,
  flags: 4,
  case: 1,
  message: seq,
  version: 1,
  reply: 0,
  stars: 0,
  meta: "",
  hash: "",
  ...more,
})

/** A topic of so many rows, as the server would show them. */
async function topic(id: number, count: number): Promise<ProofRow[]> {
  const rows: ProofRow[] = []
  let prev: Uint8Array = await origin(id)
  for (let seq = 1; seq <= count; seq++) {
    const one = row(seq, { bodyHash: "ab".repeat(32) })
    prev = await rowHash(id, one, prev)
    rows.push({ ...one, hash: hex(prev) })
  }
  return rows
}

const sealOf = (rows: ProofRow[], seq: number): Seal[] => [{ seq, hash: rows[seq - 1]?.hash ?? "", reason: "sealed" }]
const start = () => beginning(3)

Deno.test("a root's hash is the one that the servers make", async () => {
  equal(hex(await rootHash(root)), root.root)
})

Deno.test("a row's hash is the one that the servers make, whether its meta may be read or not", async () => {
  const salt = "000102030405060708090a0b0c0d0e0f"
  const one: ProofRow = {
    ...row(17, { at: 1_763_629_953_123_456, flags: 7, case: 4, reply: 12, meta: "{}" }),
    bodyHash: hex(await bodyHash(salt, "Salom")),
  }
  equal(hex(await rowHash(3, one, await origin(3))), "35de6ce264a0a51cdf598a10726d3f0790cf3a190bfab141d9f3f071ea9c960e")
  const { meta: _, ...rest } = one
  const metaHash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
  equal(
    hex(await rowHash(3, { ...rest, metaHash }, await origin(3))),
    "35de6ce264a0a51cdf598a10726d3f0790cf3a190bfab141d9f3f071ea9c960e",
  )
})

Deno.test("a whole topic is well, in one page or in two", async () => {
  const rows = await topic(3, 5)
  const proof = sealOf(rows, 4)
  const once = await walk(3, rows, await start(), proof)
  equal(once.fault, undefined)
  equal(once.seq, 5)
  const half = await walk(3, rows.slice(0, 2), await start(), proof)
  equal((await walk(3, rows.slice(2), half, proof)).fault, undefined)
})

Deno.test("every change is found where it is", async () => {
  const rows = await topic(3, 5)
  const proof = sealOf(rows, 4)
  const fault = async (changed: ProofRow[]) => (await walk(3, changed, await start(), proof)).fault
  equal(await fault(rows.map((one) => one.seq === 2 ? { ...one, author: 6 } : one)), { seq: 2, reason: "hash" })
  equal(await fault(rows.filter((one) => one.seq !== 3)), { seq: 3, reason: "gap" })
  equal(await fault(rows.map((one) => one.seq === 5 ? { ...one, salt: "00".repeat(16), body: "x" } : one)), {
    seq: 5,
    reason: "body",
  })
  // A chain that was written anew from its second row on fits in itself, and not the root.
  const anew = await topic(3, 5)
  let prev: Uint8Array = new Uint8Array(32)
  for (const one of anew) {
    if (one.seq === 1) prev = Uint8Array.from(one.hash.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [])
    else {
      one.stars = 1
      prev = await rowHash(3, one, prev)
      one.hash = hex(prev)
    }
  }
  equal(await fault(anew), { seq: 4, reason: "sealed" })
})

Deno.test("a row is worked out by the digest of what is withheld of it", async () => {
  const rows = await topic(3, 3)
  const hidden = rows.map((one) => {
    if (one.seq !== 2) return one
    const { meta: _, ...rest } = one
    return { ...rest, metaHash: "00".repeat(32) }
  })
  const end = await walk(3, hidden, await start(), sealOf(rows, 3))
  equal(end.fault, undefined)
  equal(end.withheld, 1)
  equal([end.hidden, finish(end, []).fault], [3, { seq: 1, reason: "withheld" }])
  equal(finish({ ...end, gone: new Set([1, 2, 3]) }, []).fault, undefined)
})

Deno.test("a proof leads to the tree, worked out by another program for one leaf, two and three", async () => {
  const leaf = "03325cb36d34a7379f719ca4e9f504243f477cfff93b78205885f2acb54b3dc0"
  const [second, third] = [
    "c2126d2da375ebe2ac7f9661369b9f0ce05ffdb00138cfff887e09dccdfc07a4",
    "e429da145ef989c23032a26a1724be65e4f3ba1a2f5182e3973f0cb7d6eafcec",
  ]
  const two = "f3bb1e953357b653ade702a516427cd2ffbef4f41e18c9d48e66ed9d20a976ee"
  const three = "7e11673974d9494881f7be4160211561f3731092a3c61b99959ef5731f66bb51"
  const of = (count: number, path: string[], more: Partial<Proof> = {}) =>
    treeOf({ root: { ...root, count }, topic: 3, seq: 4, hash: "aa".repeat(32), index: 0, path, ...more })
  equal(await of(1, []), leaf)
  equal(await of(2, [second]), two)
  equal(await of(2, [leaf], { topic: 0, seq: 9, hash: "bb".repeat(32), index: 1 }), two)
  equal(await of(3, [second, third]), three)
  equal(await of(3, [two], { topic: 5, seq: 1, hash: "cc".repeat(32), index: 2 }), three)
  // A path that is too long or too short, and a place that there isn't.
  equal(await of(1, [second]), undefined)
  equal(await of(2, []), undefined)
  equal(await of(1, [], { index: 1 }), undefined)
  equal((await of(2, [second], { seq: 5 })) === two, false)
})

Deno.test("roots follow one another from the one that is remembered", async () => {
  const second: Root = { ...root, number: 2, day: "2026-11-22", prev: root.root, root: "" }
  second.root = hex(await rootHash(second))
  equal(await brokenRoot([root, second], { number: 1, root: root.root }), undefined)
  equal(await brokenRoot([second]), undefined)
  equal(await brokenRoot([]), undefined)
  equal(await brokenRoot([], { number: 1, root: root.root }), 1)
  equal(await brokenRoot([root, second], { number: 1, root: second.root }), 1)
  equal(await brokenRoot([second], { number: 1, root: root.root }), 1)
  equal(await brokenRoot([root, { ...second, at: 1 }], { number: 1, root: root.root }), 2)
  equal(await brokenRoot([root, { ...second, prev: "00".repeat(32) }], { number: 1, root: root.root }), 2)
})
