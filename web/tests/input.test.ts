// What is typed and chosen: days whose dots come by themselves, a choice by its arrows, filters that say what they narrow.

import { listPath, watchers } from "../src/oversight/data.ts"
import { toIsoDay } from "../src/shared/i18n/format.ts"
import { target } from "../src/shared/ui/choice.tsx"
import { dotted } from "../src/shared/ui/dayText.ts"
import { placeOf } from "../src/shared/ui/place.ts"
import { narrowed } from "../src/shared/ui/filters.tsx"
import { equal } from "./assert.ts"

/** Types sign by sign, and gives what stands there at the end. */
const type = (signs: string, from = "") =>
  [...signs].reduce((text, sign) => dotted(text + sign, text, true).slice(0, 10), from)

Deno.test("a day is typed with digits alone, and its dots come by themselves", () => {
  equal(["2", "27", "270", "2703", "27032026"].map((signs) => type(signs)), [
    "2",
    "27.",
    "27.0",
    "27.03.",
    "27.03.2026",
  ])
  // Whoever types them has them once.
  equal(["27.03.2026", "27/03/2026", "1.3.2026", "1.12.2026", "1..3"].map((signs) => type(signs)), [
    "27.03.2026",
    "27.03.2026",
    "1.3.2026",
    "1.12.2026",
    "1.3",
  ])
  equal(type("27.03.20265"), "27.03.2026")
})

Deno.test("whoever takes away, corrects or pastes isn't fought", () => {
  equal(dotted("27", "27.", true), "27")
  equal(dotted("7.03.2026", "27.03.2026", true), "7.03.2026")
  equal(dotted("227.03.2026", "27.03.2026", false), "227.03.2026")
  equal(dotted("27032026", "", true), "27.03.2026")
  equal(dotted("2026-03-27", "", true), "2026-03-27")
  equal(dotted("kecha", "", true), "kecha")
})

Deno.test("a day of eight digits is one, and no other", () => {
  equal(["27032026", "27.03.2026", "7.3.2026", "2026-03-27"].map(toIsoDay), [
    "2026-03-27",
    "2026-03-27",
    "2026-03-07",
    "2026-03-27",
  ])
  equal(["30022026", "2703202", "270320261", "20260327"].map(toIsoDay), [undefined, undefined, undefined, undefined])
})

Deno.test("arrows go round a choice, and other keys leave it", () => {
  equal(["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "Home", "End"].map((key) => target(key, 2, 3)), [
    0,
    0,
    1,
    1,
    0,
    2,
  ])
  equal([target("ArrowLeft", 0, 3), target("Enter", 0, 3), target("a", 1, 3)], [2, undefined, undefined])
})

Deno.test("a field's list stands in what is in sight, beneath the field or above it", () => {
  const field = { left: 8, width: 200, top: 400, bottom: 440 }
  const whole = { top: 0, bottom: 800, height: 800 }
  equal(placeOf(field, whole), { left: 8, width: 200, maxHeight: 264, top: 444 })
  // A keyboard covers what is beneath the field.
  equal(placeOf(field, { ...whole, bottom: 460 }), { left: 8, width: 200, maxHeight: 264, bottom: 404 })
  // The page is zoomed, and its upper part is out of sight.
  equal(placeOf(field, { top: 380, bottom: 600, height: 800 }), { left: 8, width: 200, maxHeight: 148, top: 444 })
  equal([placeOf(field, { ...whole, top: 440 }), placeOf(field, { ...whole, bottom: 400 })], [undefined, undefined])
})

Deno.test("whoever ever watched can be chosen, also when nobody's role lets them today", () => {
  const user = (id: number, name: string, role: "supervisor" | "accountant") => ({
    id,
    name,
    login: name,
    language: "uz" as const,
    disabled: false,
    memberships: [{ id, role }],
  })
  const stay = (id: number, name: string) => ({ watcher: { id, name } })
  const users = [user(1, "Gulnora", "supervisor"), user(2, "Nodira", "accountant")]
  equal(watchers([stay(3, "Bahrom"), stay(1, "Gulnora"), stay(3, "Bahrom")], users), [
    { id: 3, name: "Bahrom" },
    { id: 1, name: "Gulnora" },
  ])
  // One of the two answers is better than none.
  equal(watchers([], users), [{ id: 1, name: "Gulnora" }])
  equal(watchers([stay(3, "Bahrom")], undefined), [{ id: 3, name: "Bahrom" }])
})

Deno.test("a filter is narrowed and widened by one of its names", () => {
  const filter: { account?: string; from?: string } = { account: "5" }
  equal(narrowed(filter, "from", "2026-11-01"), { account: "5", from: "2026-11-01" })
  equal(narrowed(filter, "account", ""), {})
  equal(listPath("/unanswered", { way: "silent" }, "9"), "/unanswered?way=silent&limit=50&cursor=9")
})
