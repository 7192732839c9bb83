// One stay: everything that the ledger says of it, and the button of whoever has looked at it.
import { useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText, topicName } from "../chat/words.ts"
import { useAnswer } from "../shared/answer.ts"
import { clock, dateTime, parse, time } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { ErrorNote, Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import type { LedgerRow, Stay } from "./data.ts"
import { Failed } from "../shared/ui/list.tsx"
import { type Say, useWords } from "./words.ts"

interface Props {
  stay: Stay
  onAcknowledged: (stay: Stay) => void
  onClose: () => void
}

export function StayDialog({ stay, onAcknowledged, onClose }: Props) {
  const t = useT()
  const say = useWords()
  const { api, session } = useApp()
  const { value: found, error, reload } = useAnswer(
    useCallback(() => api.call<{ ledger: LedgerRow[] }>("GET", `/ghosts/${stay.id}`), [api, stay.id]),
  )
  const [remark, setRemark] = useState("")
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string>()
  const own = stay.watcher.id === session.account.id
  const waits = stay.ended !== undefined && stay.acknowledged === undefined
  const submit = () => {
    if (busy || !waits || own) return
    setBusy(true)
    setRefused(undefined)
    api.call<Stay>("POST", `/ghosts/${stay.id}/acknowledge`, { remark: remark.trim() }).then(
      onAcknowledged,
      (raw: unknown) => {
        setBusy(false)
        if (!(raw instanceof ApiError)) throw raw
        setRefused(raw.code)
      },
    )
  }
  const lines: [string, string][] = [
    [say("who"), stay.watcher.name],
    [say("where"), `${stay.organisation.name} · ${topicName(t, stay.kind)}`],
    [say("why"), stay.reason],
    [say("when"), `${dateTime(parse(stay.started))} – ${stay.ended ? time(parse(stay.ended)) : say("open")}`],
    ...(stay.ended ? [[say("long"), clock(parse(stay.ended) - parse(stay.started))] as [string, string]] : []),
    [say("address"), stay.address || "—"],
    ...(stay.device ? [[say("device"), stay.device] as [string, string]] : []),
    [say("range"), stay.from === undefined ? say("nothing") : `${stay.from}–${stay.to ?? stay.from}`],
  ]
  return (
    <Dialog
      title={say("stay", { n: stay.id })}
      icon="ghost"
      kind="ghost"
      wide
      onClose={onClose}
      onSubmit={waits && !own ? submit : undefined}
      testid="stay-dialog"
      foot={waits && !own
        ? (
          <>
            <button type="button" className="btn" onClick={onClose}>{t("close")}</button>
            <button
              type="submit"
              className="btn btn--primary"
              disabled={busy}
              aria-busy={busy}
              data-testid="stay-acknowledge"
            >
              <Icon name="check" />
              {say("acknowledge")}
            </button>
          </>
        )
        : <button type="button" className="btn" onClick={onClose}>{t("close")}</button>}
    >
      <dl className="kv">
        {lines.map(([name, value]) => (
          <div key={name} className="oversee__line">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {stay.acknowledged
        ? (
          <div className="note" data-testid="stay-acknowledged">
            <Icon name="check" />
            <span>
              {say("acknowledged", { who: stay.acknowledged.by.name })} · {dateTime(parse(stay.acknowledged.at))}
              {stay.remark ? ` · ${stay.remark}` : ""}
            </span>
          </div>
        )
        : null}
      <h3>{say("chain")}</h3>
      {found === undefined
        ? (error === undefined ? <Skeleton rows={3} /> : <Failed title={say("failed")} code={error} again={reload} />)
        : (
          <ol className="oversee__chain" data-testid="stay-chain">
            {found.ledger.map((row) => (
              <li key={row.seq} data-kind={row.kind}>
                <span className="num t3 s12">{time(parse(row.at))}</span>
                <span className="grow">{line(say, row)}</span>
                <span className="mono t3 s11" title={row.hash}>
                  №{row.seq} {row.hash.slice(0, 4)}…{row.hash.slice(-2)}
                </span>
              </li>
            ))}
          </ol>
        )}
      {waits && own ? <p className="t3 s12" data-testid="stay-own">{say("acknowledge.own")}</p> : null}
      {waits && !own
        ? (
          <label className="field">
            <span className="label">{say("remark.optional")}</span>
            <input
              className="input"
              value={remark}
              maxLength={500}
              data-testid="stay-remark"
              onChange={(event) => setRemark(event.target.value)}
            />
            <span className="hint">{say("acknowledge.text")}</span>
          </label>
        )
        : null}
      {refused === undefined ? null : <ErrorNote>{errorText(t, refused)}</ErrorNote>}
    </Dialog>
  )
}

function line(say: Say, row: LedgerRow): string {
  switch (row.kind) {
    case "rows":
      return say("chain.rows", { from: String(row.from), to: String(row.to) })
    case "documents":
      return say("chain.documents", { list: (row.documents ?? []).map((id) => `№${id}`).join(", ") })
    case "file":
      return say("chain.file", { n: String(row.document), what: row.rendition ?? "" })
    default:
      return say(`chain.${row.kind}`)
  }
}
