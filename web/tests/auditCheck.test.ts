// Everybody's own check against servers that lie: whoever owns the database and the routes, and not the page.
import {
  bodyHash,
  hex,
  origin,
  type Proof,
  type ProofRow,
  type Root,
  rootHash,
  rowHash,
  treeOf,
  type Walk,
} from "../src/audit/chain.ts"
import {
  checkRoots,
  checkTopic,
  heldRoot,
  isLate,
  type Known,
  rootAlarm,
  rootIsLate,
  rootsToHold,
} from "../src/audit/check.ts"
import { ApiError } from "../src/shared/net/api.ts"
import { equal } from "./assert.ts"

const store = new Map<string, string>()
Object.defineProperty(globalThis, "localStorage", {
  configurable: true,
  value: {
    getItem: (name: string) => store.get(name) ?? null,
    setItem: (name: string, value: string) => store.set(name, value),
    removeItem: (name: string) => store.delete(name),
  },
})

const topic = 3
const salt = "0f".repeat(16)
const began = 1_790_000_000_000_000
const sealedAt = began + 86_400_000_000

async function row(seq: number, more: Partial<ProofRow> = {}): Promise<ProofRow> {
  const kind = more.kind ?? 1
  const hasBody = kind === 1 || kind === 2
  const text = `text ${seq}`
  return {
    seq,
    at: began + seq,
    author: 5,
    kind,
    flags: hasBody ? 4 : 0,
    case: 1,
    message: kind === 1 ? seq : 0,
    version: 1,
    reply: 0,
    stars: 0,
    meta: "",
    hash: "",
    ...(hasBody ? { salt, body: text, bodyHash: hex(await bodyHash(salt, text)) } : {}),
    ...more,
  }
}
/** Rows with their hashes, as a log that was written has them. */
async function chained(rows: ProofRow[]): Promise<ProofRow[]> {
  let prev: Uint8Array = await origin(topic)
  const done: ProofRow[] = []
  for (const one of rows) {
    prev = await rowHash(topic, one, prev)
    done.push({ ...one, hash: hex(prev) })
  }
  return done
}
/** A root over the topic's first `seq` rows and another log. */
async function sealed(rows: ProofRow[], seq: number, number = 1): Promise<Proof> {
  const empty: Root = {
    number,
    day: "2026-11-21",
    at: sealedAt,
    count: 2,
    tree: "00".repeat(32),
    ghosts: "02".repeat(32),
    prev: "03".repeat(32),
    root: "",
  }
  const hash = rows[seq - 1]?.hash ?? hex(await origin(topic))
  const proof = { root: empty, topic, seq, hash, index: 0, path: ["04".repeat(32)] }
  const tree = await treeOf(proof) ?? ""
  const root = { ...empty, tree }
  return { ...proof, root: { ...root, root: hex(await rootHash(root)) } }
}

type Answer = unknown
/** A server that gives these rows in pages of two, and this proof. */
function server(rows: ProofRow[], proof: Proof | undefined, change: (path: string) => Answer = () => undefined) {
  const asked: string[] = []
  return {
    asked,
    call: <T>(_: string, path: string): Promise<T> => {
      asked.push(path)
      const changed = change(path)
      if (changed !== undefined) return Promise.resolve(changed as T)
      if (path.includes("/proof")) {
        return proof ? Promise.resolve(proof as T) : Promise.reject(new ApiError("not_found", 404, ""))
      }
      const after = Number(new URLSearchParams(path.split("?")[1]).get("after"))
      return Promise.resolve({ rows: rows.slice(after, after + 2), more: after + 2 < rows.length } as T)
    },
  }
}
const check = (from: ReturnType<typeof server>, known: Known, signal = new AbortController().signal) =>
  checkTopic(from, topic, known, () => {}, signal)
const without = (one: ProofRow, ...names: (keyof ProofRow)[]): ProofRow =>
  Object.fromEntries(
    Object.entries(one).filter(([name]) => !names.some((other) => other === name)),
  ) as unknown as ProofRow
const faultOf = (walk: Walk | undefined) => walk?.fault

const rows = await chained([await row(1), await row(2), await row(3), await row(4), await row(5)])
const proof = await sealed(rows, 4)
const known: Known = { roots: [proof.root], head: undefined }

Deno.test("a topic that is as it was sealed is well", async () => {
  const from = server(rows, proof)
  const walk = await check(from, { ...known, head: { seq: 5, hash: rows[4]?.hash ?? "" } })
  equal(walk?.fault, undefined)
  equal([walk?.seq, walk?.bodies, walk?.hidden, walk?.withheld, walk?.isYoung], [5, 5, 0, 0, false])
  // It asks for the proof of the root that it holds, and for no other.
  equal(from.asked[0], "/integrity/topics/3/proof?root=1")
})

Deno.test("a topic that was written anew isn't well because a root was made for it", async () => {
  const forged = await chained(rows.map((one) => ({ ...one, author: 6 })))
  // One leaf, a root of its own, and every hash of it is right.
  const own = await sealed(forged, 5)
  equal(faultOf(await check(server(forged, own), known)), { seq: 0, reason: "root" })
  // Nor with the true root's name and hash on it.
  const renamed = { ...own, root: { ...own.root, root: proof.root.root } }
  equal(faultOf(await check(server(forged, renamed), known)), { seq: 0, reason: "root" })
  // Nor with another topic's place in the true root.
  equal(faultOf(await check(server(forged, { ...proof, topic: 4 }), known)), { seq: 0, reason: "root" })
  equal(faultOf(await check(server(forged, { ...proof, hash: own.hash, seq: 5 }), known)), { seq: 5, reason: "tree" })
  equal(faultOf(await check(server(forged, proof), known)), { seq: 4, reason: "sealed" })
})

Deno.test("history that was written anew, and sealed anew the day after, is found by the roots before", async () => {
  const forged = await chained(rows.map((one) => one.seq === 2 ? { ...one, author: 6 } : one))
  const tomorrow = await sealed(forged, 5, 2)
  const from = server(
    forged,
    undefined,
    (path) => path.endsWith("root=2") ? tomorrow : path.endsWith("root=1") ? proof : undefined,
  )
  equal(faultOf(await check(from, { ...known, roots: [tomorrow.root] })), undefined)
  equal(faultOf(await check(from, { ...known, roots: [tomorrow.root, proof.root] })), { seq: 4, reason: "sealed" })
})

Deno.test("only what may be kept from a reader is", async () => {
  const hide = (one: ProofRow): ProofRow => ({ ...without(one, "meta"), metaHash: "00".repeat(32) })
  // No row is believed: an author that was made up is found.
  const free = rows.map((one) => one.seq === 4 ? one : hide({ ...one, author: 9 }))
  equal(faultOf(await check(server(free, proof), known)), { seq: 1, reason: "hash" })
  const reacted = await chained([await row(1), await row(2, { kind: 5, message: 1 })])
  const seal = await sealed(reacted, 2)
  equal(
    faultOf(
      await check(server(reacted.map((one) => one.seq === 2 ? hide(one) : one), seal), {
        ...known,
        roots: [seal.root],
      }),
    ),
    {
      seq: 2,
      reason: "withheld",
    },
  )
  // A message's files are kept from those from whom the message is, and a row says so.
  equal(faultOf(await check(server(rows.map((one) => one.seq === 2 ? hide(one) : one), proof), known)), {
    seq: 2,
    reason: "withheld",
  })
  const bare = (one: ProofRow) => without(one, "salt", "body")
  equal(faultOf(await check(server(rows.map((one) => one.seq === 2 ? bare(one) : one), proof), known)), {
    seq: 2,
    reason: "withheld",
  })
  const gone = await chained([...rows, await row(6, { kind: 3, message: 2, version: 2 })])
  const walk = await check(server(gone.map((one) => one.seq === 2 ? hide(bare(one)) : one), proof), known)
  equal([walk?.fault, walk?.seq, walk?.bodies, walk?.hidden, walk?.withheld], [undefined, 6, 4, 1, 1])
  // What staff said of a close is theirs for good.
  const closed = await chained([await row(1), await row(2, { kind: 7, metaHash: "05".repeat(32) })])
  const end = await sealed(closed, 2)
  const well = await check(server(closed, end), { ...known, roots: [end.root] })
  equal([well?.fault, well?.withheld], [undefined, 1])
  // The text of a pause is everybody's.
  const paused = await chained([
    await row(1),
    await row(2, { kind: 11, flags: 4, bodyHash: hex(await bodyHash(salt, "x")), meta: "" }),
  ])
  equal(
    faultOf(
      await check(server(paused, await sealed(paused, 2)), { ...known, roots: [(await sealed(paused, 2)).root] }),
    ),
    {
      seq: 2,
      reason: "withheld",
    },
  )
})

Deno.test("a text without its salt, or without a hash that holds it, counts for nothing", async () => {
  const second = (change: (one: ProofRow) => ProofRow) => rows.map((one) => one.seq === 2 ? change(one) : one)
  const body = { seq: 2, reason: "body" }
  equal(faultOf(await check(server(second((one) => ({ ...one, body: "x" })), proof), known)), body)
  equal(faultOf(await check(server(second((one) => ({ ...without(one, "salt"), body: "x" })), proof), known)), body)
  const bare = await chained([await row(1), await row(2, { kind: 7 })])
  const with2 = bare.map((one) => one.seq === 2 ? { ...one, salt, body: "x" } : one)
  const seal = await sealed(bare, 2)
  equal(faultOf(await check(server(with2, seal), { ...known, roots: [seal.root] })), body)
})

Deno.test("a topic is young only while its first row is", async () => {
  equal(faultOf(await check(server(rows, undefined), known)), { seq: 1, reason: "tree" })
  const late = await chained(await Promise.all([1, 2].map((seq) => row(seq, { at: sealedAt + seq }))))
  const walk = await check(server(late, undefined), known)
  equal([walk?.fault, walk?.seq, walk?.isYoung], [undefined, 2, true])
  equal((await check(server([], undefined), known))?.isYoung, true)
  // Before the firm's first root there is none to ask for.
  const first = server(rows, undefined)
  equal((await check(first, { roots: [], head: undefined }))?.isYoung, true)
  equal(first.asked.some((path) => path.includes("proof")), false)
})

Deno.test("what this device has seen of a topic is held against it, root or not", async () => {
  const head = { seq: 5, hash: rows[4]?.hash ?? "" }
  const forged = await chained(rows.map((one) => one.seq === 5 ? { ...one, author: 6 } : one))
  equal(faultOf(await check(server(forged, proof), { ...known, head })), { seq: 5, reason: "held" })
  equal(faultOf(await check(server(rows.slice(0, 4), proof), { ...known, head })), { seq: 5, reason: "short" })
  equal(faultOf(await check(server([], undefined), { roots: [], head })), { seq: 1, reason: "short" })
  equal(faultOf(await check(server(rows.slice(0, 3), proof), known)), { seq: 4, reason: "short" })
})

Deno.test("an answer that makes no sense is a fault, and one without end ends", async () => {
  const rowsAs = (answer: Answer) => (path: string) => path.includes("/rows") ? answer : undefined
  const odd = async (change: Partial<Record<keyof ProofRow, unknown>>) =>
    faultOf(
      await check(server(rows.map((one) => one.seq === 2 ? { ...one, ...change } as ProofRow : one), proof), known),
    )
  const second = { seq: 1, reason: "answer" }
  for (const change of [{ at: 1.5 }, { author: "x" }, { kind: 257 }, { stars: -1 }, { bodyHash: "zz".repeat(32) }]) {
    equal(await odd(change), second, JSON.stringify(change))
  }
  for (const answer of [{ rows: [], more: true }, { more: false }, { rows: [null], more: false }, []]) {
    equal(
      faultOf(await check(server(rows, proof, rowsAs(answer)), known)),
      { seq: 1, reason: "answer" },
      JSON.stringify(answer),
    )
  }
  equal(faultOf(await check(server(rows, { ...proof, seq: 1.5 }), known)), { seq: 1, reason: "answer" })
  equal(faultOf(await check(server(rows, { ...proof, root: { ...proof.root, day: "soon" } }), known)), {
    seq: 1,
    reason: "answer",
  })
})

Deno.test("a check that was stopped asks no more, and says nothing", async () => {
  const abort = new AbortController()
  const from = server(rows, proof)
  const walk = await checkTopic(from, topic, known, () => abort.abort(), abort.signal)
  equal(walk, undefined)
  equal(from.asked.length, 2)
})

Deno.test("a server that doesn't answer is no fault of the topic", async () => {
  const away = { call: <T>() => Promise.reject<T>(new ApiError("offline", 0, "")) }
  const code = await checkTopic(away, topic, known, () => {}, new AbortController().signal)
    .then(() => "", (raw: unknown) => raw instanceof ApiError ? raw.code : String(raw))
  equal(code, "offline")
})

Deno.test("roots are held against the one that the device remembers, and an alarm hands out none", async () => {
  const first = proof.root
  const next = async (before: Root, more: Partial<Root> = {}): Promise<Root> => {
    const root = { ...before, number: before.number + 1, prev: before.root, ...more }
    return { ...root, root: hex(await rootHash(root)) }
  }
  const second = await next(first)
  let roots: unknown = [first]
  const from = { call: <T>() => Promise.resolve({ roots } as T) }
  equal((await checkRoots(from, 1)).newest, first)
  roots = [first, second]
  equal((await checkRoots(from, 1)).newest, second)
  equal(heldRoot(1)?.number, 2)
  const forged = await next(first, { at: 7 })
  for (const lie of [[forged], [], undefined, [{ ...second, at: 1.5 }], [null]]) {
    store.clear()
    roots = [first, second]
    await checkRoots(from, 1)
    roots = lie
    const found = await checkRoots(from, 1)
    equal(
      [found.newest, found.alarm?.number, rootAlarm(1)?.number, heldRoot(1)?.number],
      [undefined, 2, 2, 2],
      JSON.stringify(lie),
    )
  }
})

Deno.test("topics are held against roots before the newest one as well, and those must lead up to it", async () => {
  const all: Root[] = []
  for (let number = 1; number <= 40; number++) {
    const root = { ...proof.root, number, prev: all.at(-1)?.root ?? "03".repeat(32) }
    all.push({ ...root, root: hex(await rootHash(root)) })
  }
  const asking = (shown: Root[]) => ({
    call: <T>(_: string, path: string) => {
      const after = new URLSearchParams(path.split("?")[1]).get("after")
      return Promise.resolve(
        { roots: after === null ? shown.slice(-1) : shown.filter((one) => one.number > Number(after)) } as T,
      )
    },
  })
  const numbers = async (shown: Root[]) => {
    store.clear()
    const found = await rootsToHold(asking(shown), 1)
    return [found.alarm?.number, ...found.roots.map((one) => one.number)]
  }
  equal(await numbers(all), [undefined, 40, 39, 33, 10])
  equal(await numbers(all.slice(0, 8)), [undefined, 8, 7, 1])
  equal(await numbers(all.slice(0, 1)), [undefined, 1])
  equal(await numbers([]), [undefined])
  equal(await numbers(all.slice(30)), [40])
  equal(await numbers(all.map((one) => one.number === 20 ? { ...one, at: 7 } : one)), [40])
  equal(rootAlarm(1)?.number, 40)
})

Deno.test("roots that stopped coming are late after a day and a half, and so is a time that is none", () => {
  const at = sealedAt / 1000
  const hours = (count: number) => at + count * 3_600_000
  equal([0, 35.9, 36.1, 24 * 400].map((count) => rootIsLate(proof.root, hours(count))), [false, false, true, true])
  equal([isLate(at, hours(36)), isLate(Number.NaN, at)], [false, true])
})
