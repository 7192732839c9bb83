// One's own devices: where one is signed in, since when, and how to end what one doesn't know.
import { useCallback } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText, when } from "../chat/words.ts"
import { useAnswer } from "../shared/answer.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError, type Device } from "../shared/net/api.ts"
import { Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import { FailedNote } from "../shared/ui/list.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { endOthers, isLocal } from "./calls.ts"

export function DeviceIcon({ device }: { device: Pick<Device, "kind" | "device"> }) {
  return <Icon name={device.kind === "app" || /Android|iOS/.test(device.device) ? "phone" : "device"} />
}

export function DevicesDialog({ onClose }: { onClose: () => void }) {
  const t = useT()
  const { api, signOut } = useApp()
  const load = useCallback(() => api.devices(), [api])
  const { value: devices, error, reload, set } = useAnswer(load)
  const failed = (cause: unknown) => toast(errorText(t, cause instanceof ApiError ? cause.code : "unknown"), "error")
  const end = (device: Device) => {
    if (device.current) return signOut()
    api.endDevice(device.id).then(() => {
      set((devices ?? []).filter((one) => one.id !== device.id))
      toast(t("profile.deviceEnded"))
    }, failed)
  }
  const now = Date.now()
  const others = devices?.filter((device) => !device.current) ?? []
  return (
    <Dialog
      title={t("profile.devices")}
      onClose={onClose}
      testid="devices-dialog"
      foot={others.length > 1
        ? (
          <button
            type="button"
            className="btn btn--danger"
            data-testid="devices-end-others"
            onClick={() =>
              endOthers(api).then((answer) => {
                toast(t("people.devices.ended", { n: answer.ended }))
                reload()
              }, failed)}
          >
            {t("people.devices.endOthers")}
          </button>
        )
        : undefined}
    >
      <p className="t2">{t("profile.devicesText")}</p>
      {error ? <FailedNote code={error} again={reload} /> : null}
      {!devices && !error ? <Skeleton rows={3} /> : null}
      <ul className="devices">
        {devices?.map((device) => (
          <li key={device.id} className="row" data-testid="device" data-current={device.current || undefined}>
            <DeviceIcon device={device} />
            <span className="grow">
              <b className="m">{device.device || t("profile.unknownDevice")}</b>{" "}
              {device.current ? <span className="tag tag--accent">{t("profile.thisDevice")}</span> : null}
              <span className="s12 t3 block">
                {[
                  device.lastUsedAt ? when(t, Date.parse(device.lastUsedAt), now) : "",
                  device.address,
                  isLocal(device.address) ? t("people.devices.local") : "",
                  device.kind === "app" ? t("people.devices.app") : "",
                ].filter(Boolean).join(" · ")}
              </span>
            </span>
            <button
              type="button"
              className="btn btn--sm"
              data-testid="device-end"
              onClick={() =>
                end(device)}
            >
              {t(device.current ? "profile.signOut" : "profile.endDevice")}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
