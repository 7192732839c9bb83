// What each role is for, how far it sees, and who has it. The exact table is docs/permissions.md, printed from what the servers decide by.
import "../people/words.ts"
import { useState } from "react"
import { roleName } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { Role } from "../shared/net/protocol.ts"
import { go } from "../shared/router.ts"
import { Avatar, Icon } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import { type AdminData, has } from "./data.ts"

const firm: readonly Role[] = ["admin", "supervisor", "accountant"]
const company: readonly Role[] = ["client", "warehouse", "production", "sales", "agent", "driver"]

export default function RolesPage({ data }: { data: AdminData }) {
  const t = useT()
  const [shown, setShown] = useState<Role>()
  const people = (role: Role) => data.users.filter((user) => has(user, role))
  const place = (user: AdminData["users"][number], role: Role) =>
    user.memberships.filter((one) => one.role === role)
      .map((one) => one.organisation?.name ?? one.department?.name ?? "").filter(Boolean).join(", ")
  const row = (role: Role) => {
    const count = people(role).length
    return (
      <tr key={role} data-testid="role-row" data-role={role}>
        <td>
          <b className="m">{roleName(t, role)}</b>
        </td>
        <td className="wrap" data-label={t("people.roles.sees")}>{t(`people.roles.${role}.sees`)}</td>
        <td className="wrap" data-label={t("people.roles.does")}>{t(`people.roles.${role}.does`)}</td>
        <td className="r">
          {count === 0 ? <span className="t3">—</span> : (
            <button
              type="button"
              className="btn btn--sm num"
              aria-label={t("people.roles.who", { role: roleName(t, role), n: count })}
              data-testid="role-people"
              onClick={() => setShown(role)}
            >
              <Icon name="users" size={14} />
              {count}
            </button>
          )}
        </td>
      </tr>
    )
  }
  return (
    <section className="main" data-testid="roles-page">
      <header className="bar">
        <h1 className="nw grow">{t("people.roles")}</h1>
      </header>
      <div className="tablewrap scroll">
        <table className="table table--read">
          <thead>
            <tr>
              <th scope="col">{t("admin.role")}</th>
              <th scope="col">{t("people.roles.sees")}</th>
              <th scope="col">{t("people.roles.does")}</th>
              <th scope="col">
                <span className="sr">{t("admin.users")}</span>
              </th>
            </tr>
          </thead>
          <tbody>{firm.map(row)}</tbody>
          <tbody>{company.map(row)}</tbody>
        </table>
      </div>
      {shown
        ? (
          <Dialog
            title={roleName(t, shown)}
            icon="users"
            onClose={() => setShown(undefined)}
            testid="role-dialog"
            foot={<button type="button" className="btn" onClick={() => go("/admin/users")}>{t("admin.users")}</button>}
          >
            <ul className="devices plan">
              {people(shown).map((user) => (
                <li key={user.id} className="row">
                  <Avatar id={user.id} name={user.name} size={24} />
                  <span className="grow">
                    <b className="m">{user.name}</b>
                    <span className="s12 t3 block">{place(user, shown) || user.login}</span>
                  </span>
                </li>
              ))}
            </ul>
          </Dialog>
        )
        : null}
    </section>
  )
}
