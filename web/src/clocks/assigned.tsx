// Who is assigned to a topic, for whoever assigns: handing over, and cover for a holiday.
import { useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { useAnswer } from "../shared/answer.ts"
import { fromIsoDay, isoDay, toIsoDay } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { AssignmentRecord, Named, UserRecord } from "../shared/net/api.ts"
import type { Page } from "../shared/list.ts"
import { askedOffer } from "../shared/offer.ts"
import type { TopicKind } from "../shared/net/protocol.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { FormDialog } from "../admin/form.tsx"
import { DayField } from "../shared/ui/dayInput.tsx"
import { Check } from "../shared/ui/field.tsx"
import { Picker } from "../shared/ui/picker.tsx"
import { useWords } from "./words.ts"

const named = (value: Named | number): Named => typeof value === "number" ? { id: value, name: `№${value}` } : value

export default function Assigned({ organisation, kind }: { organisation: number; kind: TopicKind }) {
  const t = useT()
  const w = useWords()
  const { api } = useApp()
  const [giving, setGiving] = useState<{ one: AssignmentRecord; cover: boolean }>()
  const { value: list, error, reload } = useAnswer(useCallback(async () => {
    const { items } = await api.call<Page<AssignmentRecord>>(
      "GET",
      `/assignments?organisation=${organisation}&limit=500`,
    )
    return items.filter((one) => one.topics.includes(kind))
  }, [api, organisation, kind]))
  return (
    <section data-testid="assigned">
      <h3>{w("assign.title")}</h3>
      {error
        ? (
          <p className="s12">
            <span className="danger">{w("assign.failed")}</span>{" "}
            <button type="button" className="link" onClick={() => void reload()}>{t("retry")}</button>
          </p>
        )
        : null}
      {list?.length === 0 ? <p className="t3 s12">{w("assign.none")}</p> : null}
      {(list ?? []).map((one) => (
        <div className="assigned" key={one.id} data-testid="assigned-row">
          <div className="grow">
            <div className="cut">{named(one.account).name}</div>
            <div className="s12 t3 num">
              {one.to
                ? w("assign.until", { from: fromIsoDay(one.from), to: fromIsoDay(one.to) })
                : w("assign.since", { from: fromIsoDay(one.from) })}
            </div>
          </div>
          <button
            type="button"
            className="btn btn--sm"
            data-testid="cover"
            onClick={() => setGiving({ one, cover: true })}
          >
            {w("assign.cover")}
          </button>
          <button
            type="button"
            className="btn btn--sm"
            data-testid="hand-over"
            aria-label={`${w("assign.change")}: ${named(one.account).name}`}
            title={w("assign.change")}
            onClick={() => setGiving({ one, cover: false })}
          >
            <Icon name="users" size={14} />
          </button>
        </div>
      ))}
      {giving
        ? (
          <HandOver
            {...giving}
            kind={kind}
            onClose={() => setGiving(undefined)}
            onDone={() => {
              setGiving(undefined)
              void reload()
            }}
          />
        )
        : null}
    </section>
  )
}

interface Props {
  one: AssignmentRecord
  cover: boolean
  kind: TopicKind
  onClose: () => void
  onDone: () => void
}

function HandOver({ one, cover, kind, onClose, onDone }: Props) {
  const t = useT()
  const w = useWords()
  const { api } = useApp()
  const own = named(one.account).id
  const find = useCallback((search: string) =>
    askedOffer<UserRecord>(
      api,
      "/users",
      search,
      (user) => !user.disabled && user.id !== own && user.memberships.some((membership) => !membership.organisation),
    ), [api, own])
  const [account, setAccount] = useState<Named>()
  const [from, setFrom] = useState(() => fromIsoDay(isoDay(Date.now())))
  const [to, setTo] = useState("")
  const [only, setOnly] = useState(false)
  return (
    <FormDialog
      title={w(cover ? "assign.cover" : "assign.change")}
      check={() => ({
        account: account ? undefined : t("field.required"),
        from: toIsoDay(from) === undefined ? t("field.date") : undefined,
        to: (cover || to.trim() !== "") && toIsoDay(to) === undefined ? t("field.date") : undefined,
      })}
      send={() =>
        api.call("POST", `/assignments/${one.id}/reassign`, {
          account: account?.id,
          from: toIsoDay(from),
          ...(cover ? { to: toIsoDay(to) } : {}),
          ...(only ? { topics: [kind] } : {}),
        })}
      onDone={onDone}
      onClose={onClose}
      submit={w("assign.do")}
      testid="reassign-form"
    >
      {(errors) => (
        <>
          <Picker
            label={w("assign.who")}
            chosen={account}
            error={errors["account"]}
            testid="reassign-account"
            onChoose={setAccount}
            find={find}
          />
          <DayField
            label={w("assign.from")}
            value={from}
            error={errors["from"]}
            testid="reassign-from"
            onText={setFrom}
          />
          {cover
            ? (
              <DayField
                label={w("assign.to")}
                value={to}
                hint={w("assign.to.hint")}
                error={errors["to"]}
                testid="reassign-to"
                onText={setTo}
              />
            )
            : null}
          <Check label={w("assign.only")} checked={only} onCheck={setOnly} />
        </>
      )}
    </FormDialog>
  )
}
