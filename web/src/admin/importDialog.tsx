// A table of companies or people is brought: every line is judged, and nothing is written before it is confirmed.
import "../people/words.ts"
import { useEffect, useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText, fieldError } from "../chat/words.ts"
import { hasKey, type Translate, useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { ErrorNote, Icon } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import { DownloadButton, saveFile } from "../shared/ui/download.tsx"
import { Check } from "../shared/ui/field.tsx"
import { toast } from "../shared/ui/toast.tsx"
import {
  type ImportLine,
  judge,
  type Judged,
  linkAddress,
  loginsOf,
  type Table,
  wasWritten,
  welcomeAgain,
} from "../people/calls.ts"
import { useCopy } from "../people/parts.tsx"

/** What is wrong with a cell: a word about tables first, then one about fields. */
function wrong(t: Translate, code: string): string {
  const key = `people.import.${code}`
  return hasKey(key) ? t(key) : fieldError(t, code) ?? code
}

export function ImportDialog({ what, onClose, onDone }: { what: Table; onClose: () => void; onDone: () => void }) {
  const t = useT()
  const { api } = useApp()
  const [file, setFile] = useState<File>()
  const [judged, setJudged] = useState<Judged>()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  /** The table is being written: whoever leaves now never sees the links. */
  const [writing, setWriting] = useState(false)
  /** The links are in somebody's hands. */
  const [kept, setKept] = useState(false)
  const [warned, setWarned] = useState(false)
  /** Who was to be created when no answer came: nobody knows whether they were. */
  const [lost, setLost] = useState<readonly string[]>([])
  const [only, setOnly] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const copy = useCopy()
  const failed = (cause: unknown) => {
    if (!(cause instanceof ApiError)) throw cause
    setBusy(false)
    const fields = Object.entries(cause.fields).filter(([name]) => name !== "version")
    setError(
      fields.length > 0
        ? fields.map(([name, code]) => name === "file" ? wrong(t, code) : `${name}: ${wrong(t, code)}`).join(" · ")
        : errorText(t, cause.code),
    )
  }
  const look = (chosen: File) => {
    setFile(chosen)
    setJudged(undefined)
    setError(undefined)
    setBusy(true)
    judge(api, what, chosen).then(async (answer) => {
      const isWritten = wasWritten(lost, answer.lines)
      const found = isWritten ? { ...answer, done: true, welcomes: await welcomeAgain(api, lost) } : answer
      setBusy(false)
      setLost([])
      setJudged(found)
      setOnly(answer.lines.some((line) => line.effect === "error"))
    }, failed)
  }
  const apply = () => {
    if (!file || !judged || busy) return
    setBusy(true)
    setWriting(true)
    setError(undefined)
    judge(api, what, file, judged.digest).finally(() => setWriting(false)).then((answer) => {
      setBusy(false)
      toast(t("people.import.done"))
      setJudged(answer)
      if (answer.welcomes.length === 0) onDone()
    }, (cause: unknown) => {
      failed(cause)
      // What was shown counts no more; nor does it when nobody knows whether it was written.
      if (cause instanceof ApiError && cause.status === 409) setJudged(undefined)
      if (cause instanceof ApiError && (cause.status === 0 || cause.status >= 500)) {
        setJudged(undefined)
        setLost(what === "users" ? loginsOf(judged.lines.filter((line) => line.effect === "create")) : [])
        setError(t(what === "users" ? "people.import.lost.users" : "people.import.lost"))
      }
    })
  }
  const count = (effect: ImportLine["effect"]) => judged?.lines.filter((line) => line.effect === effect).length ?? 0
  const todo = count("create") + count("update")
  const welcomes = judged?.done ? judged.welcomes : []
  const list = welcomes.map((one) => `${one.name}\t${one.login}\t${linkAddress(one.token)}`).join("\n")
  const owed = welcomes.length > 0 && !kept
  const isHeld = writing || owed
  useEffect(() => {
    if (!isHeld) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener("beforeunload", ask)
    return () => removeEventListener("beforeunload", ask)
  }, [isHeld])
  return (
    <Dialog
      title={t(what === "users" ? "people.import.users" : "people.import.organisations")}
      icon="upload"
      wide
      onClose={judged?.done ? onDone : onClose}
      held={isHeld}
      onRefused={() => setWarned(owed)}
      onSubmit={judged && !judged.done ? apply : undefined}
      testid="import-dialog"
      foot={judged?.done
        ? (
          <button
            type="button"
            className={owed ? warned ? "btn btn--danger" : "btn" : "btn btn--primary"}
            data-testid="welcomes-close"
            onClick={() => owed && !warned ? setWarned(true) : onDone()}
          >
            {t(owed && warned ? "people.import.leave" : "close")}
          </button>
        )
        : (
          <>
            <button type="button" className="btn" disabled={writing} onClick={onClose}>{t("cancel")}</button>
            <button
              type="submit"
              className="btn btn--primary"
              disabled={busy || !judged || count("error") > 0 || todo === 0}
              aria-busy={busy}
              data-testid="import-apply"
            >
              {t("people.import.apply", { n: todo })}
            </button>
          </>
        )}
    >
      {judged?.done
        ? (
          <>
            <div className="note note--accent">
              <Icon name="info" />
              <span>{t("people.import.welcomes")}</span>
            </div>
            <ul className="devices plan" data-testid="welcomes">
              {welcomes.map((one) => (
                <li key={one.login} className="row">
                  <span className="grow">
                    <b className="m">{one.name}</b>
                    <span className="s12 t3 block">{one.login}</span>
                  </span>
                  <button type="button" className="btn btn--sm" onClick={() => copy(linkAddress(one.token))}>
                    {t("people.invite.copy")}
                  </button>
                </li>
              ))}
            </ul>
            <div className="row counts">
              <button
                type="button"
                className="btn btn--primary"
                data-testid="welcomes-save"
                onClick={() => {
                  saveFile(new Blob([list], { type: "text/tab-separated-values" }), "1fin-links.tsv")
                  setKept(true)
                }}
              >
                <Icon name="download" />
                {t("people.import.saveAll")}
              </button>
              <button
                type="button"
                className="btn"
                data-testid="welcomes-copy"
                onClick={() => copy(list, () => setKept(true))}
              >
                {t("people.import.copyAll")}
              </button>
            </div>
            {owed && warned ? <ErrorNote testid="welcomes-owed">{t("people.import.owed")}</ErrorNote> : null}
          </>
        )
        : (
          <>
            <p className="t2">
              {t(what === "users" ? "people.import.users.text" : "people.import.organisations.text")}
            </p>
            <div className="row">
              <input
                ref={input}
                type="file"
                hidden
                accept=".xlsx,.csv,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                data-testid="import-file"
                onChange={(event) => {
                  const chosen = event.target.files?.[0]
                  // The same file may be chosen again after it was mended.
                  event.target.value = ""
                  if (chosen) look(chosen)
                }}
              />
              <button type="button" className="btn" disabled={busy} onClick={() => input.current?.click()}>
                <Icon name="file" />
                {t("people.import.choose")}
              </button>
              <span className="grow cut t3">{file?.name}</span>
            </div>
            {judged
              ? (
                <>
                  <div className="row counts" data-testid="import-counts">
                    <span className="tag tag--accent">{t("people.import.create", { n: count("create") })}</span>
                    <span className="tag">{t("people.import.update", { n: count("update") })}</span>
                    <span className="tag">{t("people.import.same", { n: count("same") })}</span>
                    {count("error") > 0
                      ? <span className="tag tag--danger">{t("people.import.error", { n: count("error") })}</span>
                      : null}
                    <span className="grow" />
                    <Check label={t("people.import.only")} checked={only} className="row s12" onCheck={setOnly} />
                  </div>
                  <ul className="devices plan" data-testid="import-lines">
                    {judged.lines.filter((line) => only ? line.effect === "error" : line.effect !== "same").map((
                      line,
                    ) => (
                      <li key={line.line} className="row" data-effect={line.effect} data-testid="import-line">
                        <span className="num t3 s12">{line.line}</span>
                        <Icon
                          name={line.effect === "error" ? "alert" : line.effect === "create" ? "plus" : "edit"}
                          size={14}
                        />
                        <span className="grow">
                          <b className="m">{line.title || "—"}</b>
                          {line.changes.length > 0
                            ? <span className="s12 t3 block">{line.changes.join(" · ")}</span>
                            : null}
                          {Object.entries(line.problems).map(([column, code]) => (
                            <span key={column} className="s12 danger block">{`${column}: ${wrong(t, code)}`}</span>
                          ))}
                        </span>
                      </li>
                    ))}
                  </ul>
                  {count("error") > 0 ? <p className="hint">{t("people.import.all")}</p> : null}
                </>
              )
              : null}
          </>
        )}
      {error
        ? (
          <ErrorNote testid="import-error">
            {error}
            {file && !judged && !busy
              ? (
                <>
                  {" "}
                  <button type="button" className="link" data-testid="import-again" onClick={() => look(file)}>
                    {t("retry")}
                  </button>
                </>
              )
              : null}
          </ErrorNote>
        )
        : null}
    </Dialog>
  )
}

/** The two ways out of a list, as buttons: a table to look at or to change and bring back. */
export function TableButtons({ what, onImport }: { what: Table; onImport: () => void }) {
  const t = useT()
  const { api } = useApp()
  return (
    <>
      <DownloadButton
        api={api}
        path={`/exports/${what}?format=xlsx`}
        label={t("people.export")}
        className="btn btn--icon"
        testid={`export-${what}`}
      >
        <Icon name="download" />
      </DownloadButton>
      <button
        type="button"
        className="btn btn--icon"
        title={t("people.import")}
        aria-label={t("people.import")}
        data-testid={`import-${what}`}
        onClick={onImport}
      >
        <Icon name="upload" />
      </button>
    </>
  )
}
