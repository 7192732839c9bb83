// What each accountant gets, line by line with its formula; doubts and answers. An accountant sees the own bonus only.
import { type ReactNode, useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { useAnswer } from "../shared/answer.ts"
import { number } from "../shared/i18n/format.ts"
import { Avatar, Empty } from "../shared/ui/basics.tsx"
import { Sheet } from "./bonusSheet.tsx"
import { type Bonuses, lines } from "./data.ts"
import { lineHeads } from "./lines.ts"
import { Pane, StateTag } from "./pane.tsx"
import { type Opened, RowsDialog } from "./rowsDialog.tsx"
import { useSay } from "./words.ts"

export function BonusPane({ month, chooser, admin }: { month: string; chooser: ReactNode; admin: boolean }) {
  const words = useSay()
  const { api } = useApp()
  const asked = useAnswer(useCallback(() => api.call<Bonuses>("GET", `/bonus?month=${month}`), [api, month]))
  const [chosen, setChosen] = useState<number>()
  const [opened, setOpened] = useState<Opened>()
  const found = asked.value
  const item = found?.items.find((one) => one.account.id === chosen) ?? found?.items[0]
  return (
    <Pane
      title="bonuses"
      tag={found ? <StateTag state={found.state} /> : null}
      chooser={chooser}
      asked={asked}
      lines={6}
      testid="bonus-page"
      over={opened ? <RowsDialog opened={opened} onClose={() => setOpened(undefined)} /> : null}
    >
      {(found) =>
        !item
          ? <Empty icon="star" title={words("empty")} text={words("emptyText")} testid="bonus-empty" />
          : (
            <div className="figures__body">
              {found.items.length > 1 || admin
                ? (
                  <section className="card">
                    <div className="tablewrap">
                      <table className="table table--read" data-testid="bonuses">
                        <thead>
                          <tr>
                            <th scope="col">{words("person")}</th>
                            {lines.map((line) => <th key={line} scope="col" className="r">{words(lineHeads[line])}
                            </th>)}
                            <th scope="col" className="r">{words("sum")}</th>
                          </tr>
                        </thead>
                        <tbody>
                          {found.items.map((one) => (
                            <tr key={one.account.id} data-open={one === item || undefined}>
                              <td>
                                <span className="row">
                                  <Avatar id={one.account.id} name={one.account.name} size={20} />
                                  <button type="button" className="link cut" onClick={() => setChosen(one.account.id)}>
                                    {one.account.name}
                                  </button>
                                  {one.contests.some((contest) => !contest.answer)
                                    ? <span className="tag tag--warn">{words("contested")}</span>
                                    : null}
                                </span>
                              </td>
                              {lines.map((line) => (
                                <td key={line} className="r num" data-label={words(lineHeads[line])}>
                                  {number(one.bonus[line].sum)}
                                </td>
                              ))}
                              <td className="r num b">{number(one.paid)}</td>
                            </tr>
                          ))}
                        </tbody>
                      </table>
                    </div>
                  </section>
                )
                : null}
              <Sheet found={found} item={item} admin={admin} open={setOpened} reload={asked.reload} />
            </div>
          )}
    </Pane>
  )
}
