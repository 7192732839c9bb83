import { en as enFirst } from "../src/shared/i18n/en.ts"
import {
  clock,
  countdown,
  date,
  dateTime,
  dayNumber,
  fill,
  isoDay,
  number,
  pluralForm,
  stir,
  toIsoDay,
  weekday,
} from "../src/shared/i18n/format.ts"
import { ru as ruFirst } from "../src/shared/i18n/ru.ts"
import { uz as uzFirst } from "../src/shared/i18n/uz.ts"
import { enPeople } from "../src/shared/i18n/enPeople.ts"
import { ruPeople } from "../src/shared/i18n/ruPeople.ts"
import { uzPeople } from "../src/shared/i18n/uzPeople.ts"
import { readFields } from "../src/shared/net/api.ts"
import { colour, fold, initials, linkify, wordDiff } from "../src/shared/text.ts"
import { uuid } from "../src/shared/uuid.ts"
import { search } from "../src/shared/ui/virtual.tsx"
import { check, equal } from "./assert.ts"

// With the words that come with pages that are loaded later.
const uz = { ...uzFirst, ...uzPeople }
const ru = { ...ruFirst, ...ruPeople }
const en = { ...enFirst, ...enPeople }
const dictionaries: Record<string, Record<string, string>> = { uz, ru, en }
const placeholders = (text: string) =>
  [...new Set([...text.matchAll(/\{(\w+)(?::|\})/g)].map((match) => match[1]))].sort()

Deno.test("every language has every word, none is empty, and all take the same values", () => {
  const keys = Object.keys(uz).sort()
  for (const [name, words] of Object.entries(dictionaries)) {
    equal(Object.keys(words).sort(), keys, name)
    for (const key of keys) {
      check((words[key] ?? "").trim() !== "", `${name} ${key} is empty`)
      equal(placeholders(words[key] ?? ""), placeholders((uz as Record<string, string>)[key] ?? ""), `${name} ${key}`)
    }
  }
})

Deno.test("every code of the protocol and of REST has a sentence of its own", () => {
  const codes =
    ("malformed unknown_verb not_found forbidden conflict case_closed client_waits too_late too_large unavailable offline " +
      "csrf cross_site timeout unauthenticated throttled invalid internal").split(" ")
  for (const [name, words] of Object.entries(dictionaries)) {
    for (const code of codes) check(words[`error.${code}`] !== undefined, `${name} ${code}`)
  }
})

Deno.test("plurals have as many forms as their language", () => {
  const forms = { uz: 1, ru: 3, en: 2 }
  for (const [name, words] of Object.entries(dictionaries)) {
    for (const [key, text] of Object.entries(words)) {
      for (const match of text.matchAll(/\{\w+:([^}]*)\}/g)) {
        equal(match[1]?.split("|").length, forms[name as keyof typeof forms], `${name} ${key}`)
      }
    }
  }
})

Deno.test("Uzbek is written with its own apostrophes", () => {
  for (const [key, text] of Object.entries(uz)) check(!/['’‘`]/.test(text), `${key}: ${text}`)
})

Deno.test("every word that the sources ask for exists", async () => {
  const known = new Set(Object.keys(uz))
  const walk = async (folder: string): Promise<void> => {
    for await (const entry of Deno.readDir(folder)) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory) await walk(path)
      else if (/\.tsx?$/.test(entry.name)) {
        for (const match of (await Deno.readTextFile(path)).matchAll(/\bt\("([a-zA-Z][\w.]*)"/g)) {
          check(known.has(match[1] ?? ""), `${path}: ${match[1]}`)
        }
      }
    }
  }
  await walk(new URL("../src", import.meta.url).pathname)
})

Deno.test("plural forms", () => {
  equal([1, 2, 5, 11, 12, 21, 22, 25, 101, 111].map((n) => pluralForm(n, "ru")), [0, 1, 2, 2, 2, 0, 1, 2, 0, 2])
  equal([0, 1, 2].map((n) => pluralForm(n, "en")), [1, 0, 1])
  equal(fill("{n} {n:день|дня|дней}", { n: 23 }, "ru"), "23 дня")
  equal(fill("{who}: {n}", { who: "<b>", n: 12450000 }, "uz"), "<b>: 12\u00a0450\u00a0000")
})

Deno.test("dates are Tashkent's, whatever the machine thinks", () => {
  const late = Date.parse("2026-11-20T19:30:00Z")
  equal(dateTime(late), "21.11.2026 00:30")
  equal(date(Date.parse("2026-11-20T18:59:59Z")), "20.11.2026")
  equal(isoDay(late), "2026-11-21")
  equal(dayNumber(late) - dayNumber(late - 60 * 60_000), 1)
  equal([weekday(late, "uz"), weekday(late, "ru")], ["shanba", "суббота"])
})

Deno.test("typed days", () => {
  equal(["21.11.2026", " 1.2.2026 ", "2026-11-21", "31.02.2026", "21.11.26", "x", ""].map(toIsoDay), [
    "2026-11-21",
    "2026-02-01",
    "2026-11-21",
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

Deno.test("numbers, STIR, clocks", () => {
  equal(number(-1234567.5), "−1\u00a0234\u00a0567,5")
  equal(stir("305482917"), "305\u00a0482\u00a0917")
  equal([clock(18 * 60_000), clock(26 * 3_600_000)], ["0:18", "26:00"])
  equal([countdown(1_799_001), countdown(-5)], ["30:00", "00:00"])
})

Deno.test("only web addresses and mail become links, without a sentence's punctuation", () => {
  const links = (text: string) => linkify(text).filter((piece) => piece.href).map((piece) => piece.href)
  equal(links("Qarang: https://a.uz/x?y=1, va www.b.uz. (https://c.uz/(d))"), [
    "https://a.uz/x?y=1",
    "https://www.b.uz",
    "https://c.uz/(d)",
  ])
  equal(links("javascript:alert(1) data:text/html,x file:///etc ftp://a.b"), [])
  equal(links("yozing: hisob@firma.uz!"), ["mailto:hisob@firma.uz"])
  equal(links("— -hisob@firma.uz, a+b.c@d-e.f.uz; @a.uz a@b .@c.uz x@y.1"), [
    "mailto:hisob@firma.uz",
    "mailto:a+b.c@d-e.f.uz",
  ])
  equal(links("(www.a.uz/(b)c)). http:// https://)"), ["https://www.a.uz/(b)c"])
  equal(links("https://a.uz/x@y.uz www.a.uz/?q=http://b.uz"), [
    "https://a.uz/x@y.uz",
    "https://www.a.uz/?q=http://b.uz",
  ])
  const text = "<a href='https://x.uz'>«https://y.uz»</a>"
  equal(linkify(text).map((piece) => piece.text).join(""), text, "nothing is lost")
})

Deno.test("hostile text a hundred times as long as a message costs no more than its length", () => {
  // Quadratic in any of these means minutes to hours: the test would never end.
  const n = 1_600_000
  const part = (piece: string) => piece.repeat(Math.floor(n / piece.length))
  for (
    const text of [
      "http://" + part(")"),
      "http://" + part("()"),
      "http://a" + part(".'"),
      part("a."),
      part("a"),
      part("+-"),
      "a@" + part("a."),
      "a@" + part("a"),
      part("a@"),
      part("a@b.1"),
      part("www."),
      part("http://"),
      part("1 111"),
      part("1"),
      part(" "),
    ]
  ) {
    equal(linkify(text).reduce((sum, piece) => sum + piece.text.length, 0), text.length, text.slice(0, 20))
    check(fold(text).length <= text.length, text.slice(0, 20))
  }
})

Deno.test("what changed between versions, word by word", () => {
  equal(wordDiff("summa 12 540 000 soʻm", "summa 12 450 000 soʻm"), [
    { text: "summa ", kind: "same" },
    { text: "12 540 000", kind: "removed" },
    { text: "12 450 000", kind: "added" },
    { text: " soʻm", kind: "same" },
  ])
  for (const [a, b] of [["", "x"], ["a b", ""], ["a b c", "c b a"], ["bir\nikki", "bir ikki"]] as const) {
    const diff = wordDiff(a, b)
    equal(diff.filter((part) => part.kind !== "added").map((part) => part.text).join(""), a)
    equal(diff.filter((part) => part.kind !== "removed").map((part) => part.text).join(""), b)
  }
})

Deno.test("searching folds case and apostrophes", () => {
  equal(fold("  Navro‘z  TEKSTIL "), fold("navro'z tekstil"))
  equal(fold("Счёт"), "счет")
})

Deno.test("initials and colours", () => {
  equal([initials("Dilnoza Karimova"), initials("«Baraka» Market"), initials("Ali"), initials("")], [
    "DK",
    "BM",
    "AL",
    "?",
  ])
  check([...Array(100).keys()].every((id) => colour(id) >= 1 && colour(id) <= 6), "one of six")
})

Deno.test("keys are UUIDs of version 4", () => {
  check(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid()), "shape")
  check(uuid() !== uuid(), "random")
})

Deno.test("field errors are read in either shape", () => {
  equal(readFields({ name: "taken", stir: ["bad"] }), { name: "taken", stir: "bad" })
  equal(readFields([{ field: "login", code: "taken" }]), { login: "taken" })
  equal(readFields(null), {})
})

Deno.test("the virtual list finds the row at a height", () => {
  const offsets = Float64Array.of(0, 10, 30, 60)
  equal([-5, 0, 9, 10, 29, 30, 59, 60, 999].map((at) => search(offsets, at)), [0, 0, 0, 1, 1, 2, 2, 2, 2])
  equal(search(Float64Array.of(0), 5), 0)
})
