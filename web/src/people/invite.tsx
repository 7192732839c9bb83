// An owner invites colleagues; an admin invites anybody. A link is shown once; open ones can be revoked.
import { useCallback, useMemo, useState } from "react"
import { type AdminData, only, useCompanies } from "../admin/data.ts"
import { DepartmentSelect } from "../admin/departmentSelect.tsx"
import { unseenText } from "../admin/form.tsx"
import { useApp } from "../chat/context.tsx"
import { errorText, fieldError, roleName, when } from "../chat/words.ts"
import { useAnswer } from "../shared/answer.ts"
import { useT } from "../shared/i18n/index.tsx"
import { type Errors, watched } from "../shared/fields.ts"
import { ApiError, type Named, type NewMembership } from "../shared/net/api.ts"
import type { Role } from "../shared/net/protocol.ts"
import { ErrorNote, Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import { Field, Select } from "../shared/ui/field.tsx"
import { FailedNote } from "../shared/ui/list.tsx"
import { Picker } from "../shared/ui/picker.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { invite, type MadeLink, openLinks, ownCompanies, revokeLink } from "./calls.ts"
import { MadeLinkBox } from "./parts.tsx"

const companyRoles: readonly Role[] = ["client", "sales", "warehouse", "production", "agent", "driver"]
const firmRoles: readonly Role[] = ["accountant", "supervisor", "admin"]
const needsDepartment = (role: Role) => role === "accountant" || role === "supervisor"

/** `firm`: what an admin may choose from; without it only the own companies. */
export function InviteDialog({ firm, onClose }: {
  firm?: Pick<AdminData, "organisations" | "departments">
  onClose: () => void
}) {
  const t = useT()
  const { api, session } = useApp()
  const companies = useMemo(
    () => firm ? firm.organisations.filter((one) => !one.closedAt) : ownCompanies(session.memberships),
    [firm, session.memberships],
  )
  const roles = firm ? [...companyRoles, ...firmRoles] : companyRoles
  const [role, setRole] = useState<Role>("client")
  const [company, setCompany] = useState<Named | undefined>(() => only(companies))
  const find = useCompanies(companies)
  const [department, setDepartment] = useState(() => String(only(firm?.departments ?? [])?.id ?? ""))
  const [name, setName] = useState("")
  const [errors, setErrors] = useState<Errors>({})
  const [refused, setRefused] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [made, setMade] = useState<MadeLink>()
  const load = useCallback(() => openLinks(api), [api])
  const links = useAnswer(load)
  const inFirm = firmRoles.includes(role)
  const submit = () => {
    const missing = {
      organisation: !inFirm && !company ? t("field.required") : undefined,
      department: needsDepartment(role) && department === "" ? t("field.required") : undefined,
    }
    setErrors(missing)
    setRefused(undefined)
    if (busy || Object.values(missing).some((one) => one !== undefined)) return
    const value: NewMembership & { name: string } = {
      role,
      name: name.trim(),
      ...(inFirm || !company ? {} : { organisation: company.id }),
      ...(needsDepartment(role) ? { department: Number(department) } : {}),
    }
    setBusy(true)
    invite(api, value).then((link) => {
      setBusy(false)
      setMade(link)
      setName("")
      links.reload()
    }, (cause: unknown) => {
      if (!(cause instanceof ApiError)) throw cause
      setBusy(false)
      const fields = Object.fromEntries(
        Object.entries(cause.fields).map(([field, code]) => [field, fieldError(t, code)]),
      )
      if (Object.keys(fields).length > 0) setErrors(fields)
      else setRefused(errorText(t, cause.code))
    })
  }
  const watch = watched(errors)
  const seen = watch.errors
  const form = (
    <>
      <div className="two">
        <Field
          label={t("people.invite.who")}
          value={name}
          maxLength={200}
          testid="invite-name"
          onChange={(event) => setName(event.target.value)}
        />
        <Select
          label={t("admin.role")}
          value={role}
          testid="invite-role"
          onChange={(event) => setRole(event.target.value as Role)}
        >
          {roles.map((one) => <option key={one} value={one}>{roleName(t, one)}</option>)}
        </Select>
      </div>
      {!inFirm && companies.length !== 1
        ? (
          <Picker
            label={t("people.invite.company")}
            chosen={company}
            error={seen["organisation"]}
            testid="invite-organisation"
            onChoose={setCompany}
            find={find}
          />
        )
        : null}
      {needsDepartment(role)
        ? (
          <DepartmentSelect
            departments={firm?.departments ?? []}
            value={department}
            error={seen["department"]}
            testid="invite-department"
            onChoose={setDepartment}
          />
        )
        : null}
    </>
  )
  const elsewhere = refused ?? unseenText(t, watch.unseen())
  return (
    <Dialog
      title={t("people.invite")}
      icon="users"
      onClose={onClose}
      held={busy}
      onSubmit={submit}
      wide
      testid="invite-dialog"
    >
      <p className="t2">{t("people.invite.text")}</p>
      {form}
      {elsewhere === "" ? null : <ErrorNote testid="invite-error">{elsewhere}</ErrorNote>}
      <button type="submit" className="btn btn--primary" disabled={busy} aria-busy={busy} data-testid="invite-make">
        {t("people.invite.make")}
      </button>
      {made ? <MadeLinkBox made={made} /> : null}
      <h3>{t("people.invite.open")}</h3>
      {links.error
        ? <FailedNote code={links.error} again={links.reload} />
        : !links.value
        ? <Skeleton rows={2} />
        : links.value.items.length === 0
        ? <p className="t3" data-testid="links-none">{t("people.invite.none")}</p>
        : (
          <ul className="devices">
            {links.value.items.map((link) => (
              <li key={link.id} className="row" data-testid="open-link">
                <Icon name={link.kind === "reset" ? "lock" : "user"} />
                <span className="grow">
                  <b className="m">
                    {link.kind === "reset"
                      ? t("people.invite.reset", { name: link.account?.name ?? "" })
                      : link.name || (link.role ? roleName(t, link.role) : "")}
                  </b>
                  <span className="s12 t3 block">
                    {[
                      link.role ? roleName(t, link.role) : "",
                      link.organisation?.name ?? link.department?.name ?? "",
                      link.by.name,
                      t("people.link.until", { when: when(t, Date.parse(link.expiresAt), Date.now()) }),
                    ].filter(Boolean).join(" · ")}
                  </span>
                </span>
                <button
                  type="button"
                  className="btn btn--sm"
                  data-testid="link-revoke"
                  onClick={() =>
                    revokeLink(api, link.id).then(
                      () => {
                        toast(t("people.invite.revoked"))
                        links.reload()
                      },
                      (cause: unknown) =>
                        toast(errorText(t, cause instanceof ApiError ? cause.code : "unknown"), "error"),
                    )}
                >
                  {t("people.invite.revoke")}
                </button>
              </li>
            ))}
          </ul>
        )}
    </Dialog>
  )
}
