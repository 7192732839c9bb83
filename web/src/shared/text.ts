// Small pure things about text: folding for search, initials, colours, links, word differences.

/** For searching: lower case, all apostrophes alike, spaces single. */
export function fold(text: string): string {
  return text.toLowerCase().replace(/['’‘`ʻʼ´]/g, "").replace(/ё/g, "е").replace(/\s+/g, " ").trim()
}

export function initials(name: string): string {
  const words = name.replace(/[«»"'“”]/g, "").split(/\s+/).filter(Boolean)
  const first = [...(words[0] ?? "?")]
  const second = words.length > 1 ? [...(words[1] ?? "")][0] : first[1]
  return ((first[0] ?? "?") + (second ?? "")).toUpperCase()
}

/** One of the six avatar colours, always the same for the same id. */
export function colour(id: number): number {
  return Math.abs(id) % 6 + 1
}

export type Piece = { text: string; href?: string }

// Anybody may send 16,000 characters of anything: every part is scanned a bounded number of times. A mail address begins only
// where its run of characters does, or each of them would begin another scan of the rest.
const linkPattern =
  /\b(?:https?:\/\/|www\.)[^\s<>"«»]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[a-z]{2,63}\b/gi

/** Where an address ends: a sentence's own punctuation is no part of it; a bracket is, when it was opened inside. */
function addressEnd(found: string): number {
  let open = 0
  for (const char of found) {
    if (char === "(") open++
    else if (char === ")") open--
  }
  let end = found.length
  for (; end > 0; end--) {
    const last = found[end - 1] ?? ""
    if (last === ")" && open < 0) open++
    else if (!/[.,;:!?'’]/.test(last)) break
  }
  return end
}

/** Splits a text into plain pieces and links. Only http, https and mailto ever become links. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const match of text.matchAll(linkPattern)) {
    const mail = !/^(?:https?:|www\.)/i.test(match[0])
    // A dash or a dot before an address is the sentence's.
    const skip = mail ? /^[.+-]*/.exec(match[0])?.[0].length ?? 0 : 0
    const start = match.index + skip
    const found = mail ? match[0].slice(skip) : match[0].slice(0, addressEnd(match[0]))
    if (mail && found.startsWith("@")) continue
    const href = mail ? `mailto:${found}` : /^http/i.test(found) ? found : `https://${found}`
    if (!mail && !URL.canParse(href)) continue
    if (start > end) pieces.push({ text: text.slice(end, start) })
    pieces.push({ text: found, href })
    end = start + found.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end) })
  return pieces
}

export interface Diff {
  text: string
  kind: "same" | "added" | "removed"
}

/** Words and the spaces between them; 12 450 000 is one word. */
const words = (text: string): string[] => text.match(/\d+(?:[ \u00a0]\d{3})+(?!\d)|\s+|\S+/g) ?? []

/** The words that differ between two versions, spaces kept. Very long texts are compared as a whole. */
export function wordDiff(before: string, after: string): Diff[] {
  const a = words(before)
  const b = words(after)
  if (a.length * b.length > 1_000_000) {
    return [{ text: before, kind: "removed" as const }, { text: after, kind: "added" as const }]
  }
  const width = b.length + 1
  const table = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] = a[i] === b[j]
        ? (table[(i + 1) * width + j + 1] ?? 0) + 1
        : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0)
    }
  }
  const diff: Diff[] = []
  const push = (text: string, kind: Diff["kind"]) => {
    const last = diff[diff.length - 1]
    if (last && last.kind === kind) last.text += text
    else diff.push({ text, kind })
  }
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      push(a[i] ?? "", "same")
      i++
      j++
    } else if (
      i < a.length && (j >= b.length || (table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0))
    ) {
      push(a[i++] ?? "", "removed")
    } else {
      push(b[j++] ?? "", "added")
    }
  }
  return diff
}
