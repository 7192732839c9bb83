import { meant, scaled, typed } from "../src/figures/draft.ts"
import { ticks } from "../src/figures/charts.tsx"
import { correctionText } from "../src/figures/lines.ts"
import { monthName, monthsAround, ofTarget, say, share, shareChange, shifted, span } from "../src/figures/words.ts"
import { check, equal } from "./assert.ts"

Deno.test("months go over the year's end", () => {
  equal(shifted("2026-12", 1), "2027-01")
  equal(shifted("2026-01", -1), "2025-12")
  equal(monthName("2026-11", "uz"), "2026-yil noyabr")
  equal(monthName("2026-11", "ru"), "Ноябрь 2026")
  // «Правила v2, с ноября 2026», «За ноябрь 2026»: no language begins a month with a capital letter inside a sentence, but English.
  equal(say("ru")("ruleVersion", { n: 2, month: monthName("2026-11", "ru", "since") }), "правила v2, с ноября 2026")
  equal(say("uz")("ruleVersion", { n: 2, month: monthName("2026-11", "uz", "since") }), "qoida v2, 2026-yil noyabrdan")
  equal(monthName("2026-05", "ru", "sentence"), "май 2026")
  equal(monthName("2026-05", "en", "sentence"), "May 2026")
  equal(span(40, say("uz")), "40 soniya")
})

Deno.test("shares are cut and never rounded up to a threshold", () => {
  const words = say("uz")
  equal(share(9499, words), "94,9 %")
  equal(share(9500, words), "95,0 %")
  equal(share(null, words), "—")
})

Deno.test("the change of a share is that of the shares as they are shown", () => {
  equal(shareChange(9496, 9500), "−0,1")
  equal(shareChange(9499, 9490), null)
  equal(shareChange(10_000, 9999), "+0,1")
  equal(shareChange(8000, 9500), "−15,0")
  equal([shareChange(null, 9500), shareChange(9500, undefined)], [null, null])
})

Deno.test("a miss by seconds is no hit to look at", () => {
  const words = say("en")
  equal(ofTarget(1820, 1800, words), "30 min 20 s / 30 min")
  equal(ofTarget(1790, 1800, words), "29 min 50 s / 30 min")
  equal(ofTarget(1800, 1800, words), "30 min / 30 min")
  equal(ofTarget(1900, 1800, words), "32 min / 30 min")
  equal(ofTarget(7205, 7200, words), "2 h 5 s / 2 h")
})

Deno.test("times in the words of the language", () => {
  equal(span(40, say("en")), "40 s")
  equal(span(24 * 60, say("uz")), "24 daq")
  equal(span(190 * 60, say("ru")), "3 ч 10 мин")
  equal(span(null, say("ru")), "—")
})

Deno.test("numbers are read without going through fractions", () => {
  equal(scaled("1,2", 4), 12_000)
  equal(scaled("95", 2), 9_500)
  check(Number.isNaN(scaled("99.995", 2)), "99.995")
  equal(scaled("4 000", 0), 4_000)
  equal(scaled("−30 000", 0), -30_000)
  equal(scaled("1.15", 4), 11_500)
  for (const wrong of ["", "x", "1e3", "1,2,3", "--1"]) check(Number.isNaN(scaled(wrong, 4)), wrong)
})

Deno.test("rules that are typed unchanged are the rules", () => {
  const rules = {
    documents: { minimum: 10, steps: [{ from: 0, value: 4000 }, { from: 300, value: 5000 }] },
    positive: { minimum: 0, steps: [{ from: 0, value: 20_000 }] },
    negative: { minimum: 0, steps: [{ from: 0, value: -30_000 }] },
    sla: { minimum: 9_050, steps: [{ from: 9_500, value: 12_000 }] },
    cap: 5_000_000,
  }
  equal(meant(typed(rules)), rules)
  equal(meant({ ...typed(rules), cap: "many" }), undefined)
  equal(meant(typed(undefined))?.cap, null)
})

Deno.test("an axis has whole numbers at its lines, a round step apart, and room for everything", () => {
  equal(ticks(4), [0, 1, 2, 3, 4])
  equal(ticks(5), [0, 2, 4, 6])
  equal(ticks(17), [0, 5, 10, 15, 20])
  equal(ticks(41), [0, 20, 40, 60])
  equal(ticks(0.3), [0, 1])
  for (let value = 0.5; value < 100_000; value *= 1.07) {
    const lines = ticks(value)
    check(lines.length >= 2 && lines.length <= 5, `${value}: ${lines}`)
    check(lines.every(Number.isInteger), `${value}: ${lines}`)
    check((lines.at(-1) ?? 0) >= value, `${value}: ${lines}`)
  }
})

Deno.test("rules can be made for half a year around, and for the month that they have", () => {
  const months = monthsAround("2026-11", "2026-12")
  equal([months[0], months.at(-1), months.length], ["2026-05", "2027-05", 13])
  equal(monthsAround("2026-11", "2024-01")[0], "2024-01")
})

Deno.test("what was put right is told with its sign", () => {
  const correction = { documents: 0, positive: 0, negative: 0, hits: 1, misses: -1, month: "2026-11", sum: 0 }
  equal(correctionText(correction, say("ru")), "ответы вовремя +1, опоздания −1")
})
