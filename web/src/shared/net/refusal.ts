// What either of the two servers refuses with.
import { ApiError } from "./api.ts"
import { RequestError } from "./socket.ts"

export const isRefusal = (raw: unknown): raw is ApiError | RequestError =>
  raw instanceof ApiError || raw instanceof RequestError
