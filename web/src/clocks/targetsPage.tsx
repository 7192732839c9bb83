// How soon clients are to be answered: a target for each of the five topics, and clients' own.
import { useCallback, useId, useMemo, useState } from "react"
import { useCompanies } from "../admin/data.ts"
import { useApp } from "../chat/context.tsx"
import { topicIcon, topicName } from "../chat/words.ts"
import { type Drafts, useDrafts } from "../shared/drafts.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError, type Named, type OrganisationRecord } from "../shared/net/api.ts"
import { type TopicKind, topicKinds } from "../shared/net/protocol.ts"
import { Icon, IconButton, Skeleton } from "../shared/ui/basics.tsx"
import { Failed } from "../shared/ui/list.tsx"
import { Picker } from "../shared/ui/picker.tsx"
import { Meanwhile } from "./meanwhile.tsx"
import { parseMinutes, parseShare, type TargetParts, targetParts, type Targets } from "./targets.ts"
import { useSave } from "./useSave.ts"
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
  const minutesId = useId()
  const [chosen, setChosen] = useState<Named>()
  const [minutes, setMinutes] = useState("")
  const wrong = useWrong(form, "clients")
  const known = form.shown("clients")
  const clients = known ?? []
  const others = useMemo(
    () => organisations.filter((one) => !known?.some(({ organisation }) => organisation.id === one.id)),
    [organisations, known],
  )
  const find = useCompanies(others)
  const choose = (client: Named | undefined) => {
    // What was typed for one client is nothing to save for another.
    if (chosen) setMinutes("")
    setChosen(client)
    form.forgive("clients")
  }
  const add = async () => {
    if (!chosen) return form.refuse({ part: "clients", text: t("field.required"), row: 0, field: "client" })
    const value = parseMinutes(minutes)
    if (typeof value !== "number") {
      return form.refuse({ part: "clients", text: w("sla.bad"), row: 0, field: "minutes" })
    }
    const isSet = () => form.shown("clients")?.some(({ organisation }) => organisation.id === chosen.id)
    await save("clients", `/settings/targets/clients/${chosen.id}`, () => {
      // Somebody else has just given them one: that is seen first.
      if (isSet()) throw new ApiError("conflict", 409, "conflict")
      return { minutes: value }
    })
    if (!isSet()) return
    setChosen(undefined)
    setMinutes("")
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
          <>
            <Picker
              label={w("sla.add")}
              chosen={chosen}
              error={wrong.at(0, "client") ? wrong.text : undefined}
              testid="target-client"
              onChoose={choose}
              find={find}
            />
            <div className="clockform__row clockform__row--end">
              <label htmlFor={minutesId}>{w("sla.minutes")}</label>
              <span className="row">
                <input
                  id={minutesId}
                  className="input num"
                  inputMode="numeric"
                  value={minutes}
                  aria-invalid={wrong.at(0, "minutes") || undefined}
                  aria-describedby={wrong.describes(0, "minutes")}
                  data-testid="target-minutes"
                  onChange={(event) => {
                    setMinutes(event.target.value)
                    form.forgive("clients")
                  }}
                />
                <button type="submit" className="btn" disabled={form.busy} data-testid="save-client">
                  {t("save")}
                </button>
              </span>
            </div>
          </>
        )}
        {wrong.at(0, "client") ? null : <WrongNote wrong={wrong} testid="sla-error" />}
      </form>
    </section>
  )
}
