import { useState } from "react"
import { useApp } from "../chat/context.tsx"
import { roleName } from "../chat/words.ts"
import { type Language, languageNames, languages, useT } from "../shared/i18n/index.tsx"
import type { Named, UserRecord } from "../shared/net/api.ts"
import type { Role } from "../shared/net/protocol.ts"
import { Icon, IconButton } from "../shared/ui/basics.tsx"
import { Field, Select } from "../shared/ui/field.tsx"
import { Picker } from "../shared/ui/picker.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { normaliseLogin, shortestPassword } from "../shared/account.ts"
import { type AdminData, isLogin, makePassword, only, useCompanies } from "./data.ts"
import { DepartmentSelect } from "./departmentSelect.tsx"
import { type Errors, FormDialog } from "./form.tsx"

const roles: readonly Role[] = [
  "client",
  "accountant",
  "supervisor",
  "admin",
  "warehouse",
  "production",
  "sales",
  "agent",
  "driver",
]
const needsDepartment = (role: Role) => role === "accountant" || role === "supervisor"
const needsOrganisation = (role: Role) => role !== "admin" && !needsDepartment(role)

interface Place {
  role: Role
  department: string
  organisation: Named | undefined
}

function usePlace(data: AdminData, first: Role) {
  const t = useT()
  const companies = useCompanies(data.organisations)
  const [place, setPlace] = useState<Place>({
    role: first,
    department: String(only(data.departments)?.id ?? ""),
    organisation: only(data.organisations.filter((one) => !one.closedAt)),
  })
  const check = (): Errors => ({
    department: needsDepartment(place.role) && place.department === "" ? t("field.required") : undefined,
    organisation: needsOrganisation(place.role) && !place.organisation ? t("field.required") : undefined,
  })
  const value = {
    role: place.role,
    ...(needsDepartment(place.role) ? { department: Number(place.department) } : {}),
    ...(needsOrganisation(place.role) && place.organisation ? { organisation: place.organisation.id } : {}),
  }
  const fields = (errors: Errors) => (
    <>
      <Select
        label={t("admin.role")}
        value={place.role}
        error={errors["role"]}
        testid="user-role"
        onChange={(e) => setPlace({ ...place, role: e.target.value as Role })}
      >
        {roles.map((role) => <option key={role} value={role}>{roleName(t, role)}</option>)}
      </Select>
      {needsDepartment(place.role)
        ? (
          <DepartmentSelect
            departments={data.departments}
            value={place.department}
            error={errors["department"]}
            testid="user-department"
            onChoose={(department) => setPlace({ ...place, department })}
          />
        )
        : null}
      {needsOrganisation(place.role)
        ? (
          <Picker
            label={t("admin.organisation")}
            chosen={place.organisation}
            error={errors["organisation"]}
            testid="user-organisation"
            onChoose={(organisation) => setPlace({ ...place, organisation })}
            find={companies}
          />
        )
        : null}
    </>
  )
  return { value, check, fields }
}

function PasswordMaker(
  { value, onChange, error }: { value: string; onChange: (value: string) => void; error: string | undefined },
) {
  const t = useT()
  return (
    <div className="maker">
      <Field
        label={t("admin.password")}
        value={value}
        autoComplete="off"
        spellCheck={false}
        error={error}
        hint={t("field.password_hint", { n: shortestPassword })}
        testid="user-password"
        onChange={(e) => onChange(e.target.value)}
      />
      <button type="button" className="btn" onClick={() => onChange(makePassword())}>
        <Icon name="sync" />
        {t("admin.password.make")}
      </button>
      <IconButton
        icon="file"
        label={t("message.copy")}
        plain
        onClick={() =>
          void navigator.clipboard?.writeText(value).then(
            () => toast(t("copied")),
            () => toast(t("copyFailed"), "error"),
          )}
      />
    </div>
  )
}

interface Ends {
  onClose: () => void
  onDone: () => void
}

export function UserForm({ data, onClose, onDone }: { data: AdminData } & Ends) {
  const t = useT()
  const { api } = useApp()
  // The first person whom a firm lacks is offered first.
  const first: Role = data.users.some((user) => user.memberships.some((one) => one.role === "accountant"))
    ? "client"
    : "accountant"
  const place = usePlace(data, data.organisations.length === 0 ? "accountant" : first)
  const [name, setName] = useState("")
  const [login, setLogin] = useState("")
  const [password, setPassword] = useState(makePassword)
  const [language, setLanguage] = useState<Language>("uz")
  return (
    <FormDialog
      title={t("admin.user.add")}
      check={() => ({
        name: name.trim() === "" ? t("field.required") : undefined,
        login: login.trim() === ""
          ? t("field.required")
          : isLogin(normaliseLogin(login))
          ? undefined
          : t("field.login"),
        password: [...password].length < shortestPassword
          ? t("field.password_short", { n: shortestPassword })
          : undefined,
        ...place.check(),
      })}
      send={() => api.addUser({ name: name.trim(), login: normaliseLogin(login), password, language, ...place.value })}
      onDone={onDone}
      onClose={onClose}
      testid="user-form"
    >
      {(errors) => (
        <>
          <Field
            label={t("admin.person")}
            value={name}
            maxLength={200}
            autoFocus
            error={errors["name"]}
            testid="user-name"
            onChange={(e) => setName(e.target.value)}
          />
          <div className="two">
            <Field
              label={t("admin.login")}
              value={login}
              maxLength={100}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              error={errors["login"]}
              hint={t("admin.login.hint")}
              testid="user-login"
              onChange={(e) => setLogin(e.target.value)}
            />
            <Select
              label={t("admin.language")}
              value={language}
              error={errors["language"]}
              testid="user-language"
              onChange={(e) => setLanguage(e.target.value as Language)}
            >
              {languages.map((one) => <option key={one} value={one}>{languageNames[one]}</option>)}
            </Select>
          </div>
          {place.fields(errors)}
          <PasswordMaker value={password} onChange={setPassword} error={errors["password"]} />
          <p className="hint">{t("admin.password.give")}</p>
        </>
      )}
    </FormDialog>
  )
}

export function NameForm({ user, onClose, onDone }: { user: UserRecord } & Ends) {
  const t = useT()
  const { api } = useApp()
  const [name, setName] = useState(user.name)
  const [language, setLanguage] = useState<Language>(user.language)
  return (
    <FormDialog
      title={user.name}
      check={() => ({ name: name.trim() === "" ? t("field.required") : undefined })}
      send={() => api.changeUser(user.id, { name: name.trim(), language })}
      onDone={onDone}
      onClose={onClose}
      testid="user-change-form"
    >
      {(errors) => (
        <>
          <Field
            label={t("admin.person")}
            value={name}
            maxLength={200}
            autoFocus
            error={errors["name"]}
            testid="user-name"
            onChange={(e) => setName(e.target.value)}
          />
          <Select
            label={t("admin.language")}
            value={language}
            error={errors["language"]}
            onChange={(e) => setLanguage(e.target.value as Language)}
          >
            {languages.map((one) => <option key={one} value={one}>{languageNames[one]}</option>)}
          </Select>
        </>
      )}
    </FormDialog>
  )
}

export function ResetForm({ user, onClose, onDone }: { user: UserRecord } & Ends) {
  const t = useT()
  const { api } = useApp()
  const [password, setPassword] = useState(makePassword)
  return (
    <FormDialog
      title={t("admin.password.reset")}
      check={() => ({
        password: [...password].length < shortestPassword
          ? t("field.password_short", { n: shortestPassword })
          : undefined,
      })}
      send={() => api.changeUser(user.id, { password })}
      onDone={onDone}
      onClose={onClose}
      testid="reset-form"
    >
      {(errors) => (
        <>
          <p className="t2">{t("admin.password.resetText", { name: user.name })}</p>
          <PasswordMaker value={password} onChange={setPassword} error={errors["password"]} />
          <p className="hint">{t("admin.password.give")}</p>
        </>
      )}
    </FormDialog>
  )
}

export function MembershipForm({ data, user, onClose, onDone }: { data: AdminData; user: UserRecord } & Ends) {
  const t = useT()
  const { api } = useApp()
  const place = usePlace(data, user.memberships[0]?.role ?? "client")
  return (
    <FormDialog
      title={`${t("admin.membership.add")}: ${user.name}`}
      check={place.check}
      send={() => api.addMembership(user.id, place.value)}
      onDone={onDone}
      onClose={onClose}
      testid="membership-form"
    >
      {place.fields}
    </FormDialog>
  )
}
