import { useState } from "react"
import { Confirm } from "../chat/caseDialogs.tsx"
import { useApp } from "../chat/context.tsx"
import { topicName } from "../chat/words.ts"
import { date, fromIsoDay, toIsoDay } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError, type AssignmentRecord } from "../shared/net/api.ts"
import { type TopicKind, topicKinds } from "../shared/net/protocol.ts"
import { RequestError } from "../shared/net/socket.ts"
import { fold } from "../shared/text.ts"
import { Avatar, Icon } from "../shared/ui/basics.tsx"
import { Field, Select } from "../shared/ui/field.tsx"
import { type AdminData, has } from "./data.ts"
import { FormDialog, ListPage } from "./form.tsx"
import { PlanDialog } from "./planDialog.tsx"

export function Assignments({ data, reload }: { data: AdminData; reload: () => Promise<void> }) {
  const t = useT()
  const { api } = useApp()
  const [adding, setAdding] = useState(false)
  const [planning, setPlanning] = useState(false)
  const [ending, setEnding] = useState<AssignmentRecord>()
  const account = (one: AssignmentRecord) =>
    typeof one.account === "number" ? data.users.find((user) => user.id === one.account) : one.account
  const organisation = (one: AssignmentRecord) =>
    typeof one.organisation === "number"
      ? data.organisations.find((org) => org.id === one.organisation)
      : one.organisation
  const ready = data.organisations.length > 0 && data.users.some((user) => has(user, "accountant"))
  return (
    <>
      <ListPage
        title={t("admin.assignments")}
        items={data.assignments}
        text={(one) => `${account(one)?.name ?? ""} ${organisation(one)?.name ?? ""}`}
        fold={fold}
        columns={[
          t("admin.organisation"),
          t("admin.accountant"),
          t("admin.topics"),
          t("admin.from"),
          t("admin.to"),
          "",
        ]}
        row={(one) => {
          const org = organisation(one)
          const who = account(one)
          return (
            <>
              <td>
                <span className="row">
                  <Avatar id={org?.id ?? 0} name={org?.name ?? "?"} org size={24} />
                  <b className="m cut">{org?.name}</b>
                </span>
              </td>
              <td data-label={t("admin.accountant")}>{who?.name}</td>
              <td data-label={t("admin.topics")}>
                {one.topics.length === 5
                  ? t("admin.topics.all")
                  : one.topics.map((kind) => topicName(t, kind)).join(", ")}
              </td>
              <td className="num" data-label={t("admin.from")}>{fromIsoDay(one.from)}</td>
              <td className="num" data-label={t("admin.to")}>
                {one.to ? fromIsoDay(one.to) : <span className="t3">{t("admin.forever")}</span>}
              </td>
              <td className="r">
                <button
                  type="button"
                  className="btn btn--sm"
                  data-testid="assignment-end"
                  onClick={() => setEnding(one)}
                >
                  {t("profile.endDevice")}
                </button>
              </td>
            </>
          )
        }}
        add={{
          label: t("admin.assignment.add"),
          run: () => setAdding(true),
          disabled: ready ? undefined : t("admin.assignment.needs"),
          testid: "add-assignment",
        }}
        more={data.organisations.length > 1
          ? (
            <button type="button" className="btn" data-testid="plan" onClick={() => setPlanning(true)}>
              <Icon name="chain" />
              {t("people.plan")}
            </button>
          )
          : undefined}
        empty={{ icon: "chain", title: t("admin.assignment.empty"), text: t("admin.assignment.empty.text") }}
        testid="assignments"
      />
      {adding
        ? (
          <AssignmentForm
            data={data}
            onClose={() => setAdding(false)}
            onDone={() => {
              setAdding(false)
              void reload()
            }}
          />
        )
        : null}
      {planning
        ? (
          <PlanDialog
            data={data}
            onClose={() => setPlanning(false)}
            onDone={() => {
              setPlanning(false)
              void reload()
            }}
          />
        )
        : null}
      {ending
        ? (
          <Confirm
            title={t("admin.assignment.end.title")}
            effects={[
              `${organisation(ending)?.name ?? ""}: ${
                ending.topics.length === 5
                  ? t("admin.topics.all")
                  : ending.topics.map((kind) => topicName(t, kind)).join(", ")
              }`,
              t("admin.assignment.end.effect", { name: account(ending)?.name ?? "" }),
            ]}
            button="admin.assignment.end"
            danger
            testid="assignment-end-dialog"
            run={() => asRequest(api.endAssignment(ending.id)).then(reload)}
            onClose={() => setEnding(undefined)}
          />
        )
        : null}
    </>
  )
}

/** Dialogs speak of refusals in one way, whichever of the two servers refused. */
export function asRequest<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((error: unknown) => {
    throw error instanceof ApiError
      ? new RequestError(error.code, error.message, error.status === 0 || error.status >= 500)
      : error
  })
}

function AssignmentForm({ data, onClose, onDone }: { data: AdminData; onClose: () => void; onDone: () => void }) {
  const t = useT()
  const { api } = useApp()
  const accountants = data.users.filter((user) => has(user, "accountant"))
  const [account, setAccount] = useState(accountants.length === 1 ? String(accountants[0]?.id ?? "") : "")
  const [organisation, setOrganisation] = useState(
    data.organisations.length === 1 ? String(data.organisations[0]?.id ?? "") : "",
  )
  const [topics, setTopics] = useState<readonly TopicKind[]>(topicKinds)
  const [from, setFrom] = useState(date(Date.now()))
  const [to, setTo] = useState("")
  const first = toIsoDay(from)
  const last = toIsoDay(to)
  return (
    <FormDialog
      title={t("admin.assignment.add")}
      check={() => ({
        account: account === "" ? t("field.required") : undefined,
        organisation: organisation === "" ? t("field.required") : undefined,
        topics: topics.length === 0 ? t("admin.topics.required") : undefined,
        from: from.trim() === "" ? t("field.required") : first ? undefined : t("field.date"),
        to: to.trim() === ""
          ? undefined
          : !last
          ? t("field.date")
          : first && last < first
          ? t("field.date_order")
          : undefined,
      })}
      send={() =>
        api.addAssignment({
          account: Number(account),
          organisation: Number(organisation),
          topics: topicKinds.filter((kind) => topics.includes(kind)),
          from: first ?? from,
          ...(last ? { to: last } : {}),
        })}
      onDone={onDone}
      onClose={onClose}
      testid="assignment-form"
    >
      {(errors) => (
        <>
          <Select
            label={t("admin.accountant")}
            value={account}
            error={errors["account"]}
            testid="assignment-account"
            onChange={(e) => setAccount(e.target.value)}
          >
            <option value="">{t("admin.choose")}</option>
            {accountants.map((user) => <option key={user.id} value={user.id}>{user.name}</option>)}
          </Select>
          <Select
            label={t("admin.organisation")}
            value={organisation}
            error={errors["organisation"]}
            testid="assignment-organisation"
            onChange={(e) => setOrganisation(e.target.value)}
          >
            <option value="">{t("admin.choose")}</option>
            {data.organisations.filter((org) => !org.closedAt).map((org) => (
              <option key={org.id} value={org.id}>{org.name}</option>
            ))}
          </Select>
          <fieldset className="field checks" data-invalid={errors["topics"] ? true : undefined}>
            <legend className="label">{t("admin.topics")}</legend>
            {topicKinds.map((kind) => (
              <label key={kind} className="row">
                <input
                  type="checkbox"
                  className="check"
                  checked={topics.includes(kind)}
                  data-testid={`assignment-${kind}`}
                  onChange={(e) =>
                    setTopics(e.target.checked ? [...topics, kind] : topics.filter((one) => one !== kind))}
                />
                {topicName(t, kind)}
              </label>
            ))}
            {errors["topics"] ? <span className="hint" role="alert">{errors["topics"]}</span> : null}
          </fieldset>
          <div className="two">
            <Field
              label={t("admin.from")}
              inputMode="numeric"
              placeholder={t("field.date_form")}
              value={from}
              error={errors["from"]}
              testid="assignment-from"
              onChange={(e) => setFrom(e.target.value)}
            />
            <Field
              label={t("admin.to")}
              inputMode="numeric"
              placeholder={t("field.date_form")}
              value={to}
              error={errors["to"]}
              hint={t("admin.to.hint")}
              testid="assignment-to"
              onChange={(e) => setTo(e.target.value)}
            />
          </div>
        </>
      )}
    </FormDialog>
  )
}
