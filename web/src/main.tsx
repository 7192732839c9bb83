// Where the page starts: who is signed in decides what is shown.
import { StrictMode, useCallback, useEffect, useMemo, useRef, useState } from "react"
import { createRoot } from "react-dom/client"
import { AppProvider } from "./chat/context.tsx"
import { Chat } from "./chat/model.ts"
import { isLanguage, language, setLanguage, TranslateProvider, translator } from "./shared/i18n/index.tsx"
import { Api, ApiError, type Session } from "./shared/net/api.ts"
import { go } from "./shared/router.ts"
import { Empty, Icon, Logo } from "./shared/ui/basics.tsx"
import { Confirm } from "./chat/caseDialogs.tsx"
import { Boundary } from "./shared/ui/boundary.tsx"
import { Toasts } from "./shared/ui/toast.tsx"
import { Shell } from "./shell.tsx"
import { type Reason, SignIn } from "./signIn.tsx"

const api = new Api()
const socketUrl = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`

function Root() {
  const t = translator(language.use())
  const [session, setSession] = useState<Session>()
  const [state, setState] = useState<"asking" | "out" | "in" | "unreachable">("asking")
  const [reason, setReason] = useState<Reason>()
  const [leaving, setLeaving] = useState(false)
  // Grows when a chat has found itself in another account's session: even the same account then starts a new one.
  const [turn, setTurn] = useState(0)
  const chatRef = useRef<Chat>()

  const enter = useCallback((next: Session) => {
    setSession(next)
    setReason(undefined)
    setState("in")
  }, [])
  const leave = useCallback((why: Reason) => {
    setSession(undefined)
    setReason(why)
    setState("out")
    api.csrf = ""
  }, [])
  const ask = useCallback(() => {
    setState("asking")
    api.session().then((found) => {
      if (isLanguage(found.account.language)) setLanguage(found.account.language)
      enter(found)
    }, (error: unknown) => {
      if (error instanceof ApiError && error.status === 401) leave(undefined)
      else setState("unreachable")
    })
  }, [enter, leave])
  useEffect(ask, [ask])

  const account = session?.account.id
  const memberships = JSON.stringify(session?.memberships)
  const chat = useMemo(() => {
    if (!session) return undefined
    return new Chat(session, socketUrl, {
      ended: () => leave("ended"),
      // A refused upgrade tells a page nothing; REST says whether the session is over, and with which roles it lives.
      probe: () =>
        void api.session().then(setSession, (error: unknown) => {
          if (error instanceof ApiError && error.status === 401) leave("ended")
        }),
      stranger: () => {
        setSession(undefined)
        setTurn((old) => old + 1)
        ask()
      },
    })
  }, [account, memberships, turn, ask, leave])
  useEffect(() => {
    chatRef.current = chat
    chat?.start()
    return () => chat?.stop()
  }, [chat])
  useEffect(() => {
    api.onSignedOut = () => leave("ended")
  }, [leave])

  const signOut = useCallback(() => {
    const finish = () => {
      const chat = chatRef.current
      chat?.stop()
      chat?.outbox.wipe()
      chat?.memory.wipe()
      go("/")
      leave("signedOut")
    }
    api.signOut().then(finish, (error: unknown) => {
      // Without the server the cookie stays: say so instead of pretending.
      if (error instanceof ApiError && error.status === 401) finish()
      else setLeaving(false)
    })
  }, [leave])
  const askSignOut = useCallback(() => {
    if (chatRef.current?.outbox.items.some((item) => item.state !== "acked")) setLeaving(true)
    else signOut()
  }, [signOut])
  const app = useMemo(
    () => session && chat && { api, chat, session, signOut: askSignOut, setSession },
    [session, chat, askSignOut],
  )
  return (
    <TranslateProvider value={t}>
      {state === "out"
        ? <SignIn api={api} reason={reason} onSession={enter} />
        : state === "unreachable"
        ? (
          <main className="whole">
            <Empty icon="wifioff" kind="warn" title={t("net.unreachable")} text={t("net.unreachable.text")}>
              <button type="button" className="btn" onClick={ask}>
                <Icon name="sync" />
                {t("retry")}
              </button>
            </Empty>
          </main>
        )
        : app
        ? (
          <AppProvider value={app}>
            <Boundary>
              <Shell />
            </Boundary>
          </AppProvider>
        )
        : (
          <main className="whole">
            <Logo />
          </main>
        )}
      {leaving
        ? (
          <Confirm
            title={t("profile.unsent")}
            effects={[t("profile.unsent.effect")]}
            button="profile.signOut"
            danger
            testid="signout-dialog"
            run={() => {
              signOut()
              return undefined
            }}
            onClose={() => setLeaving(false)}
          />
        )
        : null}
      <Toasts />
    </TranslateProvider>
  )
}

document.documentElement.lang = language.value
const root = document.getElementById("root")
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Boundary>
        <Root />
      </Boundary>
    </StrictMode>,
  )
}
