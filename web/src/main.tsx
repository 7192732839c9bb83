// Where the page starts: who is signed in decides what is shown.
import { StrictMode, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react"
import { createRoot } from "react-dom/client"
import { AppProvider } from "./chat/context.tsx"
import { Chat } from "./chat/model.ts"
import { isLanguage, language, setLanguage, TranslateProvider, translator } from "./shared/i18n/index.tsx"
import { Api, ApiError, type Session } from "./shared/net/api.ts"
import { signOut as endSession } from "./shared/net/signOut.ts"
import { go, segments } from "./shared/router.ts"
import { Empty, ErrorNote, Icon, Logo } from "./shared/ui/basics.tsx"
import { errorText } from "./chat/words.ts"
import { Confirm } from "./chat/caseDialogs.tsx"
import { Boundary, later } from "./shared/ui/boundary.tsx"
import { Dialog } from "./shared/ui/dialog.tsx"
import { Toasts } from "./shared/ui/toast.tsx"
import { Shell } from "./shell.tsx"
import { type Reason, SignIn } from "./signIn.tsx"

const api = new Api()
const socketUrl = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`

const gate = later(() => import("./people/gate.tsx"))
const oneTimeLink = later(() => import("./people/linkPage.tsx"))
const verification = later(() => import("./verify/verifyPage.tsx"))

/** What a stamp's QR code leads to asks nobody who they are. */
function Verification({ token }: { token: string }) {
  return (
    <TranslateProvider value={translator(language.use())}>
      <Suspense fallback={null}>
        <verification.Part api={api} token={token} />
      </Suspense>
    </TranslateProvider>
  )
}

/** Nor does a one-time link, whose secret stands behind the #. */
function OneTimeLink({ token }: { token: string }) {
  return (
    <TranslateProvider value={translator(language.use())}>
      <Suspense fallback={null}>
        <oneTimeLink.Part api={api} token={token} />
      </Suspense>
      <Toasts />
    </TranslateProvider>
  )
}

/** Whether something stands before the work: then there is no socket yet. */
const isGated = (session: Session) => session.owesSecondFactor || session.notices.length > 0

function Root() {
  const t = translator(language.use())
  const [session, setSession] = useState<Session>()
  const [state, setState] = useState<"asking" | "out" | "in" | "unreachable">("asking")
  const [reason, setReason] = useState<Reason>()
  const [leaving, setLeaving] = useState(false)
  // Why signing out failed: one who believes to be signed out leaves the machine to whoever comes next.
  const [stuck, setStuck] = useState<string>()
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
    setStuck(undefined)
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

  // REST says whether the session is over, with which roles it lives, and what stands before the work.
  const renew = useCallback(() => {
    api.session().then(setSession, (error: unknown) => {
      if (error instanceof ApiError && error.status === 401) leave("ended")
    })
  }, [leave])

  const stranger = useCallback(() => {
    setSession(undefined)
    setTurn((old) => old + 1)
    ask()
  }, [ask])

  const account = session?.account.id
  const gated = session !== undefined && isGated(session)
  const memberships = JSON.stringify(session?.memberships)
  const chat = useMemo(() => {
    if (!session || gated) return undefined
    return new Chat(session, socketUrl, {
      ended: () => leave("ended"),
      // A refused upgrade tells a page nothing.
      probe: renew,
      stranger,
      signedOut: () => leave("signedOut"),
    }, api)
  }, [account, memberships, gated, turn, stranger, leave, renew])
  useEffect(() => {
    chatRef.current = chat
    chat?.start()
    return () => chat?.stop()
  }, [chat])
  useEffect(() => {
    api.onSignedOut = () => leave("ended")
    api.onGate = renew
  }, [leave, renew])

  const signOut = useCallback(() => {
    const chat = chatRef.current
    if (!chat) return
    setStuck(undefined)
    void endSession(api, chat.me).then((ended) => {
      // Without the server the cookie stays: say so instead of pretending.
      if (ended.result === "failed") return setStuck(ended.code)
      if (ended.result === "stranger") return stranger()
      chat.signOut()
      go("/")
      leave("signedOut")
    })
  }, [leave, stranger])
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
        : session && gated
        ? (
          <Boundary renew={gate.renew}>
            <Suspense fallback={null}>
              <gate.Part api={api} session={session} onSession={enter} onLeave={() => leave("signedOut")} />
            </Suspense>
          </Boundary>
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
      {stuck === undefined ? null : (
        <Dialog
          title={t("signout.failed")}
          onClose={() => setStuck(undefined)}
          onSubmit={signOut}
          testid="signout-failed"
          foot={
            <>
              <button type="button" className="btn" onClick={() => setStuck(undefined)}>{t("cancel")}</button>
              <button type="submit" className="btn btn--primary" data-testid="signout-retry">{t("retry")}</button>
            </>
          }
        >
          <p className="t2">{t("signout.failed.text")}</p>
          <ErrorNote>{errorText(t, stuck)}</ErrorNote>
        </Dialog>
      )}
      <Toasts />
    </TranslateProvider>
  )
}

document.documentElement.lang = language.value
const at = segments(location.pathname)
const root = document.getElementById("root")
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Boundary>
        {at[0] === "v" && at[1] !== undefined
          ? <Verification token={at[1]} />
          : at[0] === "link" && location.hash.length > 1
          ? <OneTimeLink token={location.hash.slice(1)} />
          : <Root />}
      </Boundary>
    </StrictMode>,
  )
}
