// Administration: enough to bring a firm from an empty database to its first conversation, and to keep it in order.
import "../people/words.ts"
import { Suspense } from "react"
import { useApp } from "../chat/context.tsx"
import { type Key, useT } from "../shared/i18n/index.tsx"
import { Skeleton } from "../shared/ui/basics.tsx"
import { Boundary, later } from "../shared/ui/boundary.tsx"
import { Failed } from "../shared/ui/list.tsx"
import { SideLink, SideNav } from "../shared/ui/sideNav.tsx"
import { Assignments } from "./assignments.tsx"
import { steps, useAdminData } from "./data.ts"
import { Departments } from "./departments.tsx"
import { FileSettingsPage } from "./fileSettings.tsx"
import { Organisations } from "./organisations.tsx"
import RolesPage from "./rolesPage.tsx"
import SessionRules from "./sessionRules.tsx"
import SessionsPage from "./sessionsPage.tsx"
import { NextStep, Steps } from "./steps.tsx"
import { Users } from "./users.tsx"
import { WatermarkPage } from "./watermark.tsx"

const calendar = later(() => import("../clocks/calendarPage.tsx"))
const targets = later(() => import("../clocks/targetsPage.tsx"))
const pages = [
  "steps",
  "departments",
  "organisations",
  "users",
  "assignments",
  "calendar",
  "sla",
  "watermark",
  "files",
  "roles",
  "sessions",
  "rules",
] as const
type Page = (typeof pages)[number]
const icons: Record<Page, string> = {
  steps: "check",
  departments: "home",
  organisations: "box",
  users: "users",
  assignments: "chain",
  calendar: "history",
  sla: "clock",
  watermark: "stamp",
  files: "file",
  roles: "user",
  sessions: "device",
  rules: "lock",
}
/** Pages whose names stand with the words of their own. */
const names: Partial<Record<Page, Key>> = {
  roles: "people.roles",
  sessions: "people.sessions",
  rules: "people.sessions.settings",
}

/** `whole`: for admins. Supervisors plan the assignments of their department, and see nothing else here. */
export default function AdminPage({ page, whole }: { page: string | undefined; whole: boolean }) {
  const t = useT()
  const { api } = useApp()
  const { value: data, error, reload } = useAdminData(api)
  const done = data !== undefined && steps(data).every((step) => step.done)
  const wanted = pages.find((one) => one === page)
  const shown: Page = wanted ?? (done ? "organisations" : "steps")
  const counts: Partial<Record<Page, number>> = data
    ? {
      departments: data.departments.length,
      organisations: data.organisations.length,
      users: data.users.length,
      assignments: data.assignments.length,
    }
    : {}
  const link = (one: Page) => (
    <SideLink
      key={one}
      to={`/admin/${one}`}
      icon={icons[one]}
      label={t(names[one] ?? (`admin.${one}` as Key))}
      current={shown === one}
      count={counts[one]}
      testid={`admin-${one}`}
    />
  )
  return (
    <main className={whole ? "shell admin" : "shell admin admin--one"}>
      {whole
        ? (
          <SideNav label={t("admin.title")} shown={shown}>
            {data && !done ? link("steps") : null}
            <h2>{t("admin.structure")}</h2>
            {link("departments")}
            {link("organisations")}
            <h2>{t("admin.access")}</h2>
            {link("users")}
            {link("assignments")}
            {link("roles")}
            {link("sessions")}
            {link("rules")}
            <h2>{t("admin.clocks")}</h2>
            {link("calendar")}
            {link("sla")}
            <h2>{t("admin.documents")}</h2>
            {link("watermark")}
            {link("files")}
          </SideNav>
        )
        : null}
      {!data
        ? (error ? <Failed title={t("admin.failed")} code={error} again={reload} /> : (
          <section className="main">
            <Skeleton rows={8} />
          </section>
        ))
        : shown === "steps"
        ? <Steps data={data} />
        : shown === "departments"
        ? <Departments data={data} reload={reload} />
        : shown === "organisations"
        ? <Organisations data={data} reload={reload} />
        : shown === "users"
        ? <Users data={data} reload={reload} />
        : shown === "calendar" || shown === "sla"
        ? (
          <Boundary
            key={shown}
            renew={shown === "calendar" ? calendar.renew : targets.renew}
            frame={(content) => <section className="main">{content}</section>}
          >
            <Suspense
              fallback={
                <section className="main">
                  <Skeleton rows={8} />
                </section>
              }
            >
              {shown === "calendar" ? <calendar.Part /> : <targets.Part organisations={data.organisations} />}
            </Suspense>
          </Boundary>
        )
        : shown === "watermark"
        ? <WatermarkPage />
        : shown === "files"
        ? <FileSettingsPage />
        : shown === "roles"
        ? <RolesPage data={data} />
        : shown === "sessions"
        ? <SessionsPage />
        : shown === "rules"
        ? <SessionRules />
        : <Assignments data={data} reload={reload} />}
      {whole && data && !done && shown !== "steps" ? <NextStep data={data} page={shown} /> : null}
    </main>
  )
}
