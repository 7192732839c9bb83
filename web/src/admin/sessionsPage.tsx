// Everybody's devices: who is signed in, where, since when; and how to end it.
import "../people/words.ts"
import { useCallback, useState } from "react"
import { Confirm } from "../chat/caseDialogs.tsx"
import { useApp } from "../chat/context.tsx"
import { errorText, roleName, when } from "../chat/words.ts"
import { dateTime } from "../shared/i18n/format.ts"
import { useT } from "../shared/i18n/index.tsx"
import { useKept, useListing } from "../shared/list.ts"
import { ApiError } from "../shared/net/api.ts"
import { Avatar, Empty, Icon } from "../shared/ui/basics.tsx"
import { ListView } from "../shared/ui/list.tsx"
import { SearchField, useSearch } from "../shared/ui/search.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { endOthers, everybodysDevices, isLocal, type OwnedDevice } from "../people/calls.ts"
import { DeviceIcon } from "../people/devices.tsx"

export default function SessionsPage() {
  const t = useT()
  const { api, session } = useApp()
  const { typed, setTyped, search } = useSearch()
  const list = useListing<OwnedDevice>(
    useCallback((cursor) => everybodysDevices(api, search, cursor), [api, search]),
  )
  const [ending, setEnding] = useState<OwnedDevice>()
  const kept = useKept(list)
  const failed = useCallback((cause: unknown) => {
    if (!(cause instanceof ApiError)) throw cause
    toast(errorText(t, cause.code), "error")
  }, [t])
  const now = Date.now()
  return (
    <section className="main" data-testid="sessions-page">
      <header className="bar">
        <h1 className="nw grow">{t("people.sessions")}</h1>
        <SearchField label={t("people.sessions.search")} value={typed} onChange={setTyped} testid="sessions-search" />
      </header>
      <ListView
        list={list}
        kept={kept}
        words={{ failed: t("admin.failed"), more: t("people.sessions.more") }}
        empty={<Empty icon="device" title={t("people.sessions.none")} />}
        testid="sessions"
      >
        {(items) => (
          <table className="table table--read">
            <thead>
              <tr>
                <th scope="col">{t("people.sessions.person")}</th>
                <th scope="col">{t("people.sessions.device")}</th>
                <th scope="col">{t("people.sessions.place")}</th>
                <th scope="col">{t("people.sessions.used")}</th>
                <th scope="col">{t("people.sessions.since")}</th>
                <th scope="col">
                  <span className="sr">{t("admin.change")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.device.id} data-testid="session-row">
                  <td>
                    <span className="row">
                      <Avatar id={one.device.account} name={one.name} size={24} />
                      <span className="cut">
                        <b className="m">{one.name}</b>{" "}
                        <span className="t3 s12">{one.roles.map((role) => roleName(t, role)).join(", ")}</span>
                      </span>
                    </span>
                  </td>
                  <td data-label={t("people.sessions.device")}>
                    <span className="row">
                      <DeviceIcon device={one.device} />
                      <span className="cut">{one.device.device || t("profile.unknownDevice")}</span>
                      {one.device.current ? <span className="tag tag--accent">{t("profile.thisDevice")}</span> : null}
                    </span>
                  </td>
                  <td className="num" data-label={t("people.sessions.place")}>
                    {one.device.address || "—"}
                    {isLocal(one.device.address)
                      ? <span className="t3 s12">{` ${t("people.devices.local")}`}</span>
                      : null}
                  </td>
                  <td className="num" data-label={t("people.sessions.used")}>
                    {one.device.lastUsedAt ? when(t, Date.parse(one.device.lastUsedAt), now) : ""}
                  </td>
                  <td className="num" data-label={t("people.sessions.since")}>
                    {one.device.createdAt ? dateTime(Date.parse(one.device.createdAt)) : ""}
                  </td>
                  <td className="r">
                    <span className="ends">
                      {one.device.current ? null : (
                        <button
                          type="button"
                          className="btn btn--sm"
                          data-testid="session-end"
                          onClick={() =>
                            api.endDevice(one.device.id).then(() => {
                              list.change((old) => old.filter((other) => other.device.id !== one.device.id))
                              toast(t("profile.deviceEnded"))
                            }, failed)}
                        >
                          {t("people.sessions.end")}
                        </button>
                      )} {one.device.account === session.account.id ? null : (
                        <button
                          type="button"
                          className="btn btn--sm btn--icon"
                          title={t("people.sessions.endAll", { name: one.name })}
                          aria-label={t("people.sessions.endAll", { name: one.name })}
                          data-testid="session-end-all"
                          onClick={() => setEnding(one)}
                        >
                          <Icon name="signout" size={14} />
                        </button>
                      )}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </ListView>
      {ending
        ? (
          <Confirm
            title={t("people.sessions.endAll", { name: ending.name })}
            effects={[t("people.sessions.endAll.effect", { name: ending.name })]}
            button="people.sessions.end"
            danger
            testid="session-end-dialog"
            run={() => endOthers(api, ending.device.account).then(list.reload)}
            onClose={() => setEnding(undefined)}
          />
        )
        : null}
    </section>
  )
}
