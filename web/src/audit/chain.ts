// The chains of docs/audit.md and docs/protocol.md, worked out in the browser: who checks needs to believe nobody.

/** A row of a topic as its hash covers it; `metaHash` stands in place of `meta` when the reader may not know that. */
export interface ProofRow {
  seq: number
  at: number
  author: number
  kind: number
  flags: number
  case: number
  message: number
  version: number
  reply: number
  stars: number
  hash: string
  meta?: string
  metaHash?: string
  bodyHash?: string
  salt?: string
  body?: string
}
/** A daily root with everything that its hash covers. */
export interface Root {
  number: number
  day: string
  at: number
  count: number
  tree: string
  ghosts: string
  prev: string
  root: string
}
export interface Proof {
  root: Root
  topic: number
  seq: number
  hash: string
  index: number
  path: string[]
}

type Bytes = Uint8Array<ArrayBuffer>
const encoder = new TextEncoder()

export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")

/** Throws when it isn't so many bytes in hexadecimal digits. */
export function unhex(text: string, length = 32): Bytes {
  if (text.length !== 2 * length || /[^0-9a-f]/.test(text)) throw new RangeError("Not hexadecimal")
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** Throws when it isn't a whole number. */
function number(value: number): Bytes {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value))
  return bytes
}

function byte(value: number): Bytes {
  if (!Number.isInteger(value) || value < 0 || value > 255) throw new RangeError("Not a byte")
  return new Uint8Array([value])
}

async function sha256(...parts: (Uint8Array | string)[]): Promise<Bytes> {
  const bytes = parts.map((part) => typeof part === "string" ? encoder.encode(part) : part)
  const all = new Uint8Array(bytes.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of bytes) {
    all.set(part, offset)
    offset += part.length
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all))
}

/** What stands before a topic's first row. */
export const origin = (topic: number): Promise<Bytes> => sha256("1fin.topic.v1", number(topic))

const nothing = new Uint8Array(32)

/** The hash of a row after one whose hash is `prev`. */
export async function rowHash(topic: number, row: ProofRow, prev: Uint8Array): Promise<Bytes> {
  const metaHash = row.metaHash !== undefined ? unhex(row.metaHash) : row.meta ? await sha256(row.meta) : nothing
  return sha256(
    "1fin.entry.v1",
    prev,
    number(topic),
    number(row.seq),
    number(row.at),
    number(row.author),
    byte(row.kind),
    byte(row.flags),
    number(row.case),
    number(row.message),
    number(row.version),
    number(row.reply),
    byte(row.stars),
    metaHash,
    row.bodyHash === undefined ? nothing : unhex(row.bodyHash),
  )
}

export const bodyHash = (salt: string, body: string): Promise<Bytes> => sha256(unhex(salt, 16), body)

/** The hash of a root. */
export function rootHash(root: Root): Promise<Bytes> {
  const day = Date.parse(`${root.day}T00:00:00Z`) / 86_400_000
  return sha256(
    "1fin.root.v1",
    unhex(root.prev),
    number(root.number),
    number(day),
    number(root.at),
    number(root.count),
    unhex(root.tree),
    unhex(root.ghosts),
  )
}

/** The tree's root that a topic's sealed head leads to (RFC 9162 §2.1.3.2); undefined when the path doesn't fit. */
export async function treeOf(proof: Proof): Promise<string | undefined> {
  const one = new Uint8Array([1])
  let hash = await sha256(
    new Uint8Array([0]),
    "1fin.head.v1",
    number(proof.topic),
    number(proof.seq),
    unhex(proof.hash),
  )
  let place = proof.index
  let last = proof.root.count - 1
  const rest = proof.path.map((one) => unhex(one))
  if (place < 0 || place > last) return undefined
  while (last > 0) {
    if (place % 2 === 1 || place < last) {
      const neighbour = rest.shift()
      if (!neighbour) return undefined
      hash = place % 2 === 1 ? await sha256(one, neighbour, hash) : await sha256(one, hash, neighbour)
    }
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return rest.length === 0 ? hex(hash) : undefined
}

/** What is wrong with a topic, in words of the dictionary. */
export type Fault = "gap" | "hash" | "body" | "withheld" | "sealed" | "held" | "short" | "tree" | "root" | "answer"

/** A row whose hash is known from elsewhere, and the fault that another hash is. */
export interface Seal {
  seq: number
  hash: string
  reason: Fault
}

export interface Walk {
  seq: number
  hash: Uint8Array
  /** Texts that were worked out. */
  bodies: number
  /** Texts that were kept from this reader. */
  hidden: number
  /** Rows of which something else was. */
  withheld: number
  /** Messages of which something was kept, with the first such row; a row that takes the message back must explain it. */
  kept: ReadonlyMap<number, number>
  /** Messages that a row of the log took back, blacked out or erased. */
  gone: ReadonlySet<number>
  /** Whether no root has sealed the topic yet. */
  isYoung?: boolean
  fault?: { seq: number; reason: Fault }
}

const kinds = { message: 1, edit: 2, delete: 3, redact: 4, close: 7, erase: 13 } as const

/** Before a topic's first row. */
export const beginning = async (topic: number): Promise<Walk> => ({
  seq: 0,
  hash: await origin(topic),
  bodies: 0,
  hidden: 0,
  withheld: 0,
  kept: new Map(),
  gone: new Set(),
})

/** Goes on along a topic's chain by a page of its rows. Throws when a row's fields are none. */
export async function walk(
  topic: number,
  rows: readonly ProofRow[],
  from: Walk,
  seals: readonly Seal[],
): Promise<Walk> {
  const now = { ...from, kept: new Map(from.kept), gone: new Set(from.gone) }
  for (const row of rows) {
    const broken = (reason: Fault): Walk => ({ ...now, fault: { seq: now.seq + 1, reason } })
    if (row.seq !== now.seq + 1) return broken("gap")
    const isText = row.kind === kinds.message || row.kind === kinds.edit
    now.hash = await rowHash(topic, row, now.hash)
    if (hex(now.hash) !== row.hash) return broken("hash")
    const lacksBody = row.bodyHash !== undefined && row.body === undefined
    const lacksMeta = row.metaHash !== undefined
    if (lacksMeta) {
      // The files of a hidden message, or what staff said of a close: it went into the sum as its digest.
      if (!isText && row.kind !== kinds.close) return broken("withheld")
      now.withheld += 1
    }
    if (lacksBody) {
      if (!isText) return broken("withheld")
      now.hidden += 1
    } else if (row.body !== undefined || row.salt !== undefined) {
      if (row.salt === undefined || row.body === undefined) return broken("body")
      if (hex(await bodyHash(row.salt, row.body)) !== row.bodyHash) return broken("body")
      now.bodies += 1
    }
    if (isText && (lacksBody || lacksMeta) && !now.kept.has(row.message)) now.kept.set(row.message, row.seq)
    if (row.kind === kinds.delete || row.kind === kinds.redact || row.kind === kinds.erase) now.gone.add(row.message)
    const seal = seals.find((one) => one.seq === row.seq && one.hash !== row.hash)
    if (seal) return broken(seal.reason)
    now.seq = row.seq
  }
  return now
}

/** After the last row: whether all that was sealed was there, and a row says of each message that was kept from this reader why. */
export function finish(now: Walk, seals: readonly Seal[]): Walk {
  if (seals.some((seal) => seal.seq > now.seq)) return { ...now, fault: { seq: now.seq + 1, reason: "short" } }
  for (const [message, seq] of now.kept) {
    if (!now.gone.has(message)) return { ...now, fault: { seq, reason: "withheld" } }
  }
  return now
}

/** Whether roots follow one another from `held`, the one that this device remembers. The first that doesn't fit, else undefined. Throws when fields are none. */
export async function brokenRoot(
  roots: readonly Root[],
  held?: { number: number; root: string },
): Promise<number | undefined> {
  let before: Root | undefined
  if (held && roots[0]?.number !== held.number) return held.number
  for (const root of roots) {
    if (held && root.number === held.number && root.root !== held.root) return root.number
    if (before && (root.number !== before.number + 1 || root.prev !== before.root)) return root.number
    if (hex(await rootHash(root)) !== root.root) return root.number
    before = root
  }
  return undefined
}
