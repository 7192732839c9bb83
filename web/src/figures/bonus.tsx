// What each accountant gets, line by line with its formula; doubts and answers. An accountant sees the own bonus only.
import { type ReactNode, useCallback, useState } from "react"
import { FormDialog } from "../admin/form.tsx"
import { useApp } from "../chat/context.tsx"
import { useT } from "../shared/i18n/index.tsx"
import { dateTime, number, parse } from "../shared/i18n/format.ts"
import { Avatar, Empty, Icon } from "../shared/ui/basics.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { type Bonuses, type BonusItem, type Contest, type FigureKind, type Line, lines, useAsked } from "./data.ts"
import { Pane, StateTag } from "./pane.tsx"
import { type Opened, RowsDialog } from "./rowsDialog.tsx"
import { type FigureWord, monthName, type Say, share, useSay } from "./words.ts"

export const lineWords: Record<Line, FigureWord> = {
  documents: "lineDocuments",
  positive: "linePositive",
  negative: "lineNegative",
  sla: "lineSla",
}
/** The same above a column. */
const lineHeads: Record<Line, FigureWord> = {
  documents: "documents",
  positive: "headPositive",
  negative: "headNegative",
  sla: "sla",
}
const lineFigures: Record<Line, FigureKind> = {
  documents: "documents",
  positive: "ratings",
  negative: "ratings",
  sla: "hits",
}
export const factorText = (factor: number): string => String(factor / 10_000).replace(".", ",")

/** `412 × 4 000`, or `96,2 % → × 1,2`. */
export function formula(item: BonusItem, line: Line, words: Say): string {
  if (line === "sla") return `${share(item.bonus.sla.share, words)} → × ${factorText(item.bonus.sla.factor)}`
  const { count, rate } = item.bonus[line]
  return `${number(count)} × ${number(rate)}`
}

export function BonusPane({ month, chooser, admin }: { month: string; chooser: ReactNode; admin: boolean }) {
  const words = useSay()
  const { api } = useApp()
  const asked = useAsked(useCallback(() => api.call<Bonuses>("GET", `/bonus?month=${month}`), [api, month]))
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
                              <td className="r num b">{number(one.bonus.total)}</td>
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

interface SheetProps {
  found: Bonuses
  item: BonusItem
  admin: boolean
  open: (opened: Opened) => void
  reload: () => void
}
function Sheet({ found, item, admin, open, reload }: SheetProps) {
  const words = useSay()
  const { api, session } = useApp()
  const [doubted, setDoubted] = useState<Line>()
  const [answered, setAnswered] = useState<Contest>()
  const own = item.account.id === session.account.id
  const counts: Record<Line, number> = {
    documents: item.bonus.documents.count,
    positive: item.bonus.positive.count,
    negative: item.bonus.negative.count,
    sla: item.bonus.sla.hits,
  }
  const waits = (line: Line) => item.contests.find((contest) => contest.line === line && !contest.answer)
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
                <td className="t3 num" data-label={words("formula")}>{formula(item, line, words)}</td>
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
                      })}
                  >
                    {words("rowsCount", { n: counts[line] })}
                    <Icon name="right" size={12} />
                  </button>
                </td>
                {own
                  ? (
                    <td className="r">
                      {found.state === "open" && !waits(line)
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
      {item.contests.length === 0 ? null : (
        <ul className="figures__doubts" aria-label={words("contests")}>
          {item.contests.map((contest) => (
            <li key={contest.id} data-testid="contest">
              <span className="grow">
                <b className="m">{words(lineWords[contest.line])}</b>{" "}
                <span className="t3 s12">{dateTime(parse(contest.at))} · {number(contest.sum)}</span>
                <p>{contest.text}</p>
                {contest.answer
                  ? (
                    <p className="t2">
                      <span className={contest.answer.accepted ? "tag tag--ok" : "tag"}>
                        {words(contest.answer.accepted ? "accepted" : "rejected")}
                      </span>{" "}
                      {contest.answer.by.name}: {contest.answer.text}
                    </p>
                  )
                  : <p className="t3">{words("waiting")}</p>}
              </span>
              {admin && !contest.answer
                ? (
                  <button
                    type="button"
                    className="btn btn--sm"
                    data-testid="answer"
                    onClick={() => setAnswered(contest)}
                  >
                    {words("answer")}
                  </button>
                )
                : null}
            </li>
          ))}
        </ul>
      )}
      {doubted
        ? (
          <TextDialog
            title={words("contestTitle", { line: words(lineWords[doubted]) })}
            label={words("contestText")}
            submit={words("contestSend")}
            send={(text) => api.call("POST", "/contests", { month: found.month, line: doubted, text })}
            onClose={() => setDoubted(undefined)}
            onDone={() => {
              setDoubted(undefined)
              toast(words("contestSent"))
              reload()
            }}
            testid="contest-form"
          />
        )
        : null}
      {answered
        ? (
          <TextDialog
            title={words("contestTitle", { line: words(lineWords[answered.line]) })}
            label={words("answerText")}
            submit={words("answer")}
            choice
            send={(text, accepted) => api.call("POST", `/contests/${answered.id}/answer`, { accepted, text })}
            onClose={() => setAnswered(undefined)}
            onDone={() => {
              setAnswered(undefined)
              reload()
            }}
            testid="answer-form"
          />
        )
        : null}
    </section>
  )
}

interface TextProps {
  title: string
  label: string
  submit: string
  /** Asks whether the accountant is right. */
  choice?: boolean
  send: (text: string, accepted: boolean) => Promise<unknown>
  onClose: () => void
  onDone: () => void
  testid: string
}
function TextDialog({ title, label, submit, choice, send, onClose, onDone, testid }: TextProps) {
  const t = useT()
  const words = useSay()
  const [text, setText] = useState("")
  const [accepted, setAccepted] = useState(false)
  return (
    <FormDialog
      title={title}
      check={() => ({ text: text.trim().length < 3 ? t("field.required") : undefined })}
      send={() => send(text.trim(), accepted)}
      onDone={onDone}
      onClose={onClose}
      submit={submit}
      testid={testid}
    >
      {(errors) => (
        <>
          {choice
            ? (
              <div className="seg" role="group" aria-label={words("answer")}>
                <button type="button" aria-pressed={accepted} data-testid="accept" onClick={() => setAccepted(true)}>
                  {words("accept")}
                </button>
                <button type="button" aria-pressed={!accepted} onClick={() => setAccepted(false)}>
                  {words("reject")}
                </button>
              </div>
            )
            : null}
          <div className="field" data-invalid={errors["text"] ? true : undefined}>
            <label htmlFor={testid}>{label}</label>
            <textarea
              id={testid}
              className="input"
              rows={4}
              maxLength={1000}
              value={text}
              data-testid={`${testid}-text`}
              onChange={(event) => setText(event.target.value.replaceAll("\n", " "))}
            />
            {errors["text"] ? <span className="hint" role="alert">{errors["text"]}</span> : null}
          </div>
        </>
      )}
    </FormDialog>
  )
}
