// The bonus rules: an editor, what they would pay for a month beside what the rules in force pay, and all versions.
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { useAnswer } from "../shared/answer.ts"
import type { Page } from "../shared/list.ts"
import { useT } from "../shared/i18n/index.tsx"
import { dateTime, number, parse } from "../shared/i18n/format.ts"
import { ApiError } from "../shared/net/api.ts"
import { ErrorNote, Icon, IconButton } from "../shared/ui/basics.tsx"
import { Field, Select } from "../shared/ui/field.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { type Line, lines, type Preview, type Rules, type RuleVersion } from "./data.ts"
import { comma, type Draft, meant, type Typed, typed, type TypedLine } from "./draft.ts"
import { factorText, lineWords } from "./lines.ts"
import { Pane } from "./pane.tsx"
import { monthName, monthsAround, type Say, useSay } from "./words.ts"

export function RulesPane({ month, chooser }: { month: string; chooser: ReactNode }) {
  const { api } = useApp()
  const asked = useAnswer(useCallback(() => api.call<Page<RuleVersion>>("GET", "/bonus/rules"), [api]))
  return (
    <Pane title="rules" chooser={chooser} asked={asked} lines={6} testid="rules-page">
      {({ items }) => <Editor key={items[0]?.version ?? 0} versions={items} month={month} reload={asked.reload} />}
    </Pane>
  )
}

function Editor({ versions, month, reload }: { versions: RuleVersion[]; month: string; reload: () => void }) {
  const t = useT()
  const words = useSay()
  const { api } = useApp()
  const newest = versions[0]
  const [draft, setDraft] = useState<Draft>(() => typed(newest?.rules))
  const [from, setFrom] = useState(() => newest && newest.month > month ? newest.month : month)
  const [note, setNote] = useState("")
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({})
  const [general, setGeneral] = useState<string>()
  const [preview, setPreview] = useState<Preview>()
  const [busy, setBusy] = useState(false)
  /** Counts the drafts: what comes late of an earlier one says nothing of this one. */
  const turn = useRef(0)
  useEffect(() => {
    turn.current += 1
    setPreview(undefined)
  }, [draft, month])
  const run = (work: (rules: Rules) => Promise<void>, isOld = () => false) => {
    const rules = meant(draft)
    setErrors({})
    setGeneral(undefined)
    if (!rules) return setGeneral(words("invalid"))
    setBusy(true)
    work(rules).catch((raw: unknown) => {
      if (!(raw instanceof ApiError)) throw raw
      if (isOld()) return
      setErrors(raw.fields)
      if (raw.code === "conflict") setGeneral(words("conflict"))
      else if (Object.keys(raw.fields).length === 0) setGeneral(errorText(t, raw.code))
    }).finally(() => setBusy(false))
  }
  const set = (line: Line, next: TypedLine) => setDraft((old) => ({ ...old, [line]: next }))
  return (
    <div className="figures__body">
      <form
        className="card"
        noValidate
        data-testid="rules-form"
        onSubmit={(event) => {
          event.preventDefault()
          run(async (rules) => {
            await api.call("POST", "/bonus/rules", {
              ...rules,
              version: newest?.version ?? 0,
              month: from,
              note: note.trim(),
            })
            toast(words("published"))
            reload()
          })
        }}
      >
        <div className="card__h">
          <h3>{words("publish")}</h3>
        </div>
        <div className="card__b figures__rules">
          <p className="t3 s12">{words("wholeMonth")}</p>
          {lines.map((line) => (
            <LineEditor
              key={line}
              line={line}
              value={draft[line]}
              error={errors[line] === undefined ? undefined : words(errors[line] === "order" ? "order" : "invalid")}
              words={words}
              onChange={(next) => set(line, next)}
            />
          ))}
          <div className="two">
            <Field
              label={words("capField")}
              inputMode="numeric"
              value={draft.cap}
              error={errors["cap"] === undefined ? undefined : words("invalid")}
              testid="rule-cap"
              onChange={(event) => setDraft({ ...draft, cap: event.target.value })}
            />
            <Select
              label={words("rulesFor")}
              value={from}
              error={errors["month"] === undefined ? undefined : words("invalid")}
              testid="rule-month"
              onChange={(event) => setFrom(event.target.value)}
            >
              {monthsAround(month, from).map((one) => (
                <option key={one} value={one}>{monthName(one, words.language)}</option>
              ))}
            </Select>
          </div>
          <Field
            label={words("rulesNote")}
            maxLength={200}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          {general ? <ErrorNote testid="rules-error">{general}</ErrorNote> : null}
          <div className="row">
            <button
              type="button"
              className="btn"
              disabled={busy}
              data-testid="rules-preview"
              onClick={() => {
                const mine = turn.current
                const isOld = () => mine !== turn.current
                run(async (rules) => {
                  const found = await api.call<Preview>("POST", "/bonus/preview", { ...rules, month })
                  if (!isOld()) setPreview(found)
                }, isOld)
              }}
            >
              {words("preview")}
            </button>
            <button
              type="submit"
              className="btn btn--primary"
              disabled={busy}
              aria-busy={busy}
              data-testid="rules-save"
            >
              {words("publish")}
            </button>
          </div>
        </div>
      </form>
      {preview ? <PreviewCard preview={preview} words={words} /> : null}
      {versions.length === 0 ? null : (
        <section className="card">
          <div className="card__h">
            <h3>{words("versions")}</h3>
          </div>
          <ul className="figures__doubts">
            {versions.map((version) => (
              <li key={version.version} data-testid="rule-version">
                <span className="grow">
                  <b className="m">
                    {words("ruleVersion", {
                      n: version.version,
                      month: monthName(version.month, words.language, "since"),
                    })}
                  </b>{" "}
                  <span className="t3 s12">{version.madeBy.name} · {dateTime(parse(version.madeAt))}</span>
                  <p className="t3 s12">{summary(version.rules, words)}</p>
                  {version.note ? <p>{version.note}</p> : null}
                </span>
                <button type="button" className="btn btn--sm" onClick={() => setDraft(typed(version.rules))}>
                  {words("change")}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

/** The rules in one line: what is paid for what. */
function summary(rules: Rules, words: Say): string {
  const parts = lines.filter((line) => rules[line].steps.length > 0).map((line) => {
    const steps = rules[line].steps.map((step) =>
      line === "sla"
        ? `≥ ${comma(step.from / 100)} % × ${factorText(step.value)}`
        : (step.from > 0 ? `≥ ${number(step.from)}: ` : "") + number(step.value)
    )
    return `${words(lineWords[line])}: ${steps.join(", ")}`
  })
  if (rules.cap !== undefined && rules.cap !== null) parts.push(`${words("cap")} ${number(rules.cap)}`)
  return parts.join(" · ")
}

interface LineProps {
  line: Line
  value: TypedLine
  error: string | undefined
  words: Say
  onChange: (next: TypedLine) => void
}
function LineEditor({ line, value, error, words, onChange }: LineProps) {
  const change = (index: number, step: Partial<Typed>) =>
    onChange({ ...value, steps: value.steps.map((one, i) => i === index ? { ...one, ...step } : one) })
  const title = words(lineWords[line])
  return (
    <fieldset className="figures__line" data-testid={`rule-${line}`}>
      <legend className="label">{title}</legend>
      <Field
        label={words("minimum")}
        inputMode="decimal"
        value={value.minimum}
        testid={`rule-${line}-minimum`}
        onChange={(event) => onChange({ ...value, minimum: event.target.value })}
      />
      {value.steps.map((step, index) => (
        <div className="figures__step" key={index}>
          <Field
            label={words(line === "sla" ? "stepShare" : "stepFrom")}
            inputMode="decimal"
            value={step.from}
            testid={`rule-${line}-from-${index}`}
            onChange={(event) => change(index, { from: event.target.value })}
          />
          <Field
            label={words(line === "sla" ? "stepFactor" : "stepRate")}
            inputMode="decimal"
            value={step.value}
            testid={`rule-${line}-value-${index}`}
            onChange={(event) => change(index, { value: event.target.value })}
          />
          <IconButton
            icon="x"
            label={`${title}: ${words("removeStep")}`}
            size="sm"
            iconSize={14}
            onClick={() => onChange({ ...value, steps: value.steps.filter((_, i) => i !== index) })}
          />
        </div>
      ))}
      {value.steps.length < 10
        ? (
          <button
            type="button"
            className="btn btn--quiet btn--sm"
            data-testid={`rule-${line}-add`}
            onClick={() =>
              onChange({ ...value, steps: [...value.steps, { from: value.steps.length === 0 ? "0" : "", value: "" }] })}
          >
            <Icon name="plus" size={14} />
            {words("addStep")}
          </button>
        )
        : null}
      {error ? <ErrorNote>{error}</ErrorNote> : null}
    </fieldset>
  )
}

function PreviewCard({ preview, words }: { preview: Preview; words: Say }) {
  return (
    <section className="card" data-testid="preview">
      <div className="card__h">
        <h3>
          {words("previewOf", {
            month: monthName(preview.month, words.language, "sentence"),
            now: preview.now,
            proposed: preview.proposed,
          })}
        </h3>
      </div>
      <div className="tablewrap">
        <table className="table table--read">
          <thead>
            <tr>
              <th scope="col">{words("accountant")}</th>
              <th scope="col" className="r">{words("previewNow")}</th>
              <th scope="col" className="r">{words("previewProposed")}</th>
              <th scope="col" className="r">{words("difference")}</th>
            </tr>
          </thead>
          <tbody>
            {preview.items.map(({ account, now, proposed }) => (
              <tr key={account.id}>
                <td>{account.name}</td>
                <td className="r num t3" data-label={words("previewNow")}>{number(now.total)}</td>
                <td className="r num b" data-label={words("previewProposed")}>{number(proposed.total)}</td>
                <td
                  data-label={words("difference")}
                  className={`r num ${
                    proposed.total < now.total ? "danger" : proposed.total > now.total ? "ok" : "t3"
                  }`}
                >
                  {proposed.total > now.total ? "+" : ""}
                  {number(proposed.total - now.total)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
