// Signing out on the server. Only its answer ends the session: without one the cookie stays, and the page must say so.
import { ApiError, type Session } from "./api.ts"

export type SignedOut = { result: "out" } | { result: "stranger" } | { result: "failed"; code: string }

interface Server {
  signOut(): Promise<unknown>
  session(): Promise<Session>
}

export async function signOut(server: Server, account: number): Promise<SignedOut> {
  try {
    try {
      await server.signOut()
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "csrf") throw error
      // The token is another session's: signed in again from another tab. Asking gives the new one, unless it is another's.
      const found = await server.session()
      if (found.account.id !== account) return { result: "stranger" }
      await server.signOut()
    }
    return { result: "out" }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return error.status === 401 ? { result: "out" } : { result: "failed", code: error.code }
  }
}
