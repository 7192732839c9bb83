// Oversight for the admin: the action log, and whether everything still is what was written.
import { SideLink, SideNav } from "../shared/ui/sideNav.tsx"
import { IntegrityPage } from "./integrityPage.tsx"
import { LogPage } from "./logPage.tsx"
import { useWords } from "./words.ts"

const pages = ["log", "integrity"] as const
const icons = { log: "history", integrity: "shield" }

export default function AuditPage({ page }: { page: string | undefined }) {
  const say = useWords()
  const shown = pages.find((one) => one === page) ?? "log"
  return (
    <main className="shell admin audit">
      <SideNav label={say("title")} shown={shown}>
        {pages.map((one) => (
          <SideLink
            key={one}
            to={`/audit/${one}`}
            icon={icons[one]}
            label={say(one)}
            current={shown === one}
            testid={`audit-${one}`}
          />
        ))}
      </SideNav>
      {shown === "log" ? <LogPage /> : <IntegrityPage />}
    </main>
  )
}
