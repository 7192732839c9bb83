// Legal holds: as long as one stands nothing of its topics is erased. The admin sets and lifts them; the history stays.
import { useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { topicName } from "../chat/words.ts"
import { dateTime, parse } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { OrganisationRecord } from "../shared/net/api.ts"
import { askedOffer } from "../shared/offer.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { Select } from "../shared/ui/field.tsx"
import { Picker } from "../shared/ui/picker.tsx"
import { type Hold, replaced, useList } from "./data.ts"
import { List, ReasonForm } from "./parts.tsx"
import { useWords } from "./words.ts"

export function HoldsPage() {
  const t = useT()
  const say = useWords()
  const { api, session } = useApp()
  const list = useList<Hold>(api, "/legal-holds")
  const [form, setForm] = useState<Hold | "new">()
  const admin = session.memberships.some((one) => one.role === "admin")
  return (
    <section className="main oversee" data-testid="holds">
      <header className="bar">
        <h1 className="nw">{say("holds")}</h1>
        <span className="grow" />
        {admin
          ? (
            <button type="button" className="btn btn--primary" data-testid="hold-add" onClick={() => setForm("new")}>
              <Icon name="plus" />
              {say("hold.add")}
            </button>
          )
          : null}
      </header>
      <p className="oversee__text t3 s12">{say("holds.text")}</p>
      <List
        list={list}
        columns={[say("organisation"), say("why"), say("hold.set"), say("state")]}
        row={(one) => (
          <>
            <td>
              <b className="m">{one.organisation.name}</b>
              <div className="s12 t3">{one.kind ? topicName(t, one.kind) : say("hold.all")}</div>
            </td>
            <td className="wrap" data-label={say("why")}>{one.reason}</td>
            <td data-label={say("hold.set")}>
              {one.set.by.name}
              <div className="s12 t3 num">{dateTime(parse(one.set.at))}</div>
            </td>
            <td>
              {one.lifted
                ? (
                  <>
                    <span className="tag">{say("hold.lifted", { who: one.lifted.by.name })}</span>
                    <div className="s12 t3 wrap">{one.liftReason} · {dateTime(parse(one.lifted.at))}</div>
                  </>
                )
                : (
                  <span className="row oversee__buttons">
                    <span className="tag tag--accent">{say("hold.stands")}</span>
                    {admin
                      ? (
                        <button
                          type="button"
                          className="btn btn--sm"
                          data-testid="hold-lift"
                          onClick={() => setForm(one)}
                        >
                          {say("lift")}
                        </button>
                      )
                      : null}
                  </span>
                )}
            </td>
          </>
        )}
        empty={{ icon: "lock", title: say("holds.empty"), text: say("holds.empty.text") }}
      />
      {form === "new" ? <HoldForm onClose={() => setForm(undefined)} onDone={list.reload} /> : null}
      {form && form !== "new"
        ? (
          <ReasonForm
            title={`${say("lift")}: ${form.organisation.name}`}
            text={say("lift.text")}
            submit={say("lift")}
            testid="lift-dialog"
            run={(reason) => api.call<Hold>("POST", `/legal-holds/${form.id}/lift`, { reason }).then(replaced(list))}
            onClose={() => setForm(undefined)}
          />
        )
        : null}
    </section>
  )
}

function HoldForm({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = useT()
  const say = useWords()
  const { api } = useApp()
  const find = useCallback((search: string) => askedOffer<OrganisationRecord>(api, "/organisations", search), [api])
  const [organisation, setOrganisation] = useState<OrganisationRecord>()
  const [topic, setTopic] = useState("")
  return (
    <ReasonForm
      title={say("hold.add")}
      text=""
      submit={say("hold.add")}
      icon="lock"
      testid="hold-dialog"
      ready={organisation !== undefined}
      run={async (reason) => {
        await api.call("POST", "/legal-holds", {
          organisation: organisation?.id,
          ...(topic === "" ? {} : { topic: Number(topic) }),
          reason,
        })
        onDone()
      }}
      onClose={onClose}
    >
      <Picker
        label={say("organisation")}
        chosen={organisation}
        testid="hold-organisation"
        onChoose={(one) => {
          setOrganisation(one)
          setTopic("")
        }}
        find={find}
      />
      <Select
        label={say("where")}
        value={topic}
        testid="hold-topic"
        onChange={(event) => setTopic(event.target.value)}
      >
        <option value="">{say("hold.all")}</option>
        {organisation?.topics.map((one) => <option key={one.id} value={one.id}>{topicName(t, one.kind)}</option>)}
      </Select>
    </ReasonForm>
  )
}
