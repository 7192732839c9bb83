// Nothing that a check of the database finds is left in English on a page of another language.
import { faultPlace, faultReason, places, reasons } from "../src/audit/faults.ts"
import { check, equal } from "./assert.ts"
import { saidOfFaults } from "./faultSources.ts"

/** Arguments of which something else says what they can be. */
const known = ["place", "reason", "fault.reason", "$0", "$1", "try $0.decode(at: 0)", "try $0.decode(at: 1)"]

Deno.test("what a check of the database finds is said in every language, and nothing else is", async () => {
  const said = await saidOfFaults()
  for (const one of said.unread) check(known.includes(one), `an argument of a fault that nobody can read: ${one}`)
  check(said.places.size > 20 && said.reasons.size > 60, `${said.places.size} places, ${said.reasons.size} reasons`)
  for (const one of said.places) {
    for (const language of ["uz", "ru"] as const) {
      check(faultPlace(one, language) !== one, `nobody says this place in ${language}: ${one}`)
    }
    equal(faultPlace(one, "en"), one)
  }
  for (const one of said.reasons) {
    for (const language of ["uz", "ru"] as const) {
      const told = faultReason(one, language)
      check(told !== one && !/[a-z]{2}/.test(language === "ru" ? told : ""), `nobody says this in ${language}: ${one}`)
    }
    equal(faultReason(one, "en"), one)
  }
  // What stands here and is said by nobody any more goes.
  const ru = new Set([...said.places].map((one) => faultPlace(one, "ru")))
  for (const one of said.reasons) ru.add(faultReason(one, "ru").replace(/^наблюдение 7: /, ""))
  for (const [en, , text] of [...places, ...reasons]) {
    check(en === "stay {a}: {reason}" || ru.has(text.replace(/\{\w+\}/g, "7")), `no server says it: ${en}`)
  }
})

Deno.test("a fault's sentence keeps its values in every language", () => {
  for (const [en, uz, ru] of [...places, ...reasons]) {
    const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map((match) => match[0]).sort()
    equal(values(uz), values(en), uz)
    equal(values(ru), values(en), ru)
    check(!/['’‘`]/.test(uz), uz)
  }
  for (const among of [places, reasons]) equal(new Set(among.map(([en]) => en)).size, among.length)
  equal(faultPlace("topic 12, row 7", "ru"), "тема 12, строка 7")
  equal(faultPlace("ghost ledger", "uz"), "kuzatuvlar daftari")
  equal(faultPlace("root file root-2026-11-21 copy.json", "ru"), "файл корня root-2026-11-21 copy.json")
  equal(faultPlace("topic 12, something new", "ru"), "topic 12, something new")
  equal(
    faultReason("the step to row 9 begins at 3 and not at 4", "uz"),
    "9-qatorgacha qadam 4 dan emas, 3 dan boshlanadi",
  )
  equal(faultReason("stay 4: its own row is gone", "ru"), "наблюдение 4: собственная запись исчезла")
  equal(faultReason("something nobody has heard of", "ru"), "something nobody has heard of")
})
