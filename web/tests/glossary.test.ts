// One thing has one name in each language (docs/glossary.md).
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

Deno.test("a detail of the log that nobody has named is shown as it is", () => {
  equal([detailName("reason", "uz"), detailName("reason", "ru"), detailName("noSuchName", "ru")], [
    "sabab",
    "причина",
    "noSuchName",
  ])
})
