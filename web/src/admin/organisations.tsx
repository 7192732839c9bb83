import { useState } from "react"
import { useApp } from "../chat/context.tsx"
import { stir as groupStir } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { OrganisationRecord } from "../shared/net/api.ts"
import { Avatar, Icon, IconButton } from "../shared/ui/basics.tsx"
import { Field } from "../shared/ui/field.tsx"
import ClosingDialog, { BundleDialog } from "./closing.tsx"
import { type AdminData, isStir, only } from "./data.ts"
import { DepartmentSelect } from "./departmentSelect.tsx"
import { FormDialog } from "./form.tsx"
import { ImportDialog, TableButtons } from "./importDialog.tsx"
import { SearchedPage } from "./lists.tsx"

export function Organisations({ data, reload }: { data: AdminData; reload: () => Promise<void> }) {
  const t = useT()
  const [form, setForm] = useState<OrganisationRecord | "new">()
  const [importing, setImporting] = useState(false)
  const [leaving, setLeaving] = useState<OrganisationRecord>()
  const [taking, setTaking] = useState<OrganisationRecord>()
  const accountants = (id: number) =>
    [
      ...new Set(
        data.assignments.filter((one) =>
          (typeof one.organisation === "number" ? one.organisation : one.organisation.id) === id
        )
          .map((one) => typeof one.account === "number" ? "" : one.account.name),
      ),
    ].filter(Boolean).join(", ")
  return (
    <>
      <SearchedPage<OrganisationRecord>
        title={t("admin.organisations")}
        path="organisations"
        count={data.organisations.length}
        version={data}
        columns={[t("admin.name"), t("admin.stir"), t("admin.department"), t("admin.accountant"), ""]}
        row={(one) => (
          <>
            <td>
              <span className="row">
                <Avatar id={one.id} name={one.name} org size={24} />
                <b className="m cut">{one.name}</b>
                {one.closedAt ? <span className="tag">{t("people.closed")}</span> : null}
              </span>
            </td>
            <td className="num" data-label={t("admin.stir")}>
              {one.stir ? groupStir(one.stir) : <span className="t3">—</span>}
            </td>
            <td data-label={t("admin.department")}>{one.department.name}</td>
            <td data-label={t("admin.accountant")}>{accountants(one.id) || <span className="t3">—</span>}</td>
            <td className="r">
              {one.closedAt
                ? (
                  <IconButton
                    icon="download"
                    label={`${t("people.bundle")}: ${one.name}`}
                    size="sm"
                    iconSize={14}
                    title={t("people.bundle")}
                    data-testid="organisation-bundle"
                    onClick={() => setTaking(one)}
                  />
                )
                : (
                  <IconButton
                    icon="lock"
                    label={`${t("people.close")}: ${one.name}`}
                    size="sm"
                    iconSize={14}
                    title={t("people.close")}
                    data-testid="organisation-close"
                    onClick={() => setLeaving(one)}
                  />
                )}
              <IconButton
                icon="edit"
                label={`${t("admin.change")}: ${one.name}`}
                size="sm"
                iconSize={14}
                title={t("admin.change")}
                onClick={() => setForm(one)}
              />
            </td>
          </>
        )}
        add={{
          label: t("admin.organisation.add"),
          run: () => setForm("new"),
          disabled: data.departments.length === 0 ? t("admin.organisation.needs") : undefined,
          testid: "add-organisation",
        }}
        more={<TableButtons what="organisations" onImport={() => setImporting(true)} />}
        empty={{ icon: "box", title: t("admin.organisation.empty"), text: t("admin.organisation.empty.text") }}
        testid="organisations"
      />
      {importing
        ? (
          <ImportDialog
            what="organisations"
            onClose={() => setImporting(false)}
            onDone={() => {
              setImporting(false)
              void reload()
            }}
          />
        )
        : null}
      {leaving
        ? (
          <ClosingDialog
            organisation={leaving}
            onClose={() => setLeaving(undefined)}
            onDone={() => {
              setLeaving(undefined)
              void reload()
            }}
          />
        )
        : null}
      {taking ? <BundleDialog organisation={taking} onClose={() => setTaking(undefined)} /> : null}
      {form
        ? (
          <OrganisationForm
            data={data}
            organisation={form === "new" ? undefined : form}
            onClose={() => setForm(undefined)}
            onDone={() => {
              setForm(undefined)
              void reload()
            }}
          />
        )
        : null}
    </>
  )
}

interface FormProps {
  data: AdminData
  organisation: OrganisationRecord | undefined
  onClose: () => void
  onDone: () => void
}

function OrganisationForm({ data, organisation, onClose, onDone }: FormProps) {
  const t = useT()
  const { api } = useApp()
  const [name, setName] = useState(organisation?.name ?? "")
  const [stir, setStir] = useState(organisation?.stir ?? "")
  const [department, setDepartment] = useState(String((organisation?.department ?? only(data.departments))?.id ?? ""))
  const digits = stir.replace(/\s/g, "")
  return (
    <FormDialog
      title={organisation ? organisation.name : t("admin.organisation.add")}
      check={() => ({
        name: name.trim() === "" ? t("field.required") : undefined,
        stir: digits !== "" && !isStir(digits) ? t("field.stir") : undefined,
        department: department === "" ? t("field.required") : undefined,
      })}
      send={() =>
        organisation
          ? api.changeOrganisation(organisation.id, {
            name: name.trim(),
            stir: digits === "" ? null : digits,
            department: Number(department),
          })
          : api.addOrganisation({
            name: name.trim(),
            department: Number(department),
            ...(digits === "" ? {} : { stir: digits }),
          })}
      onDone={onDone}
      onClose={onClose}
      testid="organisation-form"
    >
      {(errors) => (
        <>
          <Field
            label={t("admin.name")}
            value={name}
            maxLength={200}
            autoFocus
            error={errors["name"]}
            testid="organisation-name"
            onChange={(e) => setName(e.target.value)}
          />
          <Field
            label={t("admin.stir")}
            value={stir}
            inputMode="numeric"
            maxLength={11}
            error={errors["stir"]}
            hint={t("admin.stir.hint")}
            testid="organisation-stir"
            onChange={(e) => setStir(e.target.value)}
          />
          <DepartmentSelect
            departments={data.departments}
            value={department}
            error={errors["department"]}
            testid="organisation-department"
            onChoose={setDepartment}
          />
          {organisation ? null : (
            <div className="note note--accent">
              <Icon name="info" />
              <span>{t("admin.organisation.effect")}</span>
            </div>
          )}
        </>
      )}
    </FormDialog>
  )
}
