// What surrounds every page of a signed-in account: the rail, the banner, the title's counter, the profile.
import { Suspense, useEffect, useState } from "react"
import { Banner } from "./chat/banner.tsx"
import { ChatPage } from "./chat/chatPage.tsx"
import { useApp } from "./chat/context.tsx"
import { unreadTotal } from "./chat/inbox.ts"
import { roleName } from "./chat/words.ts"
import { viewing } from "./documents/viewing.ts"
import { overseeing } from "./oversight/overseeing.ts"
import { isLanguage, languageNames, languages, setLanguage, useT } from "./shared/i18n/index.tsx"
import { go, path, segments } from "./shared/router.ts"
import { useSignal } from "./shared/signal.ts"
import { isDark, setTheme, type Theme, theme } from "./shared/theme.ts"
import { Avatar, Icon, Logo, Skeleton } from "./shared/ui/basics.tsx"
import { Boundary, later } from "./shared/ui/boundary.tsx"
import { Dialog } from "./shared/ui/dialog.tsx"
import { Link } from "./shared/ui/link.tsx"
import { Menu, type MenuItem } from "./shared/ui/menu.tsx"
import { toast } from "./shared/ui/toast.tsx"
import type { ProfilePage } from "./profile.tsx"

const watch = later(() => import("./oversight/watchPage.tsx"))
const administration = later(() => import("./admin/adminPage.tsx"))
const audit = later(() => import("./audit/auditPage.tsx"))
const check = later(() => import("./audit/checkPage.tsx"))
const rootAlarm = later(() => import("./audit/rootAlarm.tsx"))
const figures = later(() => import("./figures/figuresPage.tsx"))
const viewer = later(() => import("./documents/viewer.tsx"))
const ledger = later(() => import("./oversight/overseePage.tsx"))
const wish = later(() => import("./oversight/wishDialog.tsx"))
const queue = later(() => import("./clocks/queuePage.tsx"))
const bellPanel = later(() => import("./clocks/bellPanel.tsx"))
const profile = later(() => import("./profile.tsx"))
const renew = {
  watch: watch.renew,
  admin: administration.renew,
  audit: audit.renew,
  check: check.renew,
  queue: queue.renew,
  kpi: figures.renew,
  chat: undefined,
}

export function Shell() {
  const t = useT()
  const { chat, session, api, signOut } = useApp()
  const at = segments(path.use())
  useSignal(chat.inboxSignal)
  useSignal(chat.bell.signal)
  const chosen = theme.use()
  const shown = viewing.use()
  const wished = overseeing.use()
  const [menu, setMenu] = useState<DOMRect>()
  const [dialog, setDialog] = useState<ProfilePage>()
  const [bell, setBell] = useState(false)
  const roles = session.memberships.map((membership) => membership.role)
  const admin = roles.includes("admin")
  const watches = admin || roles.includes("supervisor")
  const measured = watches || roles.includes("accountant")
  const topics = [...(chat.inbox?.topics.values() ?? [])]
  const takesPart = topics.some((topic) => topic.participant)
  const unread = unreadTotal(chat.inbox)
  const page = at[0] === "watch" && watches
    ? "watch"
    : at[0] === "admin" && watches
    ? "admin"
    : at[0] === "audit" && admin
    ? "audit"
    : at[0] === "check"
    ? "check"
    : at[0] === "queue" && chat.staff
    ? "queue"
    : at[0] === "kpi" && measured
    ? "kpi"
    : "chat"
  const books = page === "watch" && at[1] !== undefined && !/^\d+$/.test(at[1])
  const topic = at[0] === "t" ? Number(at[1]) || undefined : undefined

  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread > 99 ? "99+" : unread}) ` : ""}${t(`nav.${page}`)} · 1fin`
  }, [unread, page, t])

  // Who takes part in nothing starts where there is something to do.
  useEffect(() => {
    if (!chat.inbox || takesPart || at.length > 0) return
    if (admin && topics.length === 0) go("/admin", true)
    else if (watches) go("/watch", true)
  }, [chat.inbox, takesPart, at.length, admin, watches, topics.length])

  const themes: [Theme, string][] = [["system", t("theme.system")], ["light", t("theme.light")], [
    "dark",
    t("theme.dark"),
  ]]
  const items: MenuItem[] = [
    { id: "password", icon: "lock", label: t("profile.password"), run: () => setDialog("password") },
    { id: "devices", icon: "device", label: t("profile.devices"), run: () => setDialog("devices") },
    { id: "factor", icon: "shield", label: t("profile.factor"), run: () => setDialog("factor") },
    ...(roles.includes("client")
      ? [{ id: "invite", icon: "users", label: t("profile.invite"), run: () => setDialog("invite") }]
      : []),
    { id: "check", icon: "shield", label: t("nav.check"), run: () => go("/check") },
    ...languages.map((one, i): MenuItem => ({
      id: `language-${one}`,
      label: languageNames[one],
      ...(i === 0 ? { icon: "globe" } : { icon: "none" }),
      apart: i === 0,
      checked: t.language === one,
      run: () => {
        setLanguage(one)
        if (isLanguage(one)) api.setLanguage(one).catch(() => toast(t("profile.languageLocal"), "error"))
      },
    })),
    ...themes.map(([one, label], i): MenuItem => ({
      id: `theme-${one}`,
      label,
      icon: i === 0 ? "moon" : "none",
      apart: i === 0,
      checked: chosen === one,
      run: () => setTheme(one),
    })),
    { id: "signout", icon: "signout", label: t("profile.signOut"), apart: true, run: signOut },
  ]
  const link = (to: string, id: string, icon: string, label: string, badge = 0) => (
    <Link
      to={to}
      title={label}
      aria-label={badge > 0 ? `${label}, ${t("list.new", { n: badge })}` : label}
      aria-current={page === id ? "page" : undefined}
      testid={`nav-${id}`}
    >
      <Icon name={icon} />
      {badge > 0 ? <span className="badge">{badge > 99 ? "99+" : badge}</span> : null}
    </Link>
  )
  const open = page === "chat" && topic !== undefined
  return (
    <div className="page">
      <Banner />
      <Boundary frame={() => null}>
        <Suspense fallback={null}>
          <rootAlarm.Part />
        </Suspense>
      </Boundary>
      <div className="app" data-open={open || (page === "watch" && at[1] !== undefined && !books) || undefined}>
        <nav className="rail" aria-label={t("nav.label")}>
          <Logo />
          {takesPart || !watches
            ? link(chat.current === undefined ? "/" : `/t/${chat.current}`, "chat", "chat", t("nav.chat"), unread)
            : null}
          {chat.staff ? link("/queue", "queue", "clock", t("nav.queue")) : null}
          {watches ? link("/watch", "watch", "ghost", t("nav.watch")) : null}
          {admin ? link("/audit", "audit", "shield", t("nav.audit")) : null}
          {measured ? link("/kpi", "kpi", "chart", t("nav.kpi")) : null}
          {admin
            ? link("/admin", "admin", "sliders", t("nav.admin"))
            : watches
            ? link("/admin/assignments", "admin", "chain", t("admin.assignments"))
            : null}
          <span className="sp" />
          <button
            type="button"
            className="rail__theme rail__bell"
            aria-label={chat.bell.unread > 0
              ? `${t("nav.bell")}, ${t("list.new", { n: chat.bell.unread })}`
              : t("nav.bell")}
            title={t("nav.bell")}
            aria-haspopup="dialog"
            data-testid="bell"
            onClick={() => setBell(true)}
          >
            <Icon name="bell" />
            {chat.bell.unread > 0
              ? <span className="badge">{chat.bell.unread > 99 ? "99+" : chat.bell.unread}</span>
              : null}
          </button>
          <button
            type="button"
            className="rail__theme"
            aria-label={t(isDark() ? "theme.toLight" : "theme.toDark")}
            title={t(isDark() ? "theme.toLight" : "theme.toDark")}
            data-testid="theme"
            onClick={() => setTheme(isDark() ? "light" : "dark")}
          >
            <Icon name="moon" />
          </button>
          <button
            type="button"
            className="rail__me"
            aria-label={t("profile.label", { name: session.account.name })}
            title={session.account.name}
            aria-haspopup="menu"
            data-testid="profile"
            onClick={(event) => setMenu(event.currentTarget.getBoundingClientRect())}
          >
            <Avatar id={session.account.id} name={session.account.name} />
          </button>
        </nav>
        <Boundary
          key={books ? "books" : page}
          renew={books ? ledger.renew : renew[page]}
          frame={(content) => <main className="main">{content}</main>}
        >
          <Suspense
            fallback={
              <main className="main">
                <Skeleton rows={6} />
              </main>
            }
          >
            {page === "watch"
              ? books
                ? <ledger.Part page={at[1]} />
                : <watch.Part topic={at[1] === undefined ? undefined : Number(at[1]) || undefined} />
              : page === "queue"
              ? <queue.Part />
              : page === "admin"
              ? <administration.Part page={admin ? at[1] : "assignments"} whole={admin} />
              : page === "audit"
              ? <audit.Part page={at[1]} />
              : page === "check"
              ? <check.Part />
              : page === "kpi"
              ? <figures.Part page={at[1]} month={at[2]} />
              : <ChatPage topic={topic} />}
          </Suspense>
        </Boundary>
      </div>
      {menu
        ? (
          <Menu
            label={t("profile.label", { name: session.account.name })}
            items={items}
            anchor={menu}
            onClose={() => setMenu(undefined)}
            testid="profile-menu"
            head={
              <div className="me">
                <Avatar id={session.account.id} name={session.account.name} size={36} />
                <span className="grow">
                  <b className="cut">{session.account.name}</b>
                  <span className="s12 t3">
                    {session.memberships.map((one) =>
                      [roleName(t, one.role), one.organisation?.name ?? one.department?.name].filter(Boolean).join(", ")
                    ).join(" · ")}
                  </span>
                </span>
              </div>
            }
          />
        )
        : null}
      {shown
        ? (
          <Boundary
            renew={viewer.renew}
            frame={(content) => (
              <Dialog title={t("viewer.title")} onClose={() => viewing.set(undefined)}>{content}</Dialog>
            )}
          >
            <Suspense fallback={null}>
              <viewer.Part shown={shown} />
            </Suspense>
          </Boundary>
        )
        : null}
      {wished
        ? (
          <Boundary
            renew={wish.renew}
            frame={(content) => (
              <Dialog title={t("nav.watch")} onClose={() => overseeing.set(undefined)}>{content}</Dialog>
            )}
          >
            <Suspense fallback={null}>
              <wish.Part wish={wished} onClose={() => overseeing.set(undefined)} />
            </Suspense>
          </Boundary>
        )
        : null}
      {bell
        ? (
          <Boundary
            renew={bellPanel.renew}
            frame={(content) => <Dialog title={t("nav.bell")} onClose={() => setBell(false)}>{content}</Dialog>}
          >
            <Suspense fallback={null}>
              <bellPanel.Part onClose={() => setBell(false)} />
            </Suspense>
          </Boundary>
        )
        : null}
      {dialog
        ? (
          <Boundary
            renew={profile.renew}
            frame={(content) => (
              <Dialog title={t(`profile.${dialog}`)} onClose={() => setDialog(undefined)}>{content}</Dialog>
            )}
          >
            <Suspense fallback={null}>
              <profile.Part page={dialog} onClose={() => setDialog(undefined)} />
            </Suspense>
          </Boundary>
        )
        : null}
    </div>
  )
}
