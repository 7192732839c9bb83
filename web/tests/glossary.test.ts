// One thing has one name in each language (docs/glossary.md), and nothing that the servers find is left in English on a page of another language.
import { faultPlace, faultReason, places, reasons } from "../src/audit/faults.ts"
import { detailName } from "../src/audit/detailWords.ts"
import { check, equal } from "./assert.ts"

/** Words that were once used for what has another name. */
const retired = [
  /supervizor/i,
  /murojaat(?!\s+qil)/i,
  /qoralandi/i,
  /kalendari/i,
  /супервизор/i,
  /руководител[ья] отдела/i,
  /обращени/i,
  /юридический запрет/i,
  /уничтожени/i,
]

async function* sources(folder: URL): AsyncGenerator<[name: string, text: string]> {
  for await (const entry of Deno.readDir(folder)) {
    const path = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder)
    if (entry.isDirectory) yield* sources(path)
    else if (/\.tsx?$/.test(entry.name)) yield [entry.name, await Deno.readTextFile(path)]
  }
}

Deno.test("no page calls a thing by a name that was given up", async () => {
  for await (const [name, text] of sources(new URL("../src/", import.meta.url))) {
    for (const word of retired) {
      const found = word.exec(text)
      check(found === null, `${name}: ${found?.[0]}`)
    }
  }
})

/** What the servers' code says of a fault, with something in the place of each value. */
async function said(): Promise<string[]> {
  const storage = new URL("../../Sources/Storage/", import.meta.url)
  const files = "DatabaseAudit DatabaseAuditActions DatabaseAuditMonths DatabaseAuditProjections".split(" ")
    .map((name) => `Audit/${name}.swift`).concat("TopicLog/TopicLogVerify.swift", "Oversight/GhostLedgerVerify.swift")
  const found: string[] = []
  for (const file of files) {
    const text = await Deno.readTextFile(new URL(file, storage))
    const sentence = /(?:return|reason:|AuditFault\("[^"]+",) "([^"]+)"/g
    for (const match of text.matchAll(sentence)) found.push(match[1] ?? "")
    // Of statements: 'it stands at ' || m.seq || ', past the end of the log'
    for (
      const match of text.matchAll(
        /'(?:it|its|no|there|a key|the step)\b(?:[^'\n]|'')*'(?: \|\| (?:[^'\n|]*[^'\n| ]|'(?:[^'\n]|'')*'))*/g,
      )
    ) {
      found.push(
        match[0].split(" || ").map((part) => /^'(.*)'/.exec(part)?.[1]?.replaceAll("''", "'") ?? "7").join(""),
      )
    }
  }
  return found.map((one) => one.replace(/\\\((?:[^()]|\([^()]*\))*\)/g, "7").trim())
}

Deno.test("what a check of the database finds is said in every language", async () => {
  const all = (await said()).filter((one) => !/^(?:stay 7: 7|7)$/.test(one))
  check(all.length > 40, `${all.length} sentences are read`)
  for (const one of all) {
    // A statement may make its sentence of two parts that begin in different ways.
    const whole = / (?:and|when)$/.test(one)
      ? `${one} root 7 of 2026-11-21 sealed it`
      : one.replace(/isn't 7+$/, "isn't 7, open")
    const uz = faultReason(whole, "uz")
    const stay = faultReason(`stay 7: ${whole}`, "uz")
    check(uz !== whole || stay !== `stay 7: ${whole}`, `nobody says it in Uzbek: ${whole}`)
    equal(faultReason(whole, "en"), whole)
  }
  for (const [en, uz, ru] of [...places, ...reasons]) {
    const values = (text: string) => [...text.matchAll(/\{\w\}/g)].map((match) => match[0]).sort()
    equal(values(uz), values(en), uz)
    equal(values(ru), values(en), ru)
    check(!/['’‘`]/.test(uz), uz)
  }
  equal(faultPlace("topic 12, row 7", "ru"), "тема 12, строка 7")
  equal(faultPlace("ghost ledger", "uz"), "kuzatuvlar daftari")
  equal(
    faultReason("the step to row 9 begins at 3 and not at 4", "uz"),
    "9-qatorgacha qadam 4 dan emas, 3 dan boshlanadi",
  )
  equal(faultReason("something nobody has heard of", "ru"), "something nobody has heard of")
  equal([detailName("reason", "uz"), detailName("reason", "ru"), detailName("noSuchName", "ru")], [
    "sabab",
    "причина",
    "noSuchName",
  ])
})
