import { useState } from "react"
import { Confirm } from "../chat/caseDialogs.tsx"
import { useApp } from "../chat/context.tsx"
import { errorText, roleName } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError, type Membership, type UserRecord } from "../shared/net/api.ts"
import { Avatar, Icon, IconButton } from "../shared/ui/basics.tsx"
import { Menu, type MenuItem } from "../shared/ui/menu.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { removeFactor } from "../people/calls.ts"
import { InviteDialog } from "../people/invite.tsx"
import type { AdminData } from "./data.ts"
import { SearchedPage } from "./lists.tsx"
import { ImportDialog, TableButtons } from "./importDialog.tsx"
import { ResetLinkDialog } from "./resetLink.tsx"
import { MembershipForm, NameForm, ResetForm, UserForm } from "./userForms.tsx"

type Open =
  | { what: "new" }
  | { what: "menu"; user: UserRecord; at: DOMRect }
  | { what: "invite" }
  | { what: "import" }
  | { what: "name" | "reset" | "link" | "role" | "disable" | "factor"; user: UserRecord }
  | { what: "end"; user: UserRecord; membership: Membership }

export function Users({ data, reload }: { data: AdminData; reload: () => Promise<void> }) {
  const t = useT()
  const { api, session } = useApp()
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const done = () => {
    close()
    void reload()
  }
  const place = (membership: Membership) =>
    [roleName(t, membership.role), membership.organisation?.name ?? membership.department?.name].filter(Boolean).join(
      " · ",
    )
  const menu = (user: UserRecord): MenuItem[] => {
    const own = user.id === session.account.id
    return [
      { id: "rename", icon: "edit", label: t("admin.change"), run: () => setOpen({ what: "name", user }) },
      { id: "add-role", icon: "plus", label: t("admin.membership.add"), run: () => setOpen({ what: "role", user }) },
      ...(own ? [] : [{
        id: "reset-link",
        icon: "chain",
        label: t("people.resetlink"),
        run: () => setOpen({ what: "link", user }),
      }, {
        id: "reset",
        icon: "lock",
        label: t("admin.password.reset"),
        run: () => setOpen({ what: "reset", user }),
      }, {
        id: "factor",
        icon: "shield",
        label: t("people.factor.remove"),
        run: () => setOpen({ what: "factor", user }),
      }]),
      ...user.memberships.map((membership, i): MenuItem => ({
        id: `end-role-${membership.id}`,
        icon: "x",
        label: t("admin.membership.end", { role: place(membership) }),
        apart: i === 0,
        danger: true,
        run: () => setOpen({ what: "end", user, membership }),
      })),
      ...(own ? [] : [{
        id: "disable",
        icon: user.disabled ? "check" : "lock",
        label: t(user.disabled ? "admin.enable" : "admin.disable"),
        apart: user.memberships.length === 0,
        danger: !user.disabled,
        run: () =>
          user.disabled
            ? void api.changeUser(user.id, { disabled: false }).then(reload, (error: unknown) => {
              if (!(error instanceof ApiError)) throw error
              toast(`${user.name}: ${errorText(t, error.code)}`, "error")
            })
            : setOpen({ what: "disable", user }),
      }]),
    ]
  }
  return (
    <>
      <SearchedPage<UserRecord>
        title={t("admin.users")}
        path="users"
        count={data.users.length}
        version={data}
        columns={[t("admin.person"), t("admin.login"), t("admin.roles"), t("admin.state"), ""]}
        row={(user) => (
          <>
            <td>
              <span className="row">
                <Avatar id={user.id} name={user.name} size={24} />
                <b className="m cut">{user.name}</b>
              </span>
            </td>
            <td data-label={t("admin.login")}>{user.login}</td>
            <td data-label={t("admin.roles")} className="wrap">
              {user.memberships.length === 0 ? <span className="t3">{t("admin.membership.none")}</span> : null}
              {user.memberships.map((membership) => <span key={membership.id} className="tag">{place(membership)}
              </span>)}
            </td>
            <td data-label={t("admin.state")}>
              {user.disabled
                ? (
                  <span className="tag tag--danger">
                    <Icon name="lock" size={12} />
                    {t("admin.disabled")}
                  </span>
                )
                : <span className="t3">{t("admin.active")}</span>}
            </td>
            <td className="r">
              <IconButton
                icon="dots"
                label={`${t("message.more")}: ${user.name}`}
                size="sm"
                title={t("message.more")}
                aria-haspopup="menu"
                data-testid="user-menu"
                onClick={(event) => setOpen({ what: "menu", user, at: event.currentTarget.getBoundingClientRect() })}
              />
            </td>
          </>
        )}
        add={{ label: t("admin.user.add"), run: () => setOpen({ what: "new" }), testid: "add-user" }}
        more={
          <>
            <TableButtons what="users" onImport={() => setOpen({ what: "import" })} />
            <button
              type="button"
              className="btn bar__half"
              data-testid="invite"
              onClick={() => setOpen({ what: "invite" })}
            >
              <Icon name="chain" />
              {t("people.invite")}
            </button>
          </>
        }
        empty={{ icon: "users", title: t("admin.user.empty"), text: t("admin.user.empty.text") }}
        testid="users"
      />
      {open?.what === "menu"
        ? <Menu label={open.user.name} items={menu(open.user)} anchor={open.at} onClose={close} />
        : null}
      {open?.what === "new" ? <UserForm data={data} onClose={close} onDone={done} /> : null}
      {open?.what === "name" ? <NameForm user={open.user} onClose={close} onDone={done} /> : null}
      {open?.what === "reset" ? <ResetForm user={open.user} onClose={close} onDone={done} /> : null}
      {open?.what === "role" ? <MembershipForm data={data} user={open.user} onClose={close} onDone={done} /> : null}
      {open?.what === "import" ? <ImportDialog what="users" onClose={close} onDone={done} /> : null}
      {open?.what === "invite"
        ? (
          <InviteDialog
            firm={data}
            onClose={done}
          />
        )
        : null}
      {open?.what === "link" ? <ResetLinkDialog user={open.user} onClose={close} /> : null}
      {open?.what === "factor"
        ? (
          <Confirm
            title={t("people.factor.remove")}
            effects={[t("people.factor.remove.effect", { name: open.user.name })]}
            button="people.factor.remove"
            danger
            testid="factor-remove-dialog"
            run={() =>
              removeFactor(api, open.user.id).then(
                () => toast(t("people.factor.removed")),
                (cause: unknown) => {
                  if (!(cause instanceof ApiError)) throw cause
                  toast(cause.status === 404 ? t("people.factor.none") : errorText(t, cause.code), "error")
                },
              )}
            onClose={close}
          />
        )
        : null}
      {open?.what === "disable"
        ? (
          <Confirm
            title={t("admin.disable.title", { name: open.user.name })}
            effects={[t("admin.disable.effect1"), t("admin.disable.effect2")]}
            button="admin.disable"
            danger
            testid="disable-dialog"
            run={() => api.changeUser(open.user.id, { disabled: true }).then(reload)}
            onClose={close}
          />
        )
        : null}
      {open?.what === "end"
        ? (
          <Confirm
            title={t("admin.membership.end.title")}
            effects={[t("admin.membership.end.effect", { name: open.user.name, role: place(open.membership) })]}
            button="admin.membership.end.button"
            danger
            testid="membership-end-dialog"
            run={() => api.endMembership(open.membership.id).then(reload)}
            onClose={close}
          />
        )
        : null}
    </>
  )
}
