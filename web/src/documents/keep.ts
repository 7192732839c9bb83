// Uploads and their bytes across a reload, in IndexedDB. A browser without it, or without room, loses them with the page:
// then the upload says so and asks for the file again.
import { isRecord } from "../shared/storage.ts"
import { newUpload, restored, type Upload } from "./upload.ts"

const database = "1fin"
const store = "uploads"

export interface Kept {
  account: number
  upload: Upload
  file: Blob
}

function isKept(value: unknown): value is Kept {
  return isRecord(value) && typeof value["account"] === "number" && value["file"] instanceof Blob &&
    isRecord(value["upload"]) && typeof value["upload"]["id"] === "string"
}

/** One request as a promise. */
function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error("IndexedDB failed"))
  })
}

export class Keep {
  private readonly account: number
  private opened: Promise<IDBDatabase | undefined> | undefined
  /** Writes go one after another: what was kept last is what is there. */
  private queue: Promise<unknown> = Promise.resolve()

  constructor(account: number) {
    this.account = account
  }

  private open(): Promise<IDBDatabase | undefined> {
    this.opened ??= new Promise<IDBDatabase | undefined>((resolve) => {
      if (typeof indexedDB === "undefined") return resolve(undefined)
      try {
        const request = indexedDB.open(database, 1)
        request.onupgradeneeded = () => request.result.createObjectStore(store, { keyPath: ["account", "upload.id"] })
        request.onsuccess = () => {
          request.result.onversionchange = () => request.result.close()
          resolve(request.result)
        }
        request.onerror = () => resolve(undefined)
        request.onblocked = () => resolve(undefined)
      } catch {
        // Forbidden, as in some private windows.
        resolve(undefined)
      }
    })
    return this.opened
  }

  private write<T>(work: (objects: IDBObjectStore) => IDBRequest<T>): Promise<boolean> {
    const run = async (): Promise<boolean> => {
      const db = await this.open()
      if (!db) return false
      try {
        await settled(work(db.transaction(store, "readwrite").objectStore(store)))
        return true
      } catch {
        // No room, or closed meanwhile: the upload lives as long as its page does.
        return false
      }
    }
    const done = this.queue.then(run, run)
    this.queue = done
    return done
  }

  /** Whether it will survive a reload. */
  put(upload: Upload, file: Blob): Promise<boolean> {
    const kept: Kept = { account: this.account, upload: newUpload(upload), file }
    return this.write((objects) => objects.put(kept))
  }

  drop(id: string): Promise<boolean> {
    return this.write((objects) => objects.delete([this.account, id]))
  }

  /** What was on its way when the page went; the account's own only. */
  async load(): Promise<Kept[]> {
    const db = await this.open()
    if (!db) return []
    try {
      const range = IDBKeyRange.bound([this.account], [this.account + 1], false, true)
      const found: unknown[] = await settled(db.transaction(store).objectStore(store).getAll(range))
      return found.filter(isKept).map((one) => ({ ...one, upload: restored(one.upload) }))
    } catch {
      return []
    }
  }

  /** Signing out leaves nothing of the account behind. */
  async wipe(): Promise<void> {
    await this.write((objects) => objects.delete(IDBKeyRange.bound([this.account], [this.account + 1], false, true)))
  }
}
