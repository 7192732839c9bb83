import { useState } from "react"
import { Confirm } from "../chat/caseDialogs.tsx"
import { useApp } from "../chat/context.tsx"
import { topicName } from "../chat/words.ts"
import { fromIsoDay } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { AssignmentRecord, Named } from "../shared/net/api.ts"
import { Avatar, Icon } from "../shared/ui/basics.tsx"
import { Picker } from "../shared/ui/picker.tsx"
import { spanErrors, SpanFields, spanFields, useSpan } from "./assignmentFields.tsx"
import { type AdminData, has, only, useAccountants, useCompanies } from "./data.ts"
import { FormDialog } from "./form.tsx"
import { SearchedPage } from "./lists.tsx"
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
      <SearchedPage<AssignmentRecord>
        title={t("admin.assignments")}
        path="assignments"
        count={data.assignments.length}
        version={data}
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
            run={() => api.endAssignment(ending.id).then(reload)}
            onClose={() => setEnding(undefined)}
          />
        )
        : null}
    </>
  )
}

function AssignmentForm({ data, onClose, onDone }: { data: AdminData; onClose: () => void; onDone: () => void }) {
  const t = useT()
  const { api } = useApp()
  const [account, setAccount] = useState<Named | undefined>(() =>
    only(data.users.filter((user) => has(user, "accountant")))
  )
  const [organisation, setOrganisation] = useState<Named | undefined>(() =>
    only(data.organisations.filter((one) => !one.closedAt))
  )
  const accountants = useAccountants(data.users)
  const companies = useCompanies(data.organisations)
  const [span, setSpan] = useSpan()
  return (
    <FormDialog
      title={t("admin.assignment.add")}
      check={() => ({
        account: account ? undefined : t("field.required"),
        organisation: organisation ? undefined : t("field.required"),
        ...spanErrors(t, span),
      })}
      send={() => {
        const fields = spanFields(span)
        // What `check` has let through has all of them.
        return fields && account && organisation
          ? api.addAssignment({ account: account.id, organisation: organisation.id, ...fields })
          : Promise.resolve()
      }}
      onDone={onDone}
      onClose={onClose}
      testid="assignment-form"
    >
      {(errors) => (
        <>
          <Picker
            label={t("admin.accountant")}
            chosen={account}
            error={errors["account"]}
            testid="assignment-account"
            onChoose={setAccount}
            find={accountants}
          />
          <Picker
            label={t("admin.organisation")}
            chosen={organisation}
            error={errors["organisation"]}
            testid="assignment-organisation"
            onChoose={setOrganisation}
            find={companies}
          />
          <SpanFields span={span} onChange={setSpan} errors={errors} name="assignment" />
        </>
      )}
    </FormDialog>
  )
}
