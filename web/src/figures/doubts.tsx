// Doubts about the lines of a bonus: those that were raised, the form for one, and an admin's answer with what it puts right.
import { type ChangeEvent, useState } from "react"
import { FormDialog } from "../admin/form.tsx"
import { useApp } from "../chat/context.tsx"
import { dateTime, number, parse } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { Icon } from "../shared/ui/basics.tsx"
import { Field, TextField } from "../shared/ui/field.tsx"
import type { Contest, Correction, CountName, Line } from "./data.ts"
import { scaled } from "./draft.ts"
import { correctionText, countWords, lineWords, signed } from "./lines.ts"
import { monthName, type Say, useSay } from "./words.ts"

/** What a line is made of, and so what can be put right in it. */
const lineCounts: Record<Line, readonly CountName[]> = {
  documents: ["documents"],
  positive: ["positive"],
  negative: ["negative"],
  sla: ["hits", "misses"],
}

interface DoubtsProps {
  contests: Contest[]
  /** The month that is shown; doubts about the one before it are named. */
  month: string
  admin: boolean
  reload: () => void
}
export function Doubts({ contests, month, admin, reload }: DoubtsProps) {
  const words = useSay()
  const [answered, setAnswered] = useState<Contest>()
  if (contests.length === 0) return null
  return (
    <>
      <ul className="figures__doubts" aria-label={words("contests")}>
        {contests.map((contest) => (
          <li key={contest.id} data-testid="contest">
            <span className="grow">
              <b className="m">{words(lineWords[contest.line])}</b>{" "}
              <span className="t3 s12">
                {contest.month === month ? "" : `${monthName(contest.month, words.language)} · `}
                {dateTime(parse(contest.at))} · {number(contest.sum)}
              </span>
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
              {contest.answer?.correction
                ? <p className="s12" data-testid="correction">{effect(contest, contest.answer.correction, words)}</p>
                : null}
            </span>
            {admin && !contest.answer
              ? (
                <button type="button" className="btn btn--sm" data-testid="answer" onClick={() => setAnswered(contest)}>
                  {words("answer")}
                </button>
              )
              : null}
          </li>
        ))}
      </ul>
      {answered
        ? (
          <AnswerForm
            contest={answered}
            onClose={() => setAnswered(undefined)}
            onDone={() => {
              setAnswered(undefined)
              reload()
            }}
          />
        )
        : null}
    </>
  )
}

/** What was put right, and, when the month was closed by then, what it pays where. */
function effect(contest: Contest, correction: Correction, words: Say): string {
  const text = words("putRight", { text: correctionText(correction, words) })
  return correction.month === contest.month ? text : `${text} ${
    words("putRightLater", {
      sum: signed(correction.sum),
      month: monthName(correction.month, words.language, "sentence"),
    })
  }`
}

/** A text of up to 1000 signs without line breaks, which nothing shows. */
const oneLine = (set: (text: string) => void) => ({
  rows: 4,
  maxLength: 1000,
  onChange: (event: ChangeEvent<HTMLTextAreaElement>) => set(event.target.value.replaceAll("\n", " ")),
})

interface DoubtProps {
  line: Line
  month: string
  onClose: () => void
  onDone: () => void
}
export function DoubtForm({ line, month, onClose, onDone }: DoubtProps) {
  const t = useT()
  const words = useSay()
  const { api } = useApp()
  const [text, setText] = useState("")
  return (
    <FormDialog
      title={words("contestTitle", { line: words(lineWords[line]) })}
      check={() => ({ text: text.trim().length < 3 ? t("field.required") : undefined })}
      send={() => api.call("POST", "/contests", { month, line, text: text.trim() })}
      onDone={onDone}
      onClose={onClose}
      submit={words("contestSend")}
      done={words("contestSent")}
      refusals={{ "line.taken": words("contestTaken") }}
      testid="contest-form"
    >
      {(errors) => (
        <TextField
          {...oneLine(setText)}
          label={words("contestText")}
          value={text}
          error={errors["text"]}
          testid="contest-form-text"
        />
      )}
    </FormDialog>
  )
}

function AnswerForm({ contest, onClose, onDone }: { contest: Contest; onClose: () => void; onDone: () => void }) {
  const t = useT()
  const words = useSay()
  const { api } = useApp()
  const [text, setText] = useState("")
  /** An answer is final: nothing is chosen before somebody has. */
  const [accepted, setAccepted] = useState<boolean>()
  const [typed, setTyped] = useState<Partial<Record<CountName, string>>>({})
  const counts = lineCounts[contest.line]
  const meant = (name: CountName): number => scaled((typed[name] ?? "").replace(/^\s*\+/, "") || "0", 0)
  const correction = Object.fromEntries(counts.map((name) => [name, meant(name)]))
  const changes = accepted === true && counts.some((name) => meant(name) !== 0)
  return (
    <FormDialog
      title={words("contestTitle", { line: words(lineWords[contest.line]) })}
      check={() => ({
        accepted: accepted === undefined ? t("admin.choose") : undefined,
        text: text.trim().length < 3 ? t("field.required") : undefined,
        ...Object.fromEntries(
          counts.map((name) => [name, accepted === true && Number.isNaN(meant(name)) ? words("invalid") : undefined]),
        ),
      })}
      send={() =>
        api.call("POST", `/contests/${contest.id}/answer`, {
          accepted,
          text: text.trim(),
          ...(changes ? { correction } : {}),
        })}
      onDone={onDone}
      onClose={onClose}
      submit={words("answer")}
      testid="answer-form"
    >
      {(errors) => (
        <>
          <p className="t2">{contest.text}</p>
          <div className="field" data-invalid={errors["accepted"] ? true : undefined}>
            <div className="seg" role="group" aria-label={words("answer")}>
              {[true, false].map((one) => (
                <button
                  key={String(one)}
                  type="button"
                  aria-pressed={accepted === one}
                  data-testid={one ? "accept" : "reject"}
                  onClick={() => setAccepted(one)}
                >
                  {words(one ? "accept" : "reject")}
                </button>
              ))}
            </div>
            {errors["accepted"]
              ? (
                <span className="hint" role="alert" data-testid="answer-choose">
                  <Icon name="alert" size={14} />
                  {errors["accepted"]}
                </span>
              )
              : null}
          </div>
          {accepted
            ? (
              <>
                <div className="two">
                  {counts.map((name) => (
                    <Field
                      key={name}
                      label={words("changeBy", { what: words(countWords[name]) })}
                      inputMode="text"
                      placeholder="0"
                      maxLength={6}
                      value={typed[name] ?? ""}
                      error={errors[name] ?? (name === counts[0] ? errors["correction"] : undefined)}
                      testid={`correct-${name}`}
                      onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
                    />
                  ))}
                </div>
                <p className="t3 s12">{words("correctionNote")}</p>
              </>
            )
            : null}
          <TextField
            {...oneLine(setText)}
            label={words("answerText")}
            value={text}
            error={errors["text"]}
            testid="answer-form-text"
          />
        </>
      )}
    </FormDialog>
  )
}
