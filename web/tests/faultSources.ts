// What the servers' code says of faults, read off its source: both arguments of each `AuditFault`, and both columns
// of each statement that finds some.

export interface Said {
  places: Set<string>
  reasons: Set<string>
  /** Arguments in which no literal stands, to be known by name. */
  unread: Set<string>
}

const literal = /"((?:\\\((?:[^()]|\([^()]*\))*\)|\\.|[^"\\])*)"/g
const literals = (code: string): string[] =>
  [...code.matchAll(literal)].map((match) => (match[1] ?? "").replace(/\\\((?:[^()]|\([^()]*\))*\)/g, "7"))

/** The arguments of the call whose bracket opens at `at`. */
function callArguments(code: string, at: number): string[] {
  const found: string[] = []
  let [depth, quoted, from] = [0, false, at + 1]
  for (let i = at; i < code.length; i++) {
    const sign = code[i]
    // Brackets of an interpolation are balanced, so that they need no care.
    if (sign === '"') quoted = !quoted
    else if (sign === "(" || sign === "[") depth++
    else if (sign === ")" || sign === "]") depth--
    if ((sign === "," && depth === 1 && !quoted) || depth === 0) {
      found.push(code.slice(from, i).trim())
      from = i + 1
    }
    if (depth === 0) break
  }
  return found
}

/** An expression of SQL that makes a text: every text that it can make, with 7 in the place of each value. */
class Expression {
  private readonly tokens: string[]
  private at = 0

  constructor(sql: string) {
    this.tokens = sql.match(/'(?:[^']|'')*'|\|\||[(),]|[^\s'(),|]+/g) ?? []
  }

  /** The columns of a statement, up to its FROM. */
  columns(): string[][] {
    check(this.tokens[this.at++] === "SELECT")
    const found = [this.texts()]
    while (this.tokens[this.at] === ",") {
      this.at++
      found.push(this.texts())
    }
    check(this.tokens[this.at] === "FROM")
    return found
  }

  private texts(): string[] {
    let found = this.term()
    while (this.tokens[this.at] === "||") {
      this.at++
      const next = this.term()
      found = found.flatMap((begin) => next.map((end) => begin + end))
    }
    return found
  }

  private term(): string[] {
    const token = this.tokens[this.at] ?? ""
    if (token.startsWith("'")) {
      this.at++
      return [token.slice(1, -1).replaceAll("''", "'")]
    }
    if (token === "CASE") return this.choice()
    let depth = 0
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at] ?? ""
      if (depth === 0 && /^(?:\|\||[,)]|WHEN|THEN|ELSE|END|FROM)$/.test(token)) break
      if (token === "(") depth++
      if (token === ")") depth--
      this.at++
    }
    return ["7"]
  }

  private choice(): string[] {
    const found: string[] = []
    for (this.at++; this.tokens[this.at] !== "END"; this.at++) {
      check(this.at < this.tokens.length)
      if (this.tokens[this.at] !== "THEN" && this.tokens[this.at] !== "ELSE") continue
      this.at++
      found.push(...this.texts())
      this.at--
    }
    this.at++
    return found
  }
}

function check(holds: boolean): asserts holds {
  if (!holds) throw new Error("a statement of faults isn't as it was: teach faultSources.ts to read it")
}

const sources = new URL("../../Sources/", import.meta.url)
async function* files(folder: string): AsyncGenerator<[name: string, text: string]> {
  const path = new URL(folder, sources)
  for await (const entry of Deno.readDir(path)) {
    if (entry.name.endsWith(".swift")) yield [entry.name, await Deno.readTextFile(new URL(entry.name, path))]
  }
}

/** Everything that a check of the database can say. */
export async function saidOfFaults(): Promise<Said> {
  const said: Said = { places: new Set(), reasons: new Set(), unread: new Set() }
  const add = (to: Set<string>, argument: string) => {
    const found = literals(argument)
    if (found.length === 0) said.unread.add(argument)
    for (const one of found) to.add(one)
  }
  const reasons = (code: string) => {
    for (const match of code.matchAll(/(?:return|reason:|reason =) ("(?:\\.|[^"\\])*")/g)) {
      for (const one of literals(match[1] ?? "")) if (/^[a-z7].* /.test(one)) said.reasons.add(one)
    }
  }
  for (const folder of ["Storage/Audit/", "Audit/"]) {
    for await (const [name, code] of files(folder)) {
      for (const match of code.matchAll(/(?<!struct )\bAuditFault\(/g)) {
        const [place = "", reason = ""] = callArguments(code, match.index + match[0].length - 1)
        add(said.places, place)
        add(said.reasons, reason)
      }
      // Rows that the log vouches for are named by the tables that they stand in.
      for (const match of code.matchAll(/'[^\n]* AS place,/g)) {
        for (const one of new Expression(`SELECT ${match[0].replace(/ AS place,$/, "")} FROM`).columns()[0] ?? []) {
          said.places.add(one)
        }
      }
      if (name === "RootFile.swift") reasons(code)
      if (!name.startsWith("DatabaseAudit")) continue
      reasons(code)
      // Parts of the check that can't be read at all are places too; most are told by pairs of a name and a function.
      for (
        const match of code.matchAll(/(?:\bpart\(|\breading\(|\bplace = |\s\((?="[a-z ]+", \w+\)))("(?:\\.|[^"\\])*")/g)
      ) {
        add(said.places, match[1] ?? "")
      }
      for (const match of code.matchAll(/\bfaults\(\s*"""([\s\S]*?)"""/g)) {
        for (const statement of (match[1] ?? "").split(/\bUNION ALL\b/)) {
          const [place = [], reason = []] = new Expression(statement).columns()
          for (const one of place) said.places.add(one)
          for (const one of reason) said.reasons.add(one)
        }
      }
    }
  }
  for await (const [name, code] of files("Storage/TopicLog/")) if (name === "TopicLogVerify.swift") reasons(code)
  for await (const [name, code] of files("Storage/Oversight/")) {
    if (name !== "GhostLedgerVerify.swift") continue
    reasons(code)
    // The stays are held against the ledger by one statement, whose third column is the reason.
    const stays = /SELECT coalesce\(s\.seq[\s\S]*?"""/.exec(code)
    for (const one of new Expression(stays?.[0] ?? "").columns()[2] ?? []) said.reasons.add(`stay 7: ${one}`)
    said.reasons.delete("stay 7: 7")
  }
  return said
}
