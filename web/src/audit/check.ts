// Everybody's own check: the day's roots against the one that this device holds, and topics against the newest of them. Nothing here is believed
// because the server says so: what can't be read, or comes without end, is a fault as well.
import { type Api, ApiError } from "../shared/net/api.ts"
import { isRecord, load, save } from "../shared/storage.ts"
import {
  beginning,
  brokenRoot,
  type Fault,
  finish,
  hex,
  type Proof,
  type ProofRow,
  type Root,
  rootHash,
  type Seal,
  treeOf,
  type Walk,
  walk,
} from "./chain.ts"

type Server = Pick<Api, "call">

/** The newest root that this device has seen, and what it found when the server later showed another one. */
export interface Held {
  number: number
  root: string
  day: string
}
const isHeld = (value: unknown): value is Held =>
  isRecord(value) && typeof value["number"] === "number" && typeof value["root"] === "string" &&
  typeof value["day"] === "string"
const heldName = (account: number) => `1fin:root:${account}`
const alarmName = (account: number) => `1fin:root-alarm:${account}`
export const heldRoot = (account: number): Held | undefined => load(heldName(account), isHeld)
export const rootAlarm = (account: number): Held | undefined => load(alarmName(account), isHeld)
/** After somebody has looked into it. */
export const dismissRootAlarm = (account: number): void => {
  save(alarmName(account), undefined)
  save(heldName(account), undefined)
}

/** A root is made each day, and everything is verified each day: after so long one of them has been left out, with half a day for a server that was away. */
const late = 36 * 3_600_000

/** Whether what is done each day was done too long ago, in milliseconds since 1970. */
export const isLate = (at: number, now = Date.now()): boolean => !(now - at <= late)

/** Whether the roots have stopped coming: a server that makes none has nothing that can be held against it. */
export const rootIsLate = (root: Root, now = Date.now()): boolean => isLate(root.at / 1000, now)

/** As many roots as one answer has at most. */
const rootsPage = 400

function raise(account: number, alarm: Held): Held {
  save(alarmName(account), alarm)
  return alarm
}

/** Asks for the roots since the one that is remembered, holds them against it, and remembers the newest. */
export async function checkRoots(server: Server, account: number): Promise<{ newest?: Root; alarm?: Held }> {
  let newest: Root | undefined
  for (;;) {
    const held = heldRoot(account)
    // The remembered one comes first, so that it can be compared.
    const after = held ? `?after=${held.number - 1}` : ""
    const { roots } = await server.call<{ roots: Root[] }>("GET", `/integrity/roots${after}`)
    const broken = await brokenRoot(roots, held).catch(() => held?.number ?? 0)
    if (broken !== undefined) return { alarm: raise(account, held ?? { number: broken, root: "", day: "" }) }
    newest = roots.at(-1)
    if (!newest) return {}
    save(heldName(account), { number: newest.number, root: newest.root, day: newest.day })
    if (roots.length < rootsPage) return { newest }
  }
}

/** So many roots before the newest one: who writes history anew can seal it anew with the next root, but not with those that it follows. */
const before = [1, 7, 30]

/** The roots that topics are held against, the newest first: none before the firm's first day is over, and none with an alarm. */
export async function rootsToHold(server: Server, account: number): Promise<{ roots: Root[]; alarm?: Held }> {
  const { newest, alarm } = await checkRoots(server, account)
  if (alarm) return { roots: [], alarm }
  if (!newest) return { roots: [] }
  const after = Math.max(0, newest.number - Math.max(...before) - 1)
  const { roots } = await server.call<{ roots: Root[] }>("GET", `/integrity/roots?after=${after}`)
  const isWhole = await brokenRoot(roots).then(
    (broken) =>
      broken === undefined && roots[0]?.number === after + 1 && roots[newest.number - after - 1]?.root === newest.root,
    () => false,
  )
  if (!isWhole) {
    return { roots: [], alarm: raise(account, { number: newest.number, root: newest.root, day: newest.day }) }
  }
  return { roots: [newest, ...roots.filter((root) => before.includes(newest.number - root.number)).reverse()] }
}

/** What a topic is held against: roots that were checked, the newest first, and the head that this device has seen. */
export interface Known {
  roots: readonly Root[]
  head: { seq: number; hash: string } | undefined
}

/** Who writes the rows and who makes the roots may be two machines: so far apart may their clocks be, in microseconds. */
const clocksDiffer = 60_000_000

/**
 * Works a topic's chain out and holds it against `known`. `onRows` hears how far it is. Between two pages it ends, without a result, when
 * `signal` says so. Throws `ApiError` when the server doesn't answer.
 */
export async function checkTopic(
  server: Server,
  topic: number,
  known: Known,
  onRows: (rows: number) => void,
  signal: AbortSignal,
): Promise<Walk | undefined> {
  let now = await beginning(topic)
  const broken = (seq: number, reason: Fault): Walk => ({ ...now, fault: { seq, reason } })
  try {
    const seals: Seal[] = known.head ? [{ ...known.head, reason: "held" }] : []
    const without: Root[] = []
    for (const root of known.roots) {
      if (signal.aborted) return undefined
      const proof = await proofOf(server, topic, root)
      if (proof === "foreign") return broken(0, "root")
      if (proof && await treeOf(proof) !== root.tree) return broken(proof.seq, "tree")
      if (proof?.seq === 0 && proof.hash !== hex(now.hash)) return broken(0, "sealed")
      if (proof) seals.push({ seq: proof.seq, hash: proof.hash, reason: "sealed" })
      else without.push(root)
    }
    for (let more = true; more;) {
      if (signal.aborted) return undefined
      const page = await server.call<{ rows: ProofRow[]; more: boolean }>(
        "GET",
        `/integrity/topics/${topic}/rows?after=${now.seq}`,
      )
      const [first] = page.rows
      // What a root doesn't have must have begun after it.
      if (first?.seq === 1 && without.some((root) => first.at < root.at - clocksDiffer)) return broken(1, "tree")
      now = await walk(topic, page.rows, now, seals)
      if (now.fault) return now
      onRows(now.seq)
      more = page.more
      if (more && page.rows.length === 0) return broken(now.seq + 1, "answer")
    }
    return { ...finish(now, seals), isYoung: without.length === known.roots.length }
  } catch (raw) {
    if (raw instanceof ApiError) throw raw
    return broken(now.seq + 1, "answer")
  }
}

/** The proof that a topic stands in `root`, the only root that it may speak of; undefined when the topic is said to be younger. */
async function proofOf(server: Server, topic: number, root: Root): Promise<Proof | undefined | "foreign"> {
  try {
    const proof = await server.call<Proof>("GET", `/integrity/topics/${topic}/proof?root=${root.number}`)
    // A hash of the same fields: whatever else the answer calls its root is another one.
    if (proof.topic !== topic || hex(await rootHash(proof.root)) !== root.root) return "foreign"
    return { ...proof, root }
  } catch (raw) {
    if (raw instanceof ApiError && raw.status === 404) return undefined
    throw raw
  }
}
