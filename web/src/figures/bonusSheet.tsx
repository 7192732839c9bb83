// An accountant's bonus of a month, line by line with its formula and what was put right in it.
import { useState } from "react"
import { useApp } from "../chat/context.tsx"
import { number } from "../shared/i18n/format.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { type Bonuses, type BonusItem, type Correction, type FigureKind, type Line, lines } from "./data.ts"
import { DoubtForm, Doubts } from "./doubts.tsx"
import { correctionText, factorText, lineWords, signed } from "./lines.ts"
import type { Opened } from "./rowsDialog.tsx"
import { monthName, type Say, share, shifted, useSay } from "./words.ts"

const lineFigures: Record<Line, FigureKind> = {
  documents: "documents",
  positive: "ratings",
  negative: "ratings",
  sla: "hits",
}

/** `412 × 4 000`, or `96,2 % → × 1,2`. */
function formula(item: BonusItem, line: Line, words: Say): string {
  if (line === "sla") return `${share(item.bonus.sla.share, words)} → × ${factorText(item.bonus.sla.factor)}`
  const { count, rate } = item.bonus[line]
  return `${number(count)} × ${number(rate)}`
}

interface SheetProps {
  found: Bonuses
  item: BonusItem
  admin: boolean
  open: (opened: Opened) => void
  reload: () => void
}
export function Sheet({ found, item, admin, open, reload }: SheetProps) {
  const words = useSay()
  const { session } = useApp()
  const [doubted, setDoubted] = useState<Line>()
  const own = item.account.id === session.account.id
  const before = monthName(shifted(found.month, -1), words.language, "sentence")
  const counts: Record<Line, number> = {
    documents: item.bonus.documents.count,
    positive: item.bonus.positive.count,
    negative: item.bonus.negative.count,
    sla: item.bonus.sla.hits,
  }
  const waits = (line: Line) =>
    item.contests.find((contest) => contest.month === found.month && contest.line === line && !contest.answer)
  const corrections = (line: Line): Correction[] =>
    item.contests.filter((one) => one.line === line && one.answer?.correction?.month === found.month)
      .filter((one) => one.month === found.month)
      .flatMap((one) => one.answer?.correction ?? [])
  return (
    <section className="card" data-testid="bonus-sheet">
      <div className="card__h">
        <h3>{words("bonusOf", { name: item.account.name })}</h3>
        <span className="s12 t3">
          {found.rules
            ? words("ruleVersion", {
              n: found.rules.version,
              month: monthName(found.rules.month, words.language, "since"),
            })
            : words("noRules")}
        </span>
      </div>
      <div className="tablewrap">
        <table className="table table--read figures__sheet">
          <thead>
            <tr>
              <th scope="col">{words("basis")}</th>
              <th scope="col">{words("formula")}</th>
              <th scope="col" className="r">{words("sum")}</th>
              <th scope="col">{words("from")}</th>
              {own
                ? (
                  <th scope="col">
                    <span className="sr">{words("contest")}</span>
                  </th>
                )
                : null}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line} data-doubt={waits(line) !== undefined || undefined} data-testid={`line-${line}`}>
                <td>
                  <span className="row">
                    {words(lineWords[line])}
                    {waits(line)
                      ? (
                        <span className="tag tag--warn">
                          <Icon name="alert" size={12} />
                          {words("contested")}
                        </span>
                      )
                      : null}
                  </span>
                </td>
                <td className="t3 num" data-label={words("formula")}>
                  {formula(item, line, words)}
                  {corrections(line).length === 0 ? null : (
                    <span className="figures__fix" data-testid={`fix-${line}`}>
                      {words("measuredAnd", {
                        text: corrections(line).map((one) => correctionText(one, words)).join(", "),
                      })}
                    </span>
                  )}
                </td>
                <td className="r num" data-label={words("sum")}>{number(item.bonus[line].sum)}</td>
                <td>
                  <button
                    type="button"
                    className="link"
                    data-testid={`from-${line}`}
                    onClick={() =>
                      open({
                        figure: lineFigures[line],
                        month: found.month,
                        filter: `&account=${item.account.id}`,
                        name: item.account.name,
                        fixes: item.contests.filter((one) =>
                          one.line === line && one.month === found.month && one.answer?.correction
                        ),
                      })}
                  >
                    {words("rowsCount", { n: counts[line] })}
                    <Icon name="right" size={12} />
                  </button>
                </td>
                {own
                  ? (
                    <td className="r">
                      {found.contestable && !waits(line)
                        ? (
                          <button
                            type="button"
                            className="link"
                            data-testid={`contest-${line}`}
                            onClick={() => setDoubted(line)}
                          >
                            {words("contest")}
                          </button>
                        )
                        : null}
                    </td>
                  )
                  : null}
              </tr>
            ))}
            <tr className="figures__sum">
              <td className="b">{words("total")}</td>
              <td className="t3 num">
                ({lines.slice(0, 3).map((line) => number(item.bonus[line].sum)).join(" + ")}) ×{" "}
                {factorText(item.bonus.sla.factor)}
                {item.bonus.total < item.bonus.uncapped ? `, ${words("cap")} ${number(item.bonus.total)}` : ""}
              </td>
              <td className="r num b" data-testid="bonus-total">{number(item.bonus.total)}</td>
              <td />
              {own ? <td /> : null}
            </tr>
            {item.carried === 0 ? null : (
              <tr>
                <td>{words("carried", { month: before })}</td>
                <td className="t3">{words("carriedWhy")}</td>
                <td className="r num" data-testid="bonus-carried">{signed(item.carried)}</td>
                <td />
                {own ? <td /> : null}
              </tr>
            )}
            {item.brought === 0 ? null : (
              <tr>
                <td>{words("brought", { month: before })}</td>
                <td className="t3">{words("broughtWhy")}</td>
                <td className="r num" data-testid="bonus-brought">{signed(item.brought)}</td>
                <td />
                {own ? <td /> : null}
              </tr>
            )}
            {item.carried === 0 && item.brought === 0 ? null : (
              <tr className="figures__sum">
                <td className="b">{words("paid")}</td>
                <td className="t3 num">
                  {item.rest === 0 ? "" : words("rest", { sum: number(item.rest) })}
                </td>
                <td className="r num b" data-testid="bonus-paid">{number(item.paid)}</td>
                <td />
                {own ? <td /> : null}
              </tr>
            )}
            {item.salary === undefined || item.salary === null ? null : (
              <tr>
                <td className="t2">{words("salary")}</td>
                <td />
                <td className="r num">{number(item.salary)}</td>
                <td />
                {own ? <td /> : null}
              </tr>
            )}
          </tbody>
        </table>
      </div>
      <Doubts contests={item.contests} month={found.month} admin={admin} reload={reload} />
      {doubted
        ? (
          <DoubtForm
            line={doubted}
            month={found.month}
            onClose={() => setDoubted(undefined)}
            onDone={() => {
              setDoubted(undefined)
              reload()
            }}
          />
        )
        : null}
    </section>
  )
}
