// How soon clients are to be answered: a target for each of the five topics, and clients' own.
import { useCallback, useEffect, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText, topicIcon, topicName } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError, type Named, type OrganisationRecord } from "../shared/net/api.ts"
import { topicKinds } from "../shared/net/protocol.ts"
import { Empty, ErrorNote, Icon, IconButton, Skeleton } from "../shared/ui/basics.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { useWords } from "./words.ts"

interface Targets {
  topics: Partial<Record<(typeof topicKinds)[number], number>>
  clients: { organisation: Named; minutes: number }[]
  /** Staff are warned when so much of the target is left. */
  warning: { version: number; percent: number }
}

const longest = 60_000
const shares = { least: 5, most: 90 }

/** Whole minutes; null for none. Undefined when it is neither. */
function parse(text: string): number | null | undefined {
  if (text.trim() === "") return null
  const value = Number(text.trim())
  return Number.isInteger(value) && value >= 1 && value <= longest ? value : undefined
}

export default function TargetsPage({ organisations }: { organisations: readonly OrganisationRecord[] }) {
  const t = useT()
  const w = useWords()
  const { api } = useApp()
  const [targets, setTargets] = useState<Targets>()
  /** What was typed and isn't saved yet, by topic. */
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const [error, setError] = useState<string>()
  const [wrong, setWrong] = useState<string>()
  const [chosen, setChosen] = useState("")
  const [minutes, setMinutes] = useState("")
  const [percent, setPercent] = useState<string>()
  const load = useCallback(() => {
    setError(undefined)
    api.call<Targets>("GET", "/settings/targets").then(setTargets, (raw: unknown) => {
      setError(raw instanceof ApiError ? raw.code : "unknown")
    })
  }, [api])
  useEffect(load, [load])
  /** Says whether it was saved. */
  const put = async (path: string, text: string): Promise<boolean> => {
    const value = parse(text)
    if (value === undefined) {
      setWrong(w("sla.bad"))
      return false
    }
    return await send(path, { minutes: value })
  }
  const warn = async () => {
    const value = parse(percent ?? "")
    if (!targets || value === undefined || value === null || value < shares.least || value > shares.most) {
      return setWrong(w("sla.warn.bad"))
    }
    if (await send("/settings/targets/warning", { version: targets.warning.version, percent: value })) {
      setPercent(undefined)
    }
  }
  const send = async (path: string, body: Record<string, number | null>): Promise<boolean> => {
    setWrong(undefined)
    try {
      setTargets(await api.call<Targets>("PUT", path, body))
    } catch (raw) {
      setWrong(errorText(t, raw instanceof ApiError ? raw.code : "unknown"))
      return false
    }
    toast(t("admin.saved"))
    return true
  }
  const saveTopic = async (kind: string) => {
    const sent = typed[kind]
    if (sent === undefined || !await put(`/settings/targets/topics/${kind}`, sent)) return
    // What was typed while it was saved stays, and so does everything at other topics.
    setTyped((old) => {
      const { [kind]: now, ...others } = old
      return now === sent ? others : old
    })
  }
  const addClient = async () => {
    if (chosen === "" || parse(minutes) === null) return setWrong(w("sla.bad"))
    if (!await put(`/settings/targets/clients/${chosen}`, minutes)) return
    setChosen("")
    setMinutes("")
  }
  if (!targets) {
    return (
      <section className="main">
        {error
          ? (
            <Empty icon="alert" kind="danger" title={t("admin.failed")} text={errorText(t, error)}>
              <button type="button" className="btn" onClick={load}>
                <Icon name="sync" />
                {t("retry")}
              </button>
            </Empty>
          )
          : <Skeleton rows={8} />}
      </section>
    )
  }
  const others = organisations.filter((one) => !targets.clients.some((client) => client.organisation.id === one.id))
  return (
    <section className="main" data-testid="targets">
      <header className="bar">
        <h1 className="nw">{w("sla.title")}</h1>
      </header>
      <div className="scroll clockform">
        <p className="t2">{w("sla.text")}</p>
        {wrong ? <ErrorNote testid="sla-error">{wrong}</ErrorNote> : null}
        <section className="card">
          <h2>{w("sla.topics")}</h2>
          {topicKinds.map((kind) => (
            <form
              key={kind}
              className="clockform__row"
              onSubmit={(event) => {
                event.preventDefault()
                void saveTopic(kind)
              }}
            >
              <label className="row" htmlFor={`sla-${kind}`}>
                <Icon name={topicIcon[kind]} size={14} />
                {topicName(t, kind)}
              </label>
              <span className="row">
                <input
                  id={`sla-${kind}`}
                  className="input num"
                  inputMode="numeric"
                  value={typed[kind] ?? String(targets.topics[kind] ?? "")}
                  placeholder={w("sla.none")}
                  data-testid={`target-${kind}`}
                  onChange={(event) => setTyped({ ...typed, [kind]: event.target.value })}
                />
                <button
                  type="submit"
                  className="btn"
                  disabled={(typed[kind] ?? String(targets.topics[kind] ?? "")) === String(targets.topics[kind] ?? "")}
                  data-testid={`save-${kind}`}
                >
                  {t("save")}
                </button>
              </span>
            </form>
          ))}
        </section>
        <section className="card">
          <h2>{w("sla.clients")}</h2>
          <p className="t3 s12">{w("sla.clients.text")}</p>
          {targets.clients.length === 0 ? <p className="t3 s12">{w("sla.empty")}</p> : null}
          {targets.clients.map((client) => (
            <div key={client.organisation.id} className="clockform__row" data-testid="client-target">
              <span className="cut">{client.organisation.name}</span>
              <span className="row">
                <b className="num">{client.minutes}</b>
                <IconButton
                  icon="trash"
                  label={`${w("sla.remove")}: ${client.organisation.name}`}
                  size="sm"
                  onClick={() =>
                    void put(`/settings/targets/clients/${client.organisation.id}`, "")}
                />
              </span>
            </div>
          ))}
          {others.length === 0 ? null : (
            <form
              className="clockform__row"
              onSubmit={(event) => {
                event.preventDefault()
                void addClient()
              }}
            >
              <select
                className="select"
                aria-label={w("sla.client")}
                value={chosen}
                data-testid="target-client"
                onChange={(event) => setChosen(event.target.value)}
              >
                <option value="">{w("sla.add")}</option>
                {others.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
              </select>
              <span className="row">
                <input
                  className="input num"
                  inputMode="numeric"
                  aria-label={w("sla.minutes")}
                  placeholder={w("sla.minutes")}
                  value={minutes}
                  data-testid="target-minutes"
                  onChange={(event) => setMinutes(event.target.value)}
                />
                <button type="submit" className="btn" data-testid="save-client">{t("save")}</button>
              </span>
            </form>
          )}
        </section>
        <section className="card">
          <h2>{w("sla.warn")}</h2>
          <p className="t3 s12">{w("sla.warn.text")}</p>
          <form
            className="clockform__row"
            onSubmit={(event) => {
              event.preventDefault()
              void warn()
            }}
          >
            <label htmlFor="sla-warning">{w("sla.warn.left")}</label>
            <span className="row">
              <input
                id="sla-warning"
                className="input num"
                inputMode="numeric"
                value={percent ?? String(targets.warning.percent)}
                data-testid="warning-percent"
                onChange={(event) => setPercent(event.target.value)}
              />
              <button
                type="submit"
                className="btn"
                disabled={percent === undefined || percent === String(targets.warning.percent)}
                data-testid="save-warning"
              >
                {t("save")}
              </button>
            </span>
          </form>
        </section>
      </div>
    </section>
  )
}
