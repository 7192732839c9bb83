// What accountants are paid without their bonus.
import { type ReactNode, useCallback, useState } from "react"
import { FormDialog } from "../admin/form.tsx"
import { useApp } from "../chat/context.tsx"
import { useAnswer } from "../shared/answer.ts"
import type { Page } from "../shared/list.ts"
import { useT } from "../shared/i18n/index.tsx"
import { number } from "../shared/i18n/format.ts"
import { Avatar, Empty, IconButton } from "../shared/ui/basics.tsx"
import { Field } from "../shared/ui/field.tsx"
import { type MonthState, type Salary } from "./data.ts"
import { scaled } from "./draft.ts"
import { Pane, StateTag } from "./pane.tsx"
import { monthName, useSay } from "./words.ts"

export function SalariesPane({ month, chooser }: { month: string; chooser: ReactNode }) {
  const t = useT()
  const words = useSay()
  const { api } = useApp()
  const asked = useAnswer(useCallback(async () => {
    const [salaries, months] = await Promise.all([
      api.call<Page<Salary>>("GET", `/salaries?month=${month}`),
      api.call<Page<MonthState>>("GET", "/months"),
    ])
    // Months are closed in their order: what lies before a closed one is closed with it.
    const isClosed = months.items.some((one) => one.state === "closed" && one.month >= month)
    return { items: salaries.items, state: isClosed ? "closed" : "open" } as const
  }, [api, month]))
  const [changed, setChanged] = useState<Salary>()
  const [amount, setAmount] = useState("")
  const dialog = changed
    ? (
      <FormDialog
        title={changed.account.name}
        check={() => ({ amount: Number.isNaN(scaled(amount, 0)) ? words("invalid") : undefined })}
        send={() =>
          api.call("PUT", `/salaries/${changed.account.id}`, {
            version: changed.version,
            month,
            amount: scaled(amount, 0),
          })}
        onClose={() => setChanged(undefined)}
        onDone={() => {
          setChanged(undefined)
          asked.reload()
        }}
        testid="salary-form"
      >
        {(errors) => (
          <Field
            label={`${words("amount")}, ${monthName(month, t.language)}`}
            inputMode="numeric"
            value={amount}
            error={errors["amount"]}
            testid="salary-amount"
            onChange={(event) => setAmount(event.target.value)}
          />
        )}
      </FormDialog>
    )
    : null
  return (
    <Pane
      title="salaries"
      tag={asked.value ? <StateTag state={asked.value.state} testid="month-state" /> : null}
      chooser={chooser}
      asked={asked}
      lines={6}
      testid="salaries-page"
      over={dialog}
    >
      {({ items, state }) =>
        items.length === 0 ? <Empty icon="users" title={words("noAccountants")} /> : (
          <div className="tablewrap scroll">
            <table className="table table--read">
              <thead>
                <tr>
                  <th scope="col">{words("person")}</th>
                  <th scope="col" className="r">{words("amount")}</th>
                  <th scope="col">{words("since")}</th>
                  <th scope="col">
                    <span className="sr">{words("change")}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((one) => (
                  <tr key={one.account.id} data-testid="salary-row">
                    <td>
                      <span className="row">
                        <Avatar id={one.account.id} name={one.account.name} size={20} />
                        <b className="m cut">{one.account.name}</b>
                      </span>
                    </td>
                    <td className="r num" data-label={words("amount")}>{number(one.amount)}</td>
                    <td className="t3" data-label={words("since")}>
                      {one.month ? monthName(one.month, t.language) : words("none")}
                    </td>
                    <td className="r">
                      {state === "closed" ? null : (
                        <IconButton
                          icon="edit"
                          label={`${words("change")}: ${one.account.name}`}
                          size="sm"
                          iconSize={14}
                          data-testid="salary-edit"
                          onClick={() => {
                            setAmount(one.amount === 0 ? "" : number(one.amount))
                            setChanged(one)
                          }}
                        />
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </Pane>
  )
}
