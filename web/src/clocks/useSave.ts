// How the calendar and the targets save one of their parts.
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import type { Drafts } from "../shared/drafts.ts"
import { useT } from "../shared/i18n/index.tsx"
import { toast } from "../shared/ui/toast.tsx"

/** Saves a part and says so. `body` gets the version that is written over. */
export function useSave<P extends object, A>(form: Drafts<P, A>) {
  const t = useT()
  const { api } = useApp()
  return async <K extends keyof P>(part: K, path: string, body: (version: number | undefined) => object) => {
    const saved = await form.save(
      part,
      (version) => api.call<A>("PUT", path, body(version)),
      (code) => errorText(t, code),
    )
    if (saved) toast(t("admin.saved"))
  }
}
