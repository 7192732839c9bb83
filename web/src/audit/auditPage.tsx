// Oversight for the admin: the action log, and whether everything still is what was written.
import { useEffect, useRef } from "react"
import { Icon } from "../shared/ui/basics.tsx"
import { Link } from "../shared/ui/link.tsx"
import { IntegrityPage } from "./integrityPage.tsx"
import { LogPage } from "./logPage.tsx"
import { useWords } from "./words.ts"

const pages = ["log", "integrity"] as const
const icons = { log: "history", integrity: "shield" }

export default function AuditPage({ page }: { page: string | undefined }) {
  const say = useWords()
  const shown = pages.find((one) => one === page) ?? "log"
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" })
  }, [shown])
  return (
    <main className="shell admin audit">
      <nav ref={nav} className="nav" aria-label={say("title")}>
        <div className="nav__t">{say("title")}</div>
        {pages.map((one) => (
          <Link
            key={one}
            to={`/audit/${one}`}
            aria-current={shown === one ? "page" : undefined}
            testid={`audit-${one}`}
          >
            <Icon name={icons[one]} />
            {say(one)}
          </Link>
        ))}
      </nav>
      {shown === "log" ? <LogPage /> : <IntegrityPage />}
    </main>
  )
}
