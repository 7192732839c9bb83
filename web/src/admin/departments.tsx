import { useState } from "react"
import { Confirm } from "../chat/caseDialogs.tsx"
import { useApp } from "../chat/context.tsx"
import { useT } from "../shared/i18n/index.tsx"
import type { Named } from "../shared/net/api.ts"
import { fold } from "../shared/text.ts"
import { IconButton } from "../shared/ui/basics.tsx"
import { Field } from "../shared/ui/field.tsx"
import type { AdminData } from "./data.ts"
import { FormDialog } from "./form.tsx"
import { ListPage } from "./lists.tsx"
import { RetiredDialog } from "./retired.tsx"

export function Departments({ data, reload }: { data: AdminData; reload: () => Promise<void> }) {
  const t = useT()
  const { api } = useApp()
  const [retiring, setRetiring] = useState<Named>()
  const [form, setForm] = useState<Named | "new">()
  const [looksBack, setLooksBack] = useState(false)
  return (
    <>
      <ListPage
        title={t("admin.departments")}
        items={data.departments}
        text={(one) => one.name}
        fold={fold}
        columns={[t("admin.name"), t("admin.organisations"), t("admin.users"), ""]}
        row={(one) => (
          <>
            <td>
              <b className="m">{one.name}</b>
            </td>
            <td className="num" data-label={t("admin.organisations")}>
              {data.organisations.filter((org) => org.department.id === one.id).length}
            </td>
            <td className="num" data-label={t("admin.users")}>
              {data.users.filter((user) => user.memberships.some((m) => m.department?.id === one.id)).length}
            </td>
            <td className="r">
              <IconButton
                icon="lock"
                label={`${t("people.department.retire")}: ${one.name}`}
                size="sm"
                iconSize={14}
                title={t("people.department.retire")}
                data-testid="department-retire"
                onClick={() => setRetiring(one)}
              />
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
        add={{ label: t("admin.department.add"), run: () => setForm("new"), testid: "add-department" }}
        more={
          <button
            type="button"
            className="btn"
            data-testid="departments-retired"
            onClick={() => setLooksBack(true)}
          >
            {t("people.department.retired")}
          </button>
        }
        empty={{ icon: "home", title: t("admin.department.empty"), text: t("admin.department.empty.text") }}
        testid="departments"
      />
      {retiring
        ? (
          <Confirm
            title={t("people.department.retire.title", { name: retiring.name })}
            effects={[t("people.department.retire.effect"), t("people.department.retire.name")]}
            button="people.department.retire"
            danger
            testid="department-retire-dialog"
            run={() => api.retireDepartment(retiring.id).then(reload)}
            onClose={() => setRetiring(undefined)}
          />
        )
        : null}
      {looksBack ? <RetiredDialog onRestored={() => void reload()} onClose={() => setLooksBack(false)} /> : null}
      {form
        ? (
          <DepartmentForm
            department={form === "new" ? undefined : form}
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

function DepartmentForm(
  { department, onClose, onDone }: { department: Named | undefined; onClose: () => void; onDone: () => void },
) {
  const t = useT()
  const { api } = useApp()
  const [name, setName] = useState(department?.name ?? "")
  return (
    <FormDialog
      title={department ? department.name : t("admin.department.add")}
      check={() => ({ name: name.trim() === "" ? t("field.required") : undefined })}
      send={() => department ? api.renameDepartment(department.id, name.trim()) : api.addDepartment(name.trim())}
      onDone={onDone}
      onClose={onClose}
      testid="department-form"
    >
      {(errors) => (
        <Field
          label={t("admin.name")}
          value={name}
          maxLength={200}
          autoFocus
          error={errors["name"]}
          testid="department-name"
          onChange={(e) => setName(e.target.value)}
        />
      )}
    </FormDialog>
  )
}
