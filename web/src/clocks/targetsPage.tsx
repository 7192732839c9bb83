// How soon clients are to be answered: a target for each of the five topics, and clients' own.
import { useCallback, useId, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText, topicIcon, topicName } from "../chat/words.ts"
import { type Drafts, useDrafts } from "../shared/drafts.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError, type OrganisationRecord } from "../shared/net/api.ts"
import { type TopicKind, topicKinds } from "../shared/net/protocol.ts"
import { Icon, IconButton, Skeleton } from "../shared/ui/basics.tsx"
import { Failed } from "../shared/ui/list.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { Meanwhile } from "./meanwhile.tsx"
import { parseMinutes, parseShare, type TargetParts, targetParts, type Targets } from "./targets.ts"
import { useWrong, WrongNote } from "./wrongNote.tsx"
import { useWords } from "./words.ts"

type Form = Drafts<TargetParts, Targets>

export default function TargetsPage({ organisations }: { organisations: readonly OrganisationRecord[] }) {
  const t = useT()
  const w = useWords()
  const { api } = useApp()
  const form = useDrafts(targetParts, useCallback(() => api.call<Targets>("GET", "/settings/targets"), [api]))
  if (!form.draft("warning")) {
    return (
      <section className="main">
        {form.failed === undefined
          ? <Skeleton rows={8} />
          : <Failed title={t("admin.failed")} code={form.failed} again={form.again} />}
      </section>
    )
  }
  return (
    <section className="main" data-testid="targets">
      <header className="bar">
        <h1 className="nw">{w("sla.title")}</h1>
      </header>
      <div className="scroll clockform">
        <p className="t2">{w("sla.text")}</p>
        <section className="card">
          <h2>{w("sla.topics")}</h2>
          {topicKinds.map((kind) => <Topic key={kind} form={form} kind={kind} />)}
        </section>
        <Clients form={form} organisations={organisations} />
        <section className="card">
          <h2>{w("sla.warn")}</h2>
          <p className="t3 s12">{w("sla.warn.text")}</p>
          <Warning form={form} />
        </section>
      </div>
    </section>
  )
}

/** Saves a part and says so. */
function useSave(form: Form) {
  const t = useT()
  const { api } = useApp()
  return async (part: keyof TargetParts, path: string, body: (version: number | undefined) => object) => {
    const saved = await form.save(
      part,
      (version) => api.call<Targets>("PUT", path, body(version)),
      (code) => errorText(t, code),
    )
    if (saved) toast(t("admin.saved"))
    return saved
  }
}

interface NumberProps {
  form: Form
  part: TopicKind | "warning"
  /** What it is the number of. */
  name: string
  icon?: string
  testid: string
  save: string
  onSave: () => void
}
/** One number with its button, and what stands against saving it. */
function NumberForm({ form, part, name, icon, testid, save, onSave }: NumberProps) {
  const t = useT()
  const w = useWords()
  const id = useId()
  const draft = form.draft(part)
  const wrong = useWrong(form, part)
  const value = form.shown(part) ?? ""
  return (
    <form
      className="stack"
      ref={wrong.box}
      onSubmit={(event) => {
        event.preventDefault()
        onSave()
      }}
    >
      <div className="clockform__row clockform__row--end">
        <label className="row" htmlFor={id}>
          {icon ? <Icon name={icon} size={14} /> : null}
          {name}
        </label>
        <span className="row">
          <input
            id={id}
            className="input num"
            inputMode="numeric"
            value={value}
            placeholder={w("sla.none")}
            aria-invalid={wrong.at(0) || undefined}
            aria-describedby={wrong.describes(0)}
            data-testid={testid}
            onChange={(event) => form.type(part, event.target.value)}
          />
          <button
            type="submit"
            className="btn"
            disabled={form.busy || draft?.theirs !== undefined || value === draft?.saved}
            data-testid={save}
          >
            {t("save")}
          </button>
        </span>
      </div>
      {draft?.theirs
        ? (
          <Meanwhile
            empty={w("sla.none")}
            differences={[{ row: name, mine: value, theirs: draft.theirs.value }]}
            onTheirs={() => form.yield(part)}
            onMine={() => form.keep(part)}
          />
        )
        : null}
      <WrongNote wrong={wrong} testid="sla-error" />
    </form>
  )
}

function Topic({ form, kind }: { form: Form; kind: TopicKind }) {
  const t = useT()
  const w = useWords()
  const save = useSave(form)
  const submit = () => {
    const minutes = parseMinutes(form.shown(kind) ?? "")
    if (minutes === undefined) return form.refuse({ part: kind, text: w("sla.bad"), row: 0 })
    void save(kind, `/settings/targets/topics/${kind}`, () => ({ minutes }))
  }
  return (
    <NumberForm
      form={form}
      part={kind}
      name={topicName(t, kind)}
      icon={topicIcon[kind]}
      testid={`target-${kind}`}
      save={`save-${kind}`}
      onSave={submit}
    />
  )
}

function Warning({ form }: { form: Form }) {
  const w = useWords()
  const save = useSave(form)
  const submit = () => {
    const percent = parseShare(form.shown("warning") ?? "")
    if (percent === undefined) return form.refuse({ part: "warning", text: w("sla.warn.bad"), row: 0 })
    void save("warning", "/settings/targets/warning", (version) => ({ version, percent }))
  }
  return (
    <NumberForm
      form={form}
      part="warning"
      name={w("sla.warn.left")}
      testid="warning-percent"
      save="save-warning"
      onSave={submit}
    />
  )
}

function Clients({ form, organisations }: { form: Form; organisations: readonly OrganisationRecord[] }) {
  const t = useT()
  const w = useWords()
  const save = useSave(form)
  const [chosen, setChosen] = useState("")
  const [minutes, setMinutes] = useState("")
  const wrong = useWrong(form, "clients")
  const clients = form.shown("clients") ?? []
  const others = organisations.filter((one) => !clients.some((client) => client.organisation.id === one.id))
  const add = async () => {
    const value = parseMinutes(minutes)
    if (chosen === "" || typeof value !== "number") {
      return form.refuse({ part: "clients", text: w("sla.bad"), row: 0, field: chosen === "" ? "client" : "minutes" })
    }
    const isTaken = () => form.shown("clients")?.some((client) => String(client.organisation.id) === chosen)
    const body = () => {
      // Somebody else has just given them one: that is seen first.
      if (isTaken()) throw new ApiError("conflict", 409, "conflict")
      return { minutes: value }
    }
    if (await save("clients", `/settings/targets/clients/${chosen}`, body)) {
      setChosen("")
      setMinutes("")
    }
  }
  return (
    <section className="card">
      <h2>{w("sla.clients")}</h2>
      <p className="t3 s12">{w("sla.clients.text")}</p>
      {clients.length === 0 ? <p className="t3 s12">{w("sla.empty")}</p> : null}
      {clients.map((client) => (
        <div key={client.organisation.id} className="clockform__row clockform__row--end" data-testid="client-target">
          <span className="cut">{client.organisation.name}</span>
          <span className="row">
            <b className="num">{client.minutes}</b>
            <IconButton
              icon="trash"
              label={`${w("sla.remove")}: ${client.organisation.name}`}
              size="sm"
              disabled={form.busy}
              onClick={() =>
                void save("clients", `/settings/targets/clients/${client.organisation.id}`, () => ({ minutes: null }))}
            />
          </span>
        </div>
      ))}
      <form
        className="stack"
        ref={wrong.box}
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        {others.length === 0 ? null : (
          <div className="clockform__row clockform__row--new">
            <select
              className="select"
              aria-label={w("sla.client")}
              value={chosen}
              aria-invalid={wrong.at(0, "client") || undefined}
              aria-describedby={wrong.describes(0, "client")}
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
                aria-invalid={wrong.at(0, "minutes") || undefined}
                aria-describedby={wrong.describes(0, "minutes")}
                data-testid="target-minutes"
                onChange={(event) => setMinutes(event.target.value)}
              />
              <button type="submit" className="btn" disabled={form.busy} data-testid="save-client">{t("save")}</button>
            </span>
          </div>
        )}
        <WrongNote wrong={wrong} testid="sla-error" />
      </form>
    </section>
  )
}
