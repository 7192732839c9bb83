import { createContext, useContext } from "react"
import type { Api, Session } from "../shared/net/api.ts"
import type { Chat } from "./model.ts"

/** What every page of a signed-in account hangs on. */
export interface App {
  api: Api
  chat: Chat
  session: Session
  signOut: () => void
  setSession: (session: Session) => void
}
const Context = createContext<App | undefined>(undefined)
export const AppProvider = Context.Provider

export function useApp(): App {
  const app = useContext(Context)
  if (!app) throw new Error("no app above")
  return app
}
